"""The conversations of the demo: what the customer does, what must come of it, and what each side then holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.phone import Business, Heard, Phone, sha256


@dataclass(frozen=True)
class Transfer:
    """One file that went through, and its hash on both ends. `direction`: "in" to the API, "out" to the customer."""

    direction: str
    name: str
    kind: str
    size: int
    left: str  # SHA-256 where it began
    arrived: str  # SHA-256 where it came to

    @property
    def intact(self) -> bool:
        return self.left == self.arrived


@dataclass
class Stage:
    """What a conversation plays on: a phone of its own, the business, sample files, the assets of the flows."""

    phone: Phone
    business: Business
    samples: Path
    assets: Path
    transfers: list[Transfer] = field(default_factory=list)

    def sample(self, name: str) -> Path:
        return self.samples / name

    def arrived(self, files: list[Path], kind: str) -> None:
        """The business's API must now hold just these files, in this order."""
        uploads = list(reversed(self.business.uploads()[: len(files)]))
        require(len(uploads) == len(files), f"the business holds {len(uploads)} files, not {len(files)}")
        for file, upload in zip(files, uploads, strict=True):
            left = sha256(file.read_bytes())
            self.transfers.append(Transfer("in", upload["filename"], kind, upload["size"], left, upload["sha256"]))

    def came(self, message: Heard, left: str) -> None:
        """The customer got a file that began with this hash."""
        data = self.phone.download(message)
        name = message["filename"] or message["caption"] or "(no name)"
        self.transfers.append(Transfer("out", name, message["type"], len(data), left, sha256(data)))

    def asset(self, name: str) -> str:
        return sha256((self.assets / name).read_bytes())

    def document(self, name: str) -> str:
        """The hash of a document that the business's API serves."""
        return self.business.document_hash(name)


def one_file(sample: str, kind: str, *, voice: bool = False, caption: str = "") -> Callable[[Stage], None]:
    """The guide's inbound example 1, with one kind of file."""

    def play(stage: Stage) -> None:
        stage.phone.say("file")
        expect(stage.phone.hear(), "Send me one file")
        stage.phone.send(stage.sample(sample), kind=kind, voice=voice, caption=caption)
        expect(stage.phone.hear(), "has arrived")
        stage.arrived([stage.sample(sample)], kind)

    return play


def album_of_three(stage: Stage) -> None:
    """The guide's inbound example 2, with the three files in one album."""
    photos = [stage.sample(f"photo-{number}.jpg") for number in (1, 2, 3)]
    stage.phone.say("files")
    expect(stage.phone.hear(), "first of three")
    stage.phone.send(*photos, kind="image")
    heard = stage.phone.hear(3)
    expect(heard[-1:], "all three have arrived")
    uploads = {upload["sha256"] for upload in stage.business.uploads()}
    require(uploads == {sha256(photo.read_bytes()) for photo in photos}, "the business does not hold the three photos")
    # The three webhooks of an album race each other: the order is the one in which they were accepted.
    by_hash = {sha256(photo.read_bytes()): photo for photo in photos}
    stage.arrived([by_hash[upload["sha256"]] for upload in reversed(stage.business.uploads())], "image")


def one_report_out(stage: Stage) -> None:
    """The guide's outbound example 1: fetched from the business's API, then sent."""
    stage.phone.say("report")
    expect(stage.phone.hear(), "number plate")
    stage.phone.say("B AB 1234")
    (report,) = stage.phone.hear()
    require(report["type"] == "document", f"a {report['type']} came instead of the report")
    require(report["filename"] == "Report B AB 1234.pdf", report["filename"])
    stage.came(report, stage.business.last_served())


def three_documents_out(stage: Stage) -> None:
    """The guide's outbound example 2."""
    stage.phone.say("documents")
    files = [message for message in stage.phone.hear(4) if message["type"] != "text"]
    require(len(files) == 3, f"{len(files)} files came")
    for message, name in zip(files, ("report.pdf", "photo.jpg", "leaflet.pdf"), strict=True):
        stage.came(message, stage.document(name))


def leaflet_then_another_flow(stage: Stage) -> None:
    """The guide's asset library, and a flow that goes on with another at once."""
    stage.phone.say("leaflet")
    leaflet, menu = stage.phone.hear(2)
    stage.came(leaflet, stage.asset("what-happens-next.pdf"))
    expect([menu], "What can I do for you?")


def damage_report(stage: Stage) -> None:
    """A menu, a question, a picture, a photo, an upload, a condition, a leaflet."""
    stage.phone.say("damage")
    expect(stage.phone.hear(), "What happened to your car?")
    stage.phone.tap("parked")
    expect(stage.phone.hear(), "number plate")
    stage.phone.say("b ab 77")
    picture, request = stage.phone.hear(2)
    stage.came(picture, stage.asset("good-photo.png"))
    expect([request], "one photo of the damage")
    stage.phone.send(stage.sample("photo-1.jpg"), kind="image")
    expect(stage.phone.hear(), "from another side")
    stage.phone.tap("another")
    expect(stage.phone.hear(), "one photo of the damage")
    stage.phone.send(stage.sample("photo-2.jpg"), kind="image")
    accepted, leaflet = stage.phone.hear(2)
    expect([accepted], "is accepted")
    stage.came(leaflet, stage.asset("what-happens-next.pdf"))
    stage.arrived([stage.sample("photo-1.jpg"), stage.sample("photo-2.jpg")], "image")


class Unexpected(Exception):
    """Something else came than was to come."""


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unexpected(otherwise)


def expect(heard: list[Heard], text: str) -> None:
    said = " / ".join(message["text"] or message["caption"] or message["type"] for message in heard)
    require(text in said, f'expected "{text}", heard "{said}"')


PLAYED: dict[str, Callable[[Stage], None]] = {
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
