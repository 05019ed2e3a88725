"""The config of a node of type `menu`, as an author writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from chatflow.conversation.words import plain_word
from chatflow.flows.channel_findings import unfit_choices
from chatflow.flows.exits import Exit
from chatflow.flows.fields import LONGEST_LABEL, ExitTarget, Identifier, Label, OptionId, SomeText, Strict, Target
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import OBJECT, PROMPT_EXITS, Behaviour, PromptingConfig, Resources, View
from chatflow.flows.problems import Finding, Path
from chatflow.messages import Choices
from chatflow.messages import Option as Offer

_MOST_OPTIONS = 100  # of the format; what a channel shows is in its profile


class Option(Strict):
    """One thing to choose."""

    id: OptionId = Field(description="The name of the option, and of the exit that it takes.")
    title: Label = Field(description="What the customer reads and taps.", json_schema_extra=hint("template", card=True))
    description: Annotated[str, Field(max_length=LONGEST_LABEL)] = Field(
        default="",
        description="A line below the title, where the channel shows one.",
        json_schema_extra=hint("template"),
    )
    then: ExitTarget | None = Field(
        default=None, description="Where this option leads.", json_schema_extra=hint("node")
    )


class Config(PromptingConfig):
    """Offer options and go where the chosen one leads."""

    declared_exits: ClassVar = (Exit("{id}", each="options", required=True, main=True), *PROMPT_EXITS)

    type: Literal["menu"]
    prompt: SomeText = Field(description="What the customer is asked.", json_schema_extra=hint("text", card=True))
    options: list[Option] = Field(
        description="What can be chosen: as many as the channels of the flow show.",
        min_length=1,
        max_length=_MOST_OPTIONS,
        json_schema_extra=hint(card=True),
    )
    button: Label = Field(
        default="Choose", description="The label that opens the list.", json_schema_extra=hint("template")
    )
    save_as: Identifier | None = Field(
        default=None,
        description="The variable that keeps the choice: its id and its title.",
        json_schema_extra=hint("variable"),
    )

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        chosen = {self.save_as: OBJECT} if self.save_as else {}
        return self.prompting_behaviour(node, {option.id: chosen for option in self.options})

    def exit_targets(self, behaviour: Behaviour) -> Iterator[tuple[Path, str, Target]]:
        own = {option.id for option in self.options if option.then is not None}
        for place, option in enumerate(self.options):
            if option.then is not None:
                yield ("options", place, "then"), option.id, option.then
        for path, exit, target in super().exit_targets(behaviour):
            if path != ("then",) or exit not in own:
                yield path, exit, target

    def exit_path(self, exit: str) -> Path:
        return ("options", [option.id for option in self.options].index(exit), "then")

    def templates(self) -> dict[str, Any]:
        options = [{"title": option.title, "description": option.description} for option in self.options]
        return {"prompt": self.prompt, "options": options, "button": self.button, "reprompt": self.reprompt}

    def check(self, _node: str, view: View) -> Iterable[Finding]:
        yield from _twice("id", [option.id for option in self.options])
        yield from _twice("title", [_form(option.title) for option in self.options])
        taken = {exit.name for exit in PROMPT_EXITS}
        for place, option in enumerate(self.options):
            if option.id in taken:
                yield Finding(("options", place, "id"), f'"{option.id}" is an exit of every menu. Choose another id.')
            if not option.title.strip():
                yield Finding(("options", place, "title"), "Write something here; it is empty.")
        offers = tuple(Offer(option.id, option.title, option.description) for option in self.options)
        questions = {"prompt": self.prompt, "reprompt": self.reprompt}
        yield from unfit_choices(view.channels, questions, Choices("", offers, self.button))

    def compiled(self, resources: Resources) -> dict[str, Any]:
        options = [option.model_dump(exclude={"then"}) for option in self.options]
        return {**super().compiled(resources), "options": options, "save_as": self.save_as or ""}


def _form(title: str) -> str:
    """What a typed title is compared as; a title with a variable in it is not known here."""
    return title.strip().casefold() if "[[" in title else plain_word(title)


def _twice(field: str, values: list[str]) -> Iterator[Finding]:
    """A problem at every repetition: a typed answer could mean either option."""
    counted: Counter[str] = Counter()
    for place, value in enumerate(values):
        counted[value] += 1
        if counted[value] > 1:
            yield Finding(("options", place, field), f'Two options have the {field} "{value}". Change one of them.')
