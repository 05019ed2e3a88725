"""What is put into the library's bucket becomes an asset, or is rejected with a reason, in any order of events."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import Any

import pytest

from asset_processing import handler
from asset_processing.process_upload import Dependencies, process_created
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.dynamodb.assets import live_file
from chatflow.adapters.s3.asset_bucket import OpenObject
from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.media import object_keys
from chatflow.media.profiles import MB, PRODUCT
from chatflow.settings import AssetProcessingSettings
from tests import samples
from tests.fakes.library import BUCKET, NOW, TABLE, FakeLibrary
from tests.unit.functions.asset_processing.real_files import large_photo

PDF = samples.document_pdf()
JPEG = samples.photo_jpg()
SHA = hashlib.sha256(PDF).hexdigest()


def test_an_upload_becomes_the_live_version_with_a_thumbnail(library: FakeLibrary) -> None:
    key = library.expect("leaflet.pdf", filename="What happens next.pdf", mime="application/pdf")
    library.put(key, PDF)
    assert library.arrive(key) == "ready"
    asset = library.asset("leaflet.pdf")
    assert asset.live is not None
    assert asset.upload is None
    assert (asset.live.version, asset.live.by, asset.live.master, asset.state) == (1, "ada", "api", "ready")
    assert asset.live.file.to_json() == {
        "key": f"asset/{SHA}",
        "sha256": SHA,
        "size": len(PDF),
        "mime": "application/pdf",
        "kind": "document",
        "filename": "What happens next.pdf",
        "caption": "",
    }
    assert library.keys == [f"asset/{SHA}", f"thumbnail/{SHA}.webp"]
    assert library.body(f"asset/{SHA}") == PDF
    kept = botocore_client("s3").get_object_tagging(Bucket=BUCKET, Key=f"asset/{SHA}")["TagSet"]
    assert kept == [{"Key": "state", "Value": "clean"}]


def test_the_event_of_the_kept_content_draws_nothing_anew(library: FakeLibrary) -> None:
    key = library.expect("leaflet.pdf")
    library.put(key, PDF)
    library.arrive(key)
    assert library.arrive(f"asset/{SHA}") == "nothing"
    assert library.drawn == ["pdf"]


def test_an_event_that_comes_twice_changes_nothing(library: FakeLibrary) -> None:
    key = library.expect("leaflet.pdf")
    library.put(key, PDF)
    assert library.arrive(key) == "ready"
    assert library.arrive(key) == "superseded"
    assert [each.version for each in library.store.versions("leaflet.pdf")] == [1]


def test_an_object_that_is_gone_is_left_alone(library: FakeLibrary) -> None:
    key = library.expect("leaflet.pdf")
    assert library.arrive(key) == "gone"
    assert library.arrive("dropped.pdf") == "gone"
    assert library.asset("leaflet.pdf").state == "uploading"


@pytest.mark.parametrize(
    ("filename", "mime", "body", "reason"),
    [
        ("photo.png", "", JPEG, "The name ends in .png, but the content is JPEG. Let it end in .jpg."),
        ("photo", "image/png", JPEG, "It was announced as image/png, but the content is JPEG."),
        ("page.pdf", "", b"", "The file is empty."),
        ("page.pdf", "", b"<html>not a page</html>", "The content is of no format that can be sent. Those are pdf, "),
        ("page.pdf", "", PDF[: len(PDF) // 2], "The file is not whole: its end is missing."),
        ("page.pdf", "", b"x" * (20 * MB + 1), "The file has 20.1 MB; at most 20 MB are taken."),
    ],
)
def test_a_lie_is_rejected_with_its_reason(
    library: FakeLibrary, filename: str, mime: str, body: bytes, reason: str
) -> None:
    key = library.expect("a-name", filename=filename, mime=mime)
    library.put(key, body)
    assert library.arrive(key) == "rejected"
    upload = library.asset("a-name").upload
    assert upload is not None
    assert upload.reason.startswith(reason), upload.reason
    assert (upload.state, upload.expires_at) == ("rejected", NOW + 7 * 86_400)
    assert library.keys == []


def test_a_file_above_the_limit_of_its_format_is_rejected(library: FakeLibrary) -> None:
    key = library.expect("photo.jpg")
    library.put(key, large_photo())
    assert library.arrive(key) == "rejected"
    upload = library.asset("photo.jpg").upload
    assert upload is not None
    assert re.fullmatch(r"This JPEG file has [5-9](\.\d)? MB; at most 5 MB are taken\.", upload.reason), upload.reason


def test_a_replacement_of_another_kind_is_rejected_and_the_old_file_stays(library: FakeLibrary) -> None:
    first = library.expect("leaflet.pdf")
    library.put(first, PDF)
    library.arrive(first)
    second = library.expect("leaflet.pdf", "2" * 32, filename="photo.jpg")
    library.put(second, JPEG)
    assert library.arrive(second) == "rejected"
    asset = library.asset("leaflet.pdf")
    assert asset.live is not None
    assert asset.upload is not None
    assert (asset.live.file.sha256, asset.state) == (SHA, "ready")
    assert asset.upload.reason.startswith("It replaces a document, but it is an image.")


def test_an_older_upload_that_finishes_later_does_not_win(library: FakeLibrary) -> None:
    old, new = library.expect("photo.jpg", "a" * 32), library.expect("photo.jpg", "b" * 32)
    library.put(new, JPEG)
    library.put(old, samples.image("JPEG", 100, 80))
    assert library.arrive(new) == "ready"
    assert library.arrive(old) == "superseded"
    assert library.asset("photo.jpg").live.file.sha256 == hashlib.sha256(JPEG).hexdigest()  # type: ignore[union-attr]
    assert old not in library.keys


def test_an_upload_that_is_superseded_while_it_is_checked_does_not_win(library: FakeLibrary) -> None:
    """The newer one is asked for in the moment in which the older one is drawn."""
    key = library.expect("photo.jpg", "a" * 32)
    library.put(key, JPEG)
    dependencies = library.dependencies

    def draw(*given: Any) -> Any:
        library.expect("photo.jpg", "b" * 32)
        return dependencies.create_thumbnail(*given)

    slow = Dependencies(dependencies.store, dependencies.bucket, draw, dependencies.clock, dependencies.warn)
    assert process_created(key, slow) == "superseded"
    asset = library.asset("photo.jpg")
    assert (asset.live, asset.upload.id if asset.upload else "") == (None, "b" * 32)


def test_what_a_person_puts_into_the_bucket_becomes_an_asset(library: FakeLibrary) -> None:
    library.put("brochures/Frühling 2027.pdf", PDF)
    assert library.arrive("brochures/Frühling 2027.pdf") == "ready"
    asset = library.asset("Fruhling-2027.pdf")
    assert asset.live is not None
    assert (asset.live.file.filename, asset.live.by) == ("Frühling 2027.pdf", "S3")
    assert library.keys == [f"asset/{SHA}", f"thumbnail/{SHA}.webp"]


def test_the_same_name_put_into_the_bucket_again_replaces_the_file(library: FakeLibrary) -> None:
    library.put("photo.jpg", JPEG)
    library.arrive("photo.jpg")
    library.put("later/photo.jpg", samples.image("JPEG", 100, 80))
    assert library.arrive("later/photo.jpg") == "ready"
    assert [each.version for each in library.store.versions("photo.jpg")] == [2, 1]


def test_an_event_of_a_file_that_was_replaced_since_takes_the_newer_one(library: FakeLibrary) -> None:
    newer = samples.image("JPEG", 100, 80)
    library.put("photo.jpg", JPEG)
    library.put("photo.jpg", newer)
    assert library.arrive("photo.jpg") == "ready"
    assert library.arrive("photo.jpg") == "gone"
    asset = library.asset("photo.jpg")
    assert asset.live is not None
    assert asset.live.file.sha256 == hashlib.sha256(newer).hexdigest()


def test_a_file_that_is_replaced_while_it_is_checked_is_left_to_its_own_event(library: FakeLibrary) -> None:
    newer = samples.image("JPEG", 100, 80)
    library.put("photo.jpg", JPEG)
    dependencies = library.dependencies

    def draw(*given: Any) -> Any:
        if not library.drawn:
            library.put("photo.jpg", newer)
        return dependencies.create_thumbnail(*given)

    slow = Dependencies(dependencies.store, dependencies.bucket, draw, dependencies.clock, dependencies.warn)
    assert process_created("photo.jpg", slow) == "superseded"
    assert "photo.jpg" in library.keys, "the newer one must not go with the older one"
    assert process_created("photo.jpg", slow) == "ready"
    asset = library.asset("photo.jpg")
    assert asset.live is not None
    assert (asset.live.version, asset.live.file.sha256) == (1, hashlib.sha256(newer).hexdigest())


def test_what_was_rejected_in_the_bucket_stays_there_and_is_shown_until_it_goes(library: FakeLibrary) -> None:
    library.put("notes.txt", b"hello")
    assert library.arrive("notes.txt") == "rejected"
    asset = library.asset("notes.txt")
    assert asset.upload is not None
    assert (asset.state, asset.upload.key, asset.upload.expires_at) == ("rejected", "notes.txt", 0)
    assert library.keys == ["notes.txt"]
    library.leave("notes.txt")
    assert library.store.find("notes.txt") is None


def test_a_good_file_under_the_name_of_a_rejected_one_is_taken(library: FakeLibrary) -> None:
    library.put("photo.jpg", b"no photo")
    assert library.arrive("photo.jpg") == "rejected"
    library.put("photo.jpg", JPEG)
    assert library.arrive("photo.jpg") == "ready"
    asset = library.asset("photo.jpg")
    assert (asset.state, asset.upload) == ("ready", None)


def test_a_rejected_file_in_the_bucket_does_not_hide_an_upload_that_is_on_its_way(library: FakeLibrary) -> None:
    library.expect("photo.jpg")
    library.put("photo.jpg", b"no photo")
    assert library.arrive("photo.jpg") == "superseded"
    assert library.asset("photo.jpg").state == "uploading"


def test_what_a_deploy_put_there_gets_its_thumbnail(library: FakeLibrary) -> None:
    library.put(f"asset/{SHA}", PDF)
    assert library.arrive(f"asset/{SHA}") == "thumbnail"
    assert f"thumbnail/{SHA}.webp" in library.keys
    assert library.arrive(f"asset/{SHA}") == "nothing"


def test_a_content_that_is_not_what_its_key_says_gets_none(library: FakeLibrary) -> None:
    library.put(f"asset/{SHA}", JPEG)
    assert library.arrive(f"asset/{SHA}") == "nothing"
    assert library.warnings == [f"asset/{SHA} is no file of the library: its content is another"]


@pytest.mark.parametrize("key", [f"thumbnail/{SHA}.webp", "brochures/"], ids=["thumbnail", "folder"])
def test_thumbnails_and_folders_are_of_no_interest(library: FakeLibrary, key: str) -> None:
    library.put(key, b"")
    assert library.arrive(key) == "nothing"
    assert list(library.store.all()) == []


def test_the_memory_that_a_check_takes_does_not_grow_with_the_file(library: FakeLibrary) -> None:
    """The body is read block by block into a file."""
    largest = 0

    class Body(io.BytesIO):
        def read(self, amount: int | None = -1, /) -> bytes:
            nonlocal largest
            block = super().read(amount)
            largest = max(largest, len(block))
            return block

    out = io.BytesIO()
    data = bytes(3 * MB)
    assert OpenObject(len(data), 0, "", Body(data)).save(out) == hashlib.sha256(data).hexdigest()
    assert out.getvalue() == data
    assert largest <= 256 * 1024


def test_the_handler_takes_eventbridges_events(library: FakeLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AssetProcessingSettings(TABLE, BUCKET).to_environment().items():
        monkeypatch.setenv(name, value)
    library.put("sounds/voice.ogg", samples.audio_opus())
    detail = {"bucket": {"name": BUCKET}, "object": {"key": "sounds/voice.ogg"}}
    handler.lambda_handler({"detail-type": "Object Created", "source": "aws.s3", "detail": detail}, None)
    asset = library.asset("voice.ogg")
    assert asset.live is not None
    assert library.body(object_keys.thumbnail(asset.live.file.sha256))[:4] == b"RIFF"
    library.put("notes.txt", b"hello")
    notes = {"bucket": {"name": BUCKET}, "object": {"key": "notes.txt"}}
    handler.lambda_handler({"detail-type": "Object Created", "source": "aws.s3", "detail": notes}, None)
    botocore_client("s3").delete_object(Bucket=BUCKET, Key="notes.txt")
    handler.lambda_handler({"detail-type": "Object Deleted", "source": "aws.s3", "detail": notes}, None)
    assert library.store.find("notes.txt") is None


def test_an_upload_that_no_channel_shows_is_rejected_with_its_encoding(library: FakeLibrary) -> None:
    key = library.expect("print.jpg", filename="print.jpg", mime="image/jpeg")
    library.put(key, for_print())
    dependencies = replace(library.dependencies, channels={"WhatsApp": WHATSAPP})
    assert process_created(key, dependencies) == "rejected"
    upload = library.asset("print.jpg").upload
    assert upload is not None
    assert "CMYK, which WhatsApp does not show" in upload.reason


def test_an_upload_that_some_channel_shows_is_kept_with_its_encoding(library: FakeLibrary) -> None:
    key = library.expect("print.jpg", filename="print.jpg", mime="image/jpeg")
    library.put(key, for_print())
    dependencies = replace(library.dependencies, channels={"WhatsApp": WHATSAPP, "another": PRODUCT})
    assert process_created(key, dependencies) == "ready"
    live = library.asset("print.jpg").live
    assert live is not None
    assert live.file.encoding == "CMYK"
    assert live_file(TABLE, "print.jpg").encoding == "CMYK"


def for_print() -> bytes:
    """A picture in the colours of a print shop."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("CMYK", (64, 48)).save(out, "JPEG")
    return out.getvalue()
