"""The limits of a turn: its time, its visits, its flows, and how often it may be continued."""

from __future__ import annotations

VISIT_SECONDS = 60  # the longest that one visit may take, retries included
# Of one turn: the slowest visit, and a second for what comes before it. Decision record 0026.
BUDGET_SECONDS = VISIT_SECONDS + 1
# A later visit of a turn gets what is left of the budget, if that is at least this part of its time; else it gets all
# of it in the next turn. Otherwise every second slow visit would cost an event of its own.
LEAST_PART = 5 / 6
LEAST_VISIT_SECONDS = VISIT_SECONDS * LEAST_PART
FLOWS_PER_TURN = 10  # a flow may continue with another; more than this is a loop
VISITS_PER_TURN = 100
# Times that a turn may be continued with the next event: an hour or so in which a flow never waits is a loop.
MAX_CONTINUES = 30
# Waits for time alone without a message of the customer, about a month of a check every quarter of an hour: a loop.
MAX_TIME_WAITS = 3_000
TOO_MANY_TIME_WAITS = "too_many_time_waits"  # likewise
TOO_MANY_CONTINUES = "too_many_continues"  # why a session was ended
