"""Messages whose failure a flow wants to know: a node with the exit `undelivered` leaves by it, also later. Pure.

A channel accepts a message and may report long afterwards that it was not delivered. A node that waits for the answer
to that message then leaves by the exit, if the customer has not written since. A node that went on at once, such as one
that sends a file, takes the exit from wherever the session waits by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from chatflow.conversation.events import Event
from chatflow.conversation.session import Session

UNDELIVERED: Final = "undelivered"  # the exit; a compiled node has its target under this name, beside `exits`
# How often the exit is taken before the customer writes again: a flow that asks again each time would never end.
MOST_TAKEN: Final = 3
_MOST_NODES, _MOST_IDS = 10, 20  # that a session remembers; it is one item of a table

Watched = dict[str, Any]  # node, to (the target of the exit), waits, ids (of the messages that the node sent)


def watch(session: Session, nodes: Mapping[str, Mapping[str, Any]], trail: Iterable[Mapping[str, Any]]) -> Session:
    """The session after a run of `nodes` whose visits are `trail`: it remembers the messages of nodes with the exit.

    A node that waits is remembered with the messages of the last visit that sent any, since an earlier question was
    answered. A run that sent an owed message knows no nodes: its message belongs to the visit that owed it.
    """
    watched: dict[str, Watched] = {each["node"]: each for each in session.watched}
    for visit in trail:
        name = str(visit.get("node", ""))
        node, known = nodes.get(name, {}), watched.pop(name, None)
        sent = [str(id) for effect in visit.get("effects", ()) for id in effect.get("messages", ())]
        if UNDELIVERED in node:
            earlier = known["ids"] if known and not (node["waits"] and sent) else []
            known = {"node": name, "to": node[UNDELIVERED], "waits": node["waits"], "ids": earlier}
        if known is None:
            continue
        watched[name] = {**known, "ids": [*known["ids"], *sent][-_MOST_IDS:]}
    return replace(session, watched=tuple(watched.values())[-_MOST_NODES:])


def watched_by(session: Session | None, event: Event) -> Watched | None:
    """The node that wants to know of this failed delivery and can still leave by its exit; None for no node."""
    if session is None or not session.running or session.undelivered >= MOST_TAKEN:
        return None
    found = next((each for each in session.watched if event["message_id"] in each["ids"]), None)
    if found is None or not found["waits"]:
        return found
    waiting = session.waiting
    asks = waiting is not None and session.node == found["node"] and waiting.for_the_customer
    answered = int(event.get("at", 0)) < session.last_message_at
    return found if asks and not answered else None


def leave(session: Session, watched: Watched, event: Event) -> tuple[Session, str]:
    """The session when it leaves by the exit, and the flow to start next, "" for none.

    The reason is in the variable `<node>_failure`. The node is no longer watched.
    """
    node, target = watched["node"], watched["to"]
    failure = {"reason": event.get("reason") or "unknown", "code": event.get("code", 0)}
    session = replace(
        session,
        state="continuing",
        waiting=None,
        variables={**session.variables, f"{node}_failure": failure},
        undelivered=session.undelivered + 1,
        watched=tuple(each for each in session.watched if each["node"] != node),
    )
    if isinstance(target, dict):
        return session, str(target["flow"])
    if target == "end":  # the turn ends the session
        return session, ""
    return replace(session, slice=target, node=target), ""  # the target of such an exit has a slice of its own
