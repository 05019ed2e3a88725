"""What a channel would show otherwise than it is written is one problem, which names the channel and the place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow.channels.message_limits import MessageLimits
from chatflow.flows.validation import check, warnings
from chatflow.media.profiles import MB, Profile
from tests.fakes.flow_folders import FlowFolder
from tests.fakes.stub_channel import stub_channel

# Each limit differs from WhatsApp's, mostly in the other direction than that of the next.
PIGEON = MessageLimits(
    text=200, caption=100, question=150, buttons=12, button_title=30, button_id=10, unit="characters"
)
PARROT = MessageLimits(
    text=5000,
    question=5000,
    rows=5,
    row_title=40,
    row_description=80,
    row_id=64,
    list_button=10,
    unit="bytes",
)
FILES = Profile("pigeon", {"png": MB, "pdf": 100 * MB, "mp3": 1 * MB})


@pytest.fixture(autouse=True)
def _channels(tmp_path: Path) -> Iterator[None]:
    with (
        stub_channel(tmp_path / "one", "pigeon", PIGEON, FILES),
        stub_channel(tmp_path / "two", "parrot", PARROT),
        stub_channel(tmp_path / "three", "letter", MessageLimits(text=100)),
    ):
        yield


def told(folder: FlowFolder, channel: str, nodes: str) -> dict[str, list[str]]:
    """The problems and warnings of a flow of these nodes on a channel."""
    start = nodes.strip().split(":")[0]
    flow = f"chatflow: 1\nflow: other\nstart: {start}\nnodes:\n{nodes}"
    routes = f"chatflow: 1\nroutes: [{{flow: other}}]\nchannels: [{channel}]\n"
    project = folder.project({"other.yaml": flow, "routes.yaml": routes})
    words = {"problems": check(project), "warnings": warnings(project)}
    return {kind: [f"{each.where}: {each.message}" for each in found] for kind, found in words.items()}


def menu(*, count: int = 2, title: str = "T", description: str = "", prompt: str = "Which?", more: str = "") -> str:
    options = "".join(
        f"      - {{id: id_{n}, title: '{title}{n}', description: '{description}'}}\n" for n in range(count)
    )
    return f"  ask:\n    type: menu\n    prompt: '{prompt}'\n{more}    options:\n{options}    then: end\n"


def give(asset: str, caption: str = "") -> str:
    source = f"{{asset: {asset}}}"
    return f"  give: {{type: media, direction: outbound, source: {source}, caption: '{caption}', then: end}}\n"


def get(accept: str) -> str:
    exits = "{received: use, gave_up: end}"
    ask = f"type: media, direction: inbound, prompt: Please, {accept}save_as: file, exits: {exits}"
    use = "type: api_integration, integration: photo-upload, exits: {success: end, failure: end}"
    return f"  get: {{{ask}}}\n  use: {{{use}}}\n"


PROBLEMS = {
    "eleven options": (
        "whatsapp",
        menu(count=11),
        "options: WhatsApp shows at most 10 options in a list, and this question",
    ),
    "eleven options on a channel with more buttons": ("pigeon", menu(count=11), ""),
    "thirteen options": (
        "pigeon",
        menu(count=13),
        "options: Pigeon shows at most 12 options as buttons, and this question",
    ),
    "six options": (
        "parrot",
        menu(count=6),
        "options: Parrot shows at most 5 options in a list, and this question has 6",
    ),
    "a hundred options where options are text": ("letter", menu(count=100), ""),
    "a title of 25 characters": (
        "whatsapp",
        menu(count=1, title="x" * 24),
        "options[0].title: On WhatsApp, the title of",
    ),
    "a title of 24 characters": ("whatsapp", menu(count=1, title="x" * 23), ""),
    "a title of 24 characters, one of them an emoji": (
        "whatsapp",
        menu(count=1, title="😀" + "x" * 22),
        "options[0].title: On WhatsApp, the title of an option has at most 24 characters, and this one has 25, as "
        "WhatsApp counts: the options would be",
    ),
    "that title where an emoji is one character": ("pigeon", menu(count=1, title="😀" + "x" * 22), ""),
    "a title of 31 characters": (
        "pigeon",
        menu(count=1, title="x" * 30),
        "options[0].title: On Pigeon, the title of an",
    ),
    "a title of 41 bytes": (
        "parrot",
        menu(count=1, title="ضض" * 10),
        "options[0].title: On Parrot, the title of an opt",
    ),
    "a title whose value is not known": ("whatsapp", menu(count=1, title="[[contact:name]]" + "x" * 20), ""),
    "a description of 73": (
        "whatsapp",
        menu(count=1, description="x" * 73),
        "options[0].description: On WhatsApp, the",
    ),
    "a description of 72": ("whatsapp", menu(count=1, description="x" * 72), ""),
    "a description where buttons show none": ("pigeon", menu(count=1, description="x" * 72), ""),
    "a description that makes the question too long": (
        "pigeon",
        menu(count=2, description="x" * 73),
        "prompt: On Pigeon, a question with options, together with their descriptions, has at most 150 characters",
    ),
    "an id of 11 characters": (
        "pigeon",
        menu().replace("id_0", "abcdefghijk"),
        "options[0].id: On Pigeon, the id of an",
    ),
    "a question of 1025": (
        "whatsapp",
        menu(prompt="x" * 1025),
        "prompt: On WhatsApp, a question with options has at mos",
    ),
    "a question of 1024": ("whatsapp", menu(prompt="x" * 1024), ""),
    "a question of 1025 on a channel with longer ones": ("parrot", menu(prompt="x" * 1025), ""),
    "a question again of 151": (
        "pigeon",
        menu(more=f"    reprompt: {'x' * 151}\n"),
        "reprompt: On Pigeon, a question wit",
    ),
    "the label of a list": (
        "whatsapp",
        menu(count=4, more=f"    button: {'x' * 21}\n"),
        "button: On WhatsApp, the label",
    ),
    "the label of a list that is never shown": ("whatsapp", menu(more=f"    button: {'x' * 21}\n"), ""),
    "the label of a list on a channel without": ("pigeon", menu(more=f"    button: {'x' * 21}\n"), ""),
    "a caption of 1025": (
        "whatsapp",
        give("picture.png", caption="x" * 1025),
        "caption: On WhatsApp, a caption has at most 1024 characters, and this one has 1025: the rest would be a",
    ),
    "a caption of 101": (
        "pigeon",
        give("picture.png", caption="x" * 101),
        "caption: On Pigeon, a caption has at most 100 characters, and this one has 101: the rest would be a",
    ),
    "a caption below a document on a channel that shows none": (
        "whatsapp",
        give("leaflet.pdf", caption="Look"),
        "caption: WhatsApp shows no caption below a document. Take it out, or say it in a text node.",
    ),
    "a caption below a document on a channel that shows it": ("telegram", give("leaflet.pdf", caption="Look"), ""),
    "a file that the channel does not take": (
        "whatsapp",
        give("model.usdz"),
        'source.asset: "model.usdz" cannot be sent on WhatsApp. USDZ files are not taken. Use another format.',
    ),
    "that file on a channel that takes it": (
        "parrot",
        give("model.usdz"),
        "",
    ),
    "a kind of file that the channel cannot bring": (
        "pigeon",
        get("accept: [video], "),
        "accept: Pigeon brings no video files of a customer. Accept another kind too.",
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_a_channel_would_not_show_as_written_is_one_problem(folder: FlowFolder, case: str) -> None:
    channel, nodes, problem = PROBLEMS[case]
    if "integration" in nodes:
        folder.project({"integrations/photo-upload.yaml": UPLOAD})
    problems = told(folder, channel, nodes)["problems"]
    node = nodes.strip().split(":")[0]
    assert [each[: len(problem) + len(node) + 3] for each in problems] == ([f"{node} > {problem}"] if problem else [])


UPLOAD = """\
integration: photo-upload
method: POST
url: https://example.com/upload
request: {content_type: multipart/form-data, parts: [{name: file, file: "[[file]]"}]}
response: {content_type: application/json}
"""
SAY = "  hi: {{type: text, say: '{text}', then: end}}\n"
WARNINGS = {
    "a text that is sent as two": (
        "pigeon",
        SAY.format(text="word " * 60),
        "hi > say: On Pigeon, a text has at most 200 characters, and this one has 299: it is sent as 2 messages.",
    ),
    "a text that is sent as one": ("pigeon", SAY.format(text="x" * 200), ""),
    "words about missing files that are sent as two": (
        "letter",
        get(f"many: {{min: 1, missing: '{'word ' * 30}'}}, ").replace("photo-upload", "photo-upload, each: true"),
        "get > many.missing: On Letter, a text has at most 100 characters, and this one has 149: "
        "it is sent as 2 messages.",
    ),
    "a prompt that is sent as two": (
        "letter",
        f"  ask: {{type: input, prompt: '{'word ' * 30}', save_as: a, then: end}}\n",
        "ask > prompt: On Letter, a text has at most 100 characters, and this one has 149: it is sent as 2 messages.",
    ),
    "a caption on a channel without captions": (
        "letter",
        give("picture.png", caption="Look"),
        "give > caption: Letter shows no captions: this one is sent as a text of its own.",
    ),
    "one kind of file that the channel cannot bring": (
        "pigeon",
        get("accept: [image, video], "),
        "get > accept: Pigeon brings no video files of a customer: others can be sent there.",
    ),
    "any kind of file": ("pigeon", get(""), ""),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_a_channel_shows_in_pieces_is_a_warning(folder: FlowFolder, case: str) -> None:
    channel, nodes, warning = WARNINGS[case]
    if "integration" in nodes:
        folder.project({"integrations/photo-upload.yaml": UPLOAD})
    assert told(folder, channel, nodes) == {"problems": [], "warnings": [warning] if warning else []}


def test_each_channel_that_does_not_fit_is_named(folder: FlowFolder) -> None:
    problems = told(folder, "whatsapp, pigeon, parrot, letter", menu(count=13))["problems"]
    assert [each.removeprefix("ask > options: ").split(" shows")[0] for each in problems] == [
        "Parrot",
        "Pigeon",
        "WhatsApp",
    ]


def test_everything_that_does_not_fit_is_told_at_once(folder: FlowFolder) -> None:
    nodes = menu(count=11, title="x" * 24, prompt="x" * 1025, more=f"    button: {'x' * 21}\n")
    places = {each.split(":")[0] for each in told(folder, "whatsapp", nodes)["problems"]}
    titles = {f"ask > options[{number}].title" for number in range(11)}
    assert places == titles | {"ask > options", "ask > prompt", "ask > button"}
