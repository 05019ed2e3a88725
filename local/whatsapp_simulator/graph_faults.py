"""The form of injected faults in the Graph API."""

from __future__ import annotations

from dataclasses import dataclass

from local.simulator.faults import REASON, Fault
from local.whatsapp_simulator.graph_errors import TITLES, GraphError

MEDIA_OPERATIONS = ("upload", "lookup", "download")
OPERATIONS = ("send", *MEDIA_OPERATIONS, "number")


@dataclass
class GraphFault(Fault):
    """A fault that is shown as an error of Meta's, with this code."""

    code: int = 131016
    details: str = REASON

    def error(self) -> GraphError:
        title = TITLES.get(self.code, "Service unavailable")
        return GraphError(self.code, self.details, status=self.status, message=f"(#{self.code}) {title}")
