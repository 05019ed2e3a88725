"""A replaced asset: the next visit sends the new bytes, and no channel's copy of the old ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatflow.adapters.dynamodb.assets import live_file
from chatflow.adapters.dynamodb.uploads import UploadStore
from chatflow.adapters.outbound_files import StoredFile
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.messages import OutgoingFile
from tests import samples
from tests.fakes.aws_account import create_table
from tests.fakes.library import BUCKET, TABLE, FakeLibrary

OLD, NEW = samples.image("PDF", 200, 100), samples.image("PDF", 300, 100)


@dataclass
class Channel:
    """Keeps what was uploaded, and sends it by its id."""

    kept: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def deliver(self, file: OutgoingFile) -> None:
        if not file.stored_id:
            with file.open() as stream:
                self.kept.append(stream.read())
            file.remember(str(len(self.kept) - 1), 30 * 86_400)
        self.sent.append(self.kept[int(file.stored_id or len(self.kept) - 1)])


def test_flows_send_the_new_bytes_and_no_cached_copy_of_the_old(library: FakeLibrary) -> None:
    create_table("uploads", "content")
    channel = Channel()

    def a_visit_sends_the_leaflet() -> None:
        media, store = live_file(TABLE, "leaflet.pdf"), MediaStore("media", BUCKET)
        channel.deliver(StoredFile(media, "", "whatsapp/1", store, UploadStore("uploads")))

    library.put("leaflet.pdf", OLD)
    assert library.arrive("leaflet.pdf") == "ready"
    a_visit_sends_the_leaflet()
    a_visit_sends_the_leaflet()
    assert (channel.sent, len(channel.kept)) == ([OLD, OLD], 1)

    key = library.expect("leaflet.pdf")
    library.put(key, NEW)
    assert library.arrive(key) == "ready"
    a_visit_sends_the_leaflet()
    a_visit_sends_the_leaflet()
    assert (channel.sent[2:], channel.kept) == ([NEW, NEW], [OLD, NEW])

    library.put("leaflet.pdf", OLD)
    assert library.arrive("leaflet.pdf") == "ready"
    a_visit_sends_the_leaflet()
    assert (channel.sent[4:], len(channel.kept)) == ([OLD], 2), "what the channel still holds is not uploaded again"
