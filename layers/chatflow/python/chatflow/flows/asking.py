"""What every node that asks its customer something has in common (see `chatflow.nodes.prompts` for how it asks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from chatflow.flows.fields import LONGEST_SESSION, Duration, OptionalText
from chatflow.flows.nodes import Behaviour, NodeConfig

OWN_EXITS = ("gave_up", "timeout", "failed")
_NO_TIME = (
    "This exit is never taken, because the node has no time of its own. Write timeout: 5m, or say under session: "
    "{on_timeout: ...} where to go when the whole session times out."
)


class Asking(NodeConfig):
    """A node that asks and waits."""

    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="How often the customer is asked at most."
    )
    reprompt: OptionalText = Field(
        default="", description="What is said when the answer does not fit; empty repeats the prompt."
    )
    timeout: Annotated[float, Duration(10, LONGEST_SESSION, or_none=True)] = Field(
        default=0, description="How long this node waits before the exit timeout; 0 waits as long as the session lasts."
    )

    def asks(self, answers: Mapping[str, Mapping[str, str]], *, for_file: bool = False) -> Behaviour:
        """The behaviour of a node with these exits for answers, each with the variables that it sets."""
        return Behaviour(
            exits=(*answers, *OWN_EXITS),
            required=tuple(answers),
            main=tuple(answers),
            setbacks=frozenset(OWN_EXITS),
            never={} if self.timeout or "timeout" in answers else {"timeout": _NO_TIME},
            waits=True,
            seconds=60 if for_file else 20,
            sets=answers,
            handles_files=for_file,
        )
