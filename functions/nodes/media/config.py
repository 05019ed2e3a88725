"""The config of a node of type `media`, inbound and outbound, as an author writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.asset_files import refusal
from chatflow.flows.channel_findings import (
    captions_of_documents,
    long_captions,
    long_texts,
    lost_captions,
    lost_names,
    missing_kinds,
    unreceived_kinds,
    unshown_captions,
)
from chatflow.flows.exits import NOT_DELIVERED, Exit
from chatflow.flows.fields import (
    END,
    AssetName,
    Duration,
    Identifier,
    OptionalText,
    SomeText,
    Strict,
    ToFlow,
    exactly_one,
)
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import (
    DOWNLOADED,
    NUMBER,
    OBJECT,
    PROMPT_EXITS,
    RECEIVED,
    UNKNOWN,
    Behaviour,
    NodeConfig,
    PromptingConfig,
    Resources,
    View,
    file_list,
    list_size,
)
from chatflow.flows.problems import Finding, suggestion
from chatflow.flows.template_references import single_variable
from chatflow.media.reference import MOST_FILES

Kind = Literal["image", "document", "audio", "video"]
_UNSAFE = "unsafe"  # a malware scanner found something, or did not scan the file in time
Filename = Annotated[str, Field(max_length=240)]


class Many(Strict):
    """How many files a node takes, and when it goes on."""

    min: Annotated[int, Field(ge=1, le=MOST_FILES)] = Field(default=1, description="How many files are needed.")
    max: Annotated[int, Field(ge=1, le=MOST_FILES)] = Field(
        default=10, description="How many files are taken; with the last one, the flow goes on at once."
    )
    quiet: Annotated[float, Duration(1, 60)] = Field(
        default=3,
        description="How long no further file must come before the flow goes on, such as 5s.",
        json_schema_extra=hint("duration"),
    )
    missing: OptionalText = Field(
        default="", description="What is added when files are missing.", json_schema_extra=hint("text")
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"{self.min} files are needed, and {self.max} are taken. Write a greater max.")
        return self


class Inbound(PromptingConfig):
    """Ask the customer for one file, or for several at once."""

    declared_exits: ClassVar = (
        Exit("received", required=True, main=True),
        *PROMPT_EXITS,
        Exit(_UNSAFE, setback=True),
    )

    type: Literal["media"]
    direction: Literal["inbound"] = Field(description="inbound: the customer sends. outbound: we send.")
    prompt: SomeText = Field(description="What the customer is asked.", json_schema_extra=hint("text", card=True))
    accept: list[Kind] = Field(
        default=["image", "document", "audio", "video"],
        description="The kinds of file that are taken.",
        min_length=1,
        json_schema_extra=hint("kinds", card=True),
    )
    active_content: Literal["refuse", "accept"] = Field(
        default="refuse",
        description="Whether Office files are taken that load or start something when they are opened: remote "
        "templates, DDE, controls, embedded programs. Macros are never taken.",
    )
    save_as: Identifier = Field(
        description="The variable that holds the file; with many, the list of files.",
        json_schema_extra=hint("variable", card=True),
    )
    many: Many | None = Field(
        default=None,
        description="Takes several files, such as an album, as a list; empty takes one file.",
        json_schema_extra=hint(card=True),
    )
    already_sent: OptionalText = Field(
        default="If you have sent it already, there is nothing more to do: I am looking at it.",
        description="What is added to the question when it directly follows another file, as within an album.",
        json_schema_extra=hint("text"),
    )

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        return self.prompting_behaviour(
            node,
            {"received": self._received},
            seconds=60,
            follows={_UNSAFE: "gave_up"},
            sets={_UNSAFE: {f"{node}_failure": OBJECT}},
            handles_files=True,
        )

    @property
    def _received(self) -> dict[str, str]:
        if self.many is None:
            return {self.save_as: RECEIVED}
        return {self.save_as: file_list(self.many.max), f"{self.save_as}_count": NUMBER}

    def check(self, node: str, view: View) -> Iterable[Finding]:
        if len(set(self.accept)) < len(self.accept):
            yield Finding(("accept",), "A kind stands here twice. Keep one of each.")
        if self.active_content == "accept" and "document" not in self.accept:
            yield Finding(("active_content",), "Only documents hold active content. Take it out, or accept documents.")
        if ways := _ways_without_upload(node, self.save_as, view):
            yield Finding(
                ("exits", "received"),
                f"A file that was received must be uploaded: the next API Integration has to be one that uploads "
                f"[[{self.save_as}]] as multipart/form-data. It is not so where {' and where '.join(ways)}.",
            )

        yield from missing_kinds(view.channels, ("accept",), self.accept)

    def warnings(self, _node: str, view: View) -> Iterable[Finding]:
        """Kinds that the author did not write are those that the channel brings."""
        texts = {"prompt": self.prompt, "reprompt": self.reprompt, "already_sent": self.already_sent}
        yield from long_texts(view.channels, texts)
        for finding in long_texts(view.channels, {"missing": self.many.missing} if self.many else {}):
            yield Finding(("many", *finding.path), finding.message)
        if "accept" in self.model_fields_set:
            yield from unreceived_kinds(view.channels, ("accept",), self.accept)

    def compiled(self, resources: Resources) -> dict[str, Any]:
        """An author who writes the exit `unsafe` wants it taken at once, instead of a request for another file.

        `active_content` is compiled only where it is accepted, and `many` only where it is written, so that other flows
        stay as they were.
        """
        config = {**super().compiled(resources), "unsafe_exit": _UNSAFE in self.exits}
        if self.active_content == "refuse":
            config.pop("active_content", None)
        if self.many is None:
            config.pop("many", None)
        return config


class Source(Strict):
    """Where the file comes from: the asset library, or a variable."""

    model_config = exactly_one(("asset",), ("media",))

    asset: AssetName | None = Field(
        default=None, description="A file of the asset library.", json_schema_extra=hint("asset", card=True)
    )
    media: str | None = Field(
        default=None,
        description='A file that an API Integration downloaded, such as "[[report]]".',
        json_schema_extra=hint("file", card=True),
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.asset is None) == (self.media is None):
            raise ValueError('Write one of {asset: name of a file} and {media: "[[variable]]"}.')
        return self


class Outbound(NodeConfig):
    """Send the customer one file, then go on at once."""

    declared_exits: ClassVar = (Exit("sent", required=True, main=True), Exit("failed", setback=True), NOT_DELIVERED)

    type: Literal["media"]
    direction: Literal["outbound"] = Field(description="inbound: the customer sends. outbound: we send.")
    source: Source = Field(description="Where the file comes from.", json_schema_extra=hint(card=True))
    caption: OptionalText = Field(
        default="",
        description="The text below the file, for kinds that the channel shows with one.",
        json_schema_extra=hint("text", card=True),
    )
    filename: Filename = Field(
        default="",
        description="What the file is called, for kinds that the channel shows with a name; empty keeps its own.",
        json_schema_extra=hint("template", card=True),
    )

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour(
            seconds=60,
            sets={exit: {f"{node}_failure": OBJECT} for exit in ("failed", UNDELIVERED)},
            handles_files=True,
            assets=(self.source.asset,) if self.source.asset else (),
        )

    def templates(self) -> dict[str, Any]:
        return {"caption": self.caption, "filename": self.filename}

    def check(self, node: str, view: View) -> Iterable[Finding]:
        if self.source.asset is not None:
            yield from self._asset_findings(self.source.asset, view)
        else:
            yield from _media_findings(node, self.source.media or "", view)
        yield from long_captions(view.channels, ("caption",), self.caption, self._kind(view))

    def warnings(self, _node: str, view: View) -> Iterable[Finding]:
        """A name says that a document is expected: what an API will answer with is not known before."""
        if self.source.media is not None and self.caption and self.filename:
            yield from captions_of_documents(view.channels, ("caption",))
        if self.caption:
            yield from unshown_captions(view.channels, ("caption",), self._kind(view))

    def _kind(self, view: View) -> str:
        """The kind of the file, "" where it is not known: what an API downloads may be of any kind."""
        asset = view.resources.assets.get(self.source.asset or "")
        return asset.kind if asset else ""

    def compiled(self, resources: Resources) -> dict[str, Any]:
        return {**super().compiled(resources), "source": self.source.model_dump(exclude_none=True)}

    def _asset_findings(self, name: str, view: View) -> Iterator[Finding]:
        assets = view.resources.assets
        if name not in assets:
            hint = suggestion(name, assets, "Add the file to the folder assets.")
            yield Finding(("source", "asset"), f'There is no asset "{name}".{hint}', "unknown-asset", name)
            return
        asset = assets[name]
        for channel in view.channels.values():
            if refused := refusal(asset, channel.files):
                yield Finding(("source", "asset"), f'"{name}" cannot be sent on {channel.title}. {refused}')
        if self.caption:
            yield from lost_captions(view.channels, ("caption",), asset.kind)
        if self.filename and asset.kind:
            yield from lost_names(view.channels, ("filename",), asset.kind)


Config = Annotated[Inbound | Outbound, Field(discriminator="direction")]


def _media_findings(node: str, media: str, view: View) -> Iterator[Finding]:
    variable = single_variable(media)
    if not variable:
        yield Finding(("source", "media"), 'Write one whole variable, such as "[[report]]".')
    elif any(list_size(kind) for kind in view.holds(node, variable)):
        message = f"[[{variable}]] is a list of files, and one message holds one. Send a file that an API downloaded."
        yield Finding(("source", "media"), message)
    elif not view.holds(node, variable) & {DOWNLOADED, UNKNOWN}:
        yield Finding(
            ("source", "media"),
            f"No API Integration before this node downloads [[{variable}]]. Put one before it, with "
            f"save_as: {variable}, whose integration has response: {{content_type: file}}.",
        )


def _ways_without_upload(node: str, variable: str, view: View) -> list[str]:
    """Each way on from `received` on which something else happens before the file is uploaded.

    Nodes that neither call the business's API nor handle files may stand between; their setbacks (`gave_up`,
    `timeout`, ...) and a way back to the node, to ask for the file again, are nobody's mistake.
    """
    ways: list[str] = []
    uploaded = False
    seen = {node}
    ahead = [(node, "received")]
    while ahead:
        place, exit = ahead.pop(0)
        target = view.target(place, exit)
        if isinstance(target, ToFlow):
            ways.append(f'"{place}" goes on with the flow "{target.flow}"')
            continue
        behaviour = view.behaviour(target)
        if target == END:
            ways.append(f'"{place}" leads to the end')
        elif behaviour.unknown or variable in behaviour.uploads:
            uploaded = True
        elif target in seen:
            continue
        elif behaviour.integrations or behaviour.handles_files:
            ways.append(f'"{target}" comes first')
        elif any(variable in sets for sets in behaviour.sets.values()):
            ways.append(f'"{target}" overwrites the variable')
        else:
            seen.add(target)
            ahead += [(target, each) for each in behaviour.exits if each not in behaviour.setbacks]
    if not ways and not uploaded:
        ways.append(f'"{node}" only leads back to itself')
    return list(dict.fromkeys(ways))
