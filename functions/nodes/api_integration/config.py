"""The config of a node of type `api_integration`, as an author writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from chatflow.flows.exits import Exit
from chatflow.flows.fields import LONGEST_SESSION, STATUS, Duration, Identifier, Name, OptionalText, duration
from chatflow.flows.form_hints import hint
from chatflow.flows.integrations import FILE, HTTP_RESPONSE_CODE, MULTIPART, Integration
from chatflow.flows.node_config import (
    DOWNLOADED,
    LIST,
    OBJECT,
    UNKNOWN,
    VALUE,
    Behaviour,
    NodeConfig,
    Resources,
    View,
    is_of_files,
    list_size,
)
from chatflow.flows.problems import Finding, Path, suggestion
from chatflow.flows.template_references import single_variable
from chatflow.integrations.holding import longest_hold
from chatflow.media.retention import kept_until

_FIXED_EXITS = ("success", "failure")
_SHORTEST_HOLD = 10  # seconds
_LONGEST_VISIT = 60  # seconds; a list that needs longer is gone through in several visits


class Config(NodeConfig):
    """Call the business's API, and go where its answer leads."""

    declared_exits: ClassVar = (
        Exit("{key}", each="exits"),
        Exit("success", required=True),
        Exit("failure", required=True, setback=True),
    )

    type: Literal["api_integration"]
    integration: Name = Field(
        description="The integration to call.",
        json_schema_extra=hint("integration", card=True),
    )
    parameters: dict[str, Any] = Field(
        default={},
        description="What the integration needs, by its own names.",
        json_schema_extra=hint("parameters", card=True),
    )
    save_as: Identifier | None = Field(
        default=None,
        description="The variable that keeps the answer; without it, the answer's own fields become variables.",
        json_schema_extra=hint("variable"),
    )
    each: bool = Field(
        default=False,
        description="Makes one call for each file of a list, instead of one call with all of them.",
    )
    on_outage: Literal["hold", "fail"] | None = Field(
        default=None,
        description="What happens when the API cannot be reached, answers 5xx or 429, or takes too long: `hold` lets "
        "the session wait and tries again, `fail` takes the exit failure. Empty holds a call that uploads a file.",
    )
    hold_for: Annotated[float, Duration(_SHORTEST_HOLD, LONGEST_SESSION)] | None = Field(
        default=None,
        description="How long a call is held before the exit failure, such as 2h; empty holds it until an hour before "
        "the channel's window ends, or for 23h without one. It never outlasts the files that are uploaded.",
        json_schema_extra=hint("duration"),
    )
    holding: OptionalText = Field(
        default="",
        description="What the customer is told, once, when the call is held; empty says nothing.",
        json_schema_extra=hint("text"),
    )

    def behaviour(self, node: str, resources: Resources) -> Behaviour:
        declared = self.declared_behaviour()
        integration = resources.probable_integration(self.integration)
        exits = declared.exits
        if integration is None:
            sets = {f"{self.save_as or node}_response": OBJECT, self.save_as or UNKNOWN: UNKNOWN}
            return replace(declared, sets=dict.fromkeys(exits, sets), unknown=True)
        if integration.response.element_validation == HTTP_RESPONSE_CODE and self.integration in resources.integrations:
            exits = tuple(exit for exit in exits if exit in _FIXED_EXITS or re.fullmatch(STATUS, exit))
        return replace(
            declared,
            exits=exits,
            seconds=_LONGEST_VISIT if self.each else integration.seconds,
            sets={exit: self._sets(node, exit, integration) for exit in exits},
            uploads=self._uploads(integration) - {""},
            integrations=(self.integration,),
        )

    def check(self, node: str, view: View) -> Iterable[Finding]:
        known = view.resources.integrations
        if self.integration not in known:
            hint = suggestion(self.integration, known, "Add it to the folder integrations.")
            message = f'There is no integration "{self.integration}".{hint}'
            yield Finding(("integration",), message, "unknown-integration", self.integration)
        integration = known.get(self.integration)
        if integration is None:
            return
        if integration.response.content_type == FILE and not self.save_as:
            yield Finding(("save_as",), '"save_as" is missing: it names the variable that holds the downloaded file.')
        for name in self.parameters:
            if name not in integration.parameters and not integration.incomplete:
                hint = suggestion(name, integration.parameters, "It needs no parameters.")
                yield Finding(("parameters", name), f'"{self.integration}" has no parameter "{name}".{hint}')
        for name in sorted(integration.parameters):
            if name not in self.parameters and not view.holds(node, name):
                message = f'"{self.integration}" needs [[{name}]]. Give it: parameters: {{{name}: ...}}.'
                yield Finding(("parameters", name), message, "parameter-missing", name)
            else:
                yield from self._file_findings(node, name, integration, view)
        yield from self._hold_findings(integration, view)
        yield from self._each_findings(integration)

    def compiled(self, resources: Resources) -> dict[str, Any]:
        integration = resources.integrations[self.integration]
        assert integration is not None, "published only when nothing is wrong"  # noqa: S101
        return {
            "integration": integration.compiled(resources.deployment.filled(integration.url)),
            "parameters": self.parameters,
            "save_as": self.save_as or "",
            "values": [exit for exit in self.exits if exit not in _FIXED_EXITS],
            **(
                {"each": self._given(name)}
                if self.each and (name := min(integration.file_parameters, default=""))
                else {}
            ),
            # 0 seconds: as long as the channel allows.
            **({"hold": {"seconds": int(self.hold_for or 0), "say": self.holding}} if self._holds(integration) else {}),
        }

    def _holds(self, integration: Integration) -> bool:
        return self.on_outage == "hold" or (self.on_outage is None and bool(integration.file_parameters))

    def _hold_findings(self, integration: Integration, view: View) -> Iterable[Finding]:
        """Fields about holding that mean nothing, and a hold after which the customer could not be told anything."""
        if not self._holds(integration) and not integration.incomplete:
            for name in ("hold_for", "holding"):
                if getattr(self, name):
                    message = f'"{name}" means nothing, because this call is not held. Write on_outage: hold.'
                    yield Finding((name,), message)
        wish = int(self.hold_for or 0)
        for channel in view.channels.values():
            if wish > (longest := longest_hold(wish, 0, window=channel.window)):
                message = (
                    f"A business may write on {channel.title} for {duration(channel.window)} after its customer's last "
                    f"message, and a call is held until an hour before: write {duration(longest)} at most."
                )
                yield Finding(("hold_for",), message)
        kept = kept_until(view.retention_days, 0) if integration.file_parameters else 0
        if wish > (longest := longest_hold(wish, 0, kept_until=[kept])):
            message = (
                f"The files of this flow may be deleted {duration(kept)} after they were stored (retention_days), and "
                f"a call is held until an hour before: write {duration(longest)} at most, or keep them longer."
            )
            yield Finding(("hold_for",), message)

    def _each_findings(self, integration: Integration) -> Iterable[Finding]:
        if not self.each or integration.incomplete:
            return
        if len(integration.file_parameters) != 1:
            found = f"{len(integration.file_parameters)} of them" if integration.file_parameters else "none"
            message = (
                f'One call for each file needs one parameter that is uploaded, and "{self.integration}" has {found}.'
            )
            yield Finding(("each",), message)
        if integration.response.content_type == FILE:
            yield Finding(("each",), "An integration that downloads a file is called once. Leave each out.")

    def _given(self, parameter: str) -> str:
        """The variable for a parameter; a parameter that is not written takes the variable of the same name."""
        return single_variable(self.parameters.get(parameter, f"[[{parameter}]]"))

    def _uploads(self, integration: Integration) -> frozenset[str]:
        maybe = self.parameters if integration.incomplete else ()
        return frozenset(self._given(name) for name in (*integration.file_parameters, *maybe))

    def _sets(self, node: str, exit: str, integration: Integration) -> dict[str, str]:
        sets = {f"{self.save_as or node}_response": OBJECT}
        if integration.response.content_type == FILE:
            downloaded = exit == "success" or exit.startswith("2")  # an error's body is no file
            return sets | ({self.save_as: DOWNLOADED if downloaded else VALUE} if self.save_as else {})
        if self.each:  # the answers are a list
            return sets | ({self.save_as: LIST} if self.save_as else {})
        return sets | {self.save_as or UNKNOWN: VALUE}

    def _file_findings(self, node: str, name: str, integration: Integration, view: View) -> Iterable[Finding]:
        variable, path = self._given(name), ("parameters", name)
        holds = view.holds(node, variable) if variable else frozenset()
        if name in integration.file_parameters:
            if not variable:
                yield Finding(path, 'This is uploaded as a file: write one whole variable, such as "[[photo]]".')
            elif holds and not any(is_of_files(kind) or kind == UNKNOWN for kind in holds):
                files = "a Media node (inbound) or an API Integration with response: {content_type: file}"
                yield Finding(path, f"[[{variable}]] is never a file here. A file comes from {files}.")
            elif not self.each:
                yield from self._list_findings(path, variable, max(map(list_size, holds), default=0), name, integration)
        elif holds and all(map(is_of_files, holds)) and name in integration.parameters:
            yield Finding(
                path,
                f'[[{variable}]] is a file, but "{integration.integration}" does not upload it. In the integration, '
                f'write request: {{content_type: {MULTIPART}, parts: [{{name: file, file: "[[{name}]]"}}]}}.',
            )

    def _list_findings(
        self, path: Path, variable: str, most: int, name: str, integration: Integration
    ) -> Iterable[Finding]:
        """A list that is longer than what the API takes in a call."""
        taken = integration.files_taken(name)
        if most <= taken:
            return
        takes = f"takes {taken} in a call" if taken else "takes no list"
        ask_for_fewer = f", or ask for fewer (many: {{max: {taken}}})" if taken else ""
        yield Finding(
            path,
            f'[[{variable}]] may hold {most} files, and "{integration.integration}" {takes}. If the API takes so many, '
            f"write files: {most} at the part of the integration; else write each: true here, for one call for each "
            f"file{ask_for_fewer}.",
        )
