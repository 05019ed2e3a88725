"""The conversations of the demo: the customer's actions, the expected replies, and the hashes of moved files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.business_api.client import Business, sha256
from local.simulator.phone import ChatMessage, Phone


@dataclass(frozen=True)
class Transfer:
    """One file that went through, and its hash on both ends. `direction`: "in" to the API, "out" to the customer."""

    direction: str
    name: str
    kind: str
    size: int
    sent_sha256: str
    received_sha256: str

    @property
    def intact(self) -> bool:
        return self.sent_sha256 == self.received_sha256


@dataclass
class ConversationContext:
    """The participants of a conversation, the files that they use, and the transfers recorded so far."""

    phone: Phone
    business: Business
    samples: Path  # folder of files that the customer sends
    assets: Path  # folder of the flows' assets
    transfers: list[Transfer] = field(default_factory=list)

    def sample(self, name: str) -> Path:
        return self.samples / name

    def record_uploads(self, files: list[Path], kind: str) -> None:
        """Record the newest uploads of the business API, which must be these files in this order."""
        uploads = list(reversed(self.business.uploads()[: len(files)]))
        require(len(uploads) == len(files), f"the business holds {len(uploads)} files, not {len(files)}")
        for file, upload in zip(files, uploads, strict=True):
            digest = sha256(file.read_bytes())
            self.transfers.append(Transfer("in", upload["filename"], kind, upload["size"], digest, upload["sha256"]))

    def record_download(self, message: ChatMessage, sent_sha256: str) -> None:
        """Record the file of a message that the customer received, whose source has this hash."""
        data = self.phone.download(message)
        name = message["filename"] or message["caption"] or "(no name)"
        self.transfers.append(Transfer("out", name, message["type"], len(data), sent_sha256, sha256(data)))

    def asset_hash(self, name: str) -> str:
        return sha256((self.assets / name).read_bytes())

    def document_hash(self, name: str) -> str:
        """The hash of a document that the business API serves."""
        return self.business.document_hash(name)


def one_file(
    sample: str, kind: str, *, voice: bool = False, caption: str = ""
) -> Callable[[ConversationContext], None]:
    """One file in, with one kind of file."""

    def play(context: ConversationContext) -> None:
        context.phone.say("file")
        expect(context.phone.receive(), "Send me one file")
        context.phone.send(context.sample(sample), kind=kind, voice=voice, caption=caption)
        expect(context.phone.receive(), "has arrived")
        context.record_uploads([context.sample(sample)], kind)

    return play


def album_of_three(context: ConversationContext) -> None:
    """Three files in, with the three files in one album."""
    photos = [context.sample(f"photo-{number}.jpg") for number in (1, 2, 3)]
    context.phone.say("files")
    expect(context.phone.receive(), "first of three")
    context.phone.send(*photos, kind="image")
    replies = context.phone.receive(3)
    expect(replies[-1:], "all three have arrived")
    uploads = {upload["sha256"] for upload in context.business.uploads()}
    require(uploads == {sha256(photo.read_bytes()) for photo in photos}, "the business does not hold the three photos")
    # The three webhooks of an album race, so the files arrive in the order in which they were accepted.
    by_hash = {sha256(photo.read_bytes()): photo for photo in photos}
    context.record_uploads([by_hash[upload["sha256"]] for upload in reversed(context.business.uploads())], "image")


def one_report_out(context: ConversationContext) -> None:
    """One file out: fetched from the business API, then sent."""
    context.phone.say("report")
    expect(context.phone.receive(), "number plate")
    context.phone.say("B AB 1234")
    (report,) = context.phone.receive()
    require(report["type"] == "document", f"a {report['type']} came instead of the report")
    require(report["filename"] == "Report B AB 1234.pdf", report["filename"])
    context.record_download(report, context.business.last_report_hash())


def three_documents_out(context: ConversationContext) -> None:
    """Three files out."""
    context.phone.say("documents")
    files = [message for message in context.phone.receive(4) if message["type"] != "text"]
    require(len(files) == 3, f"{len(files)} files came")
    for message, name in zip(files, ("report.pdf", "photo.jpg", "leaflet.pdf"), strict=True):
        context.record_download(message, context.document_hash(name))


def leaflet_then_another_flow(context: ConversationContext) -> None:
    """An asset, and a flow that continues with another flow at once."""
    context.phone.say("leaflet")
    leaflet, menu = context.phone.receive(2)
    context.record_download(leaflet, context.asset_hash("what-happens-next.pdf"))
    expect([menu], "What can I do for you?")


def damage_report(context: ConversationContext) -> None:
    """A menu, a question, a picture, a photo, an upload, a condition, a leaflet."""
    context.phone.say("damage")
    expect(context.phone.receive(), "What happened to your car?")
    context.phone.tap("parked")
    expect(context.phone.receive(), "number plate")
    context.phone.say("b ab 77")
    picture, request = context.phone.receive(2)
    context.record_download(picture, context.asset_hash("good-photo.png"))
    expect([request], "one photo of the damage")
    context.phone.send(context.sample("photo-1.jpg"), kind="image")
    expect(context.phone.receive(), "from another side")
    context.phone.tap("another")
    expect(context.phone.receive(), "one photo of the damage")
    context.phone.send(context.sample("photo-2.jpg"), kind="image")
    accepted, leaflet = context.phone.receive(2)
    expect([accepted], "is accepted")
    context.record_download(leaflet, context.asset_hash("what-happens-next.pdf"))
    context.record_uploads([context.sample("photo-1.jpg"), context.sample("photo-2.jpg")], "image")


class DemoFailed(Exception):
    """A conversation or a step did not go as expected."""


def require(condition: bool, problem: str) -> None:
    """Raise DemoFailed with this problem unless the condition is true."""
    if not condition:
        raise DemoFailed(problem)


def expect(messages: list[ChatMessage], text: str) -> None:
    """Raise DemoFailed unless the messages contain the text."""
    received = " / ".join(message["text"] or message["caption"] or message["type"] for message in messages)
    require(text in received, f'expected "{text}", received "{received}"')


CONVERSATIONS: dict[str, Callable[[ConversationContext], None]] = {
    "One photo in": one_file("photo-1.jpg", "image", caption="The left side"),
    "One PDF in": one_file("Repair estimate (März).pdf", "document"),
    "One Word file in": one_file("Statement of the driver.docx", "document"),
    "One voice note in": one_file("voice-note.ogg", "audio", voice=True),
    "One video in": one_file("walk-around.mp4", "video"),
    "Three in a row, as an album": album_of_three,
    "One report out": one_report_out,
    "Three documents out": three_documents_out,
    "A leaflet, then another flow": leaflet_then_another_flow,
    "The whole damage report": damage_report,
}
