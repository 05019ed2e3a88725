"""A customer's file on its way in: judged, kept, or gone without a trace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chatflow.adapters.inbound_files import MAX_ATTEMPTS, RESERVE, receive_file
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.errors import (
    ChannelUnavailable,
    InDoubt,
    MediaRejected,
    MediaUnavailable,
    NotPublished,
    TooLarge,
    Unavailable,
)
from chatflow.media.profiles import MB, PRODUCT, Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.streams import StreamedFile
from tests import samples
from tests.fakes.s3 import Bucket
from tests.fakes.sources import Download, FakeChannel

KEY = "media/c_ann/s_1/3-abc"
TAKEN = PRODUCT.narrowed_by(WHATSAPP)
PHOTOS = TAKEN.only(["image"])
NOW = 1_760_000_000.0
BIG = 3_000_000


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def download(data: bytes, **announced: Any) -> Download:
    """A file whose channel tells all about it."""
    told = {"length": len(data), "size": len(data), "sha256": sha256(data), **announced}
    return Download(data, **told)


def film(*, index_at_end: bool = True, behind: int = 0) -> bytes:
    """A video with three megabytes of pictures before its index, and as many bytes of nothing `behind` it."""
    whole = samples.video_mp4()
    start = whole.index(b"mdat") - 4
    length = int.from_bytes(whole[start : start + 4], "big")
    pictures = (length + BIG).to_bytes(4, "big") + whole[start + 4 : start + length] + bytes(BIG)
    nothing = (behind + 8).to_bytes(4, "big") + b"free" + bytes(behind) if behind else b""
    return whole[:start] + pictures + whole[start + length :] + nothing


@dataclass
class Clock:
    """Time that passes only while someone waits."""

    time: float = NOW
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds


class Watched(MediaStore):
    """A store that counts what is asked of S3."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket.media, bucket.assets)
        self.writes = self.ranges = 0

    def write(self, *args: Any, **kwargs: Any) -> StreamedFile:
        self.writes += 1
        return super().write(*args, **kwargs)

    def _range(self, key: str, offset: int, length: int) -> bytes:
        self.ranges += 1
        return super()._range(key, offset, length)


@dataclass
class Intake:
    bucket: Bucket
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.store = Watched(self.bucket)

    def __call__(
        self,
        *downloads: Download | Exception,
        profile: Profile = TAKEN,
        seconds: float = 60,
        scanned: bool = False,
        **announced: Any,
    ) -> MediaReference:
        self.channel = FakeChannel(list(downloads))
        media = IncomingMedia(**{"id": "m1", "kind": "image", **announced})
        return receive_file(
            self.channel,
            media,
            profile,
            key=KEY,
            store=self.store,
            deadline=round((NOW + seconds) * 1000),
            scanned=scanned,
            now=lambda: self.clock.time,
            pause=self.clock.pause,
        )

    def rejected(self, *downloads: Download | Exception, **more: Any) -> str:
        """Why it was not taken; nothing of it may be left."""
        with pytest.raises(MediaRejected) as rejected:
            self(*downloads, **more)
        assert self.bucket.keys == []
        return rejected.value.reason

    def lost(self, *downloads: Download | Exception, **more: Any) -> None:
        with pytest.raises(MediaUnavailable):
            self(*downloads, **more)
        assert self.bucket.keys == []


@pytest.fixture
def intake(bucket: Bucket) -> Intake:
    return Intake(bucket)


# What is taken


@pytest.mark.parametrize("length", ["told", None])
def test_a_photo_is_kept_as_what_it_is_and_let_go_as_clean(intake: Intake, length: str | None) -> None:
    data = samples.photo_jpg()
    told = {} if length else {"length": None, "size": 0, "sha256": ""}
    kept = intake(download(data, **told), filename="../IMG 1.exe", mime="text/html")
    assert kept == MediaReference(KEY, sha256(data), len(data), "image/jpeg", "image", "IMG 1.jpg")
    assert intake.bucket.body(KEY) == data
    assert intake.bucket.mime(KEY) == "image/jpeg"
    assert intake.bucket.state(KEY) == "clean"


@pytest.mark.parametrize(
    ("sample", "mime", "kind", "name"),
    [
        (samples.document_pdf, "application/pdf", "document", "document.pdf"),
        (samples.audio_opus, "audio/ogg", "audio", "audio.ogg"),
        (samples.audio_mp4, "audio/mp4", "audio", "audio.m4a"),
        (samples.video_mp4, "video/mp4", "video", "video.mp4"),
        (samples.document_xls, "application/vnd.ms-excel", "document", "document.xls"),
    ],
)
def test_the_bytes_decide_and_not_what_was_announced(
    intake: Intake, sample: Callable[[], bytes], mime: str, kind: str, name: str
) -> None:
    kept = intake(download(sample()), kind="image", mime="image/jpeg")
    assert (kept.mime, kept.kind, kept.filename) == (mime, kind, name)


@pytest.mark.parametrize("length", ["told", None])
def test_a_long_video_with_its_index_at_the_end_needs_no_second_read(intake: Intake, length: str | None) -> None:
    data = film()
    kept = intake(download(data, **({} if length else {"length": None})), kind="video")
    assert (kept.kind, kept.size, kept.sha256) == ("video", len(data), sha256(data))
    assert intake.store.ranges == 0
    assert intake.bucket.state(KEY) == "clean"


def test_an_index_that_lies_deeper_is_read_where_it_lies(intake: Intake) -> None:
    kept = intake(download(film(behind=1_000_000)), kind="video")
    assert kept.kind == "video"
    assert 0 < intake.store.ranges <= 3


def test_a_photo_costs_two_calls_to_s3(intake: Intake) -> None:
    intake(download(samples.photo_jpg()))
    assert (intake.store.writes, intake.store.ranges) == (1, 0)


# What is not


def test_a_wrong_kind_that_the_head_tells_is_never_stored(intake: Intake) -> None:
    assert intake.rejected(download(samples.video_mp4_faststart()), profile=PHOTOS) == "wrong_kind"
    large = download(samples.document_pdf() + bytes(4_000_000))
    assert intake.rejected(large, profile=PHOTOS) == "wrong_kind"
    assert large.given < 300_000
    assert intake.store.writes == 0


def test_a_wrong_kind_that_only_the_end_tells_is_stored_and_deleted(intake: Intake) -> None:
    assert intake.rejected(download(film()), profile=PHOTOS) == "wrong_kind"
    assert intake.store.writes == 1


def test_what_nobody_knows_is_not_taken(intake: Intake) -> None:
    assert intake.rejected(download(samples.audio_wav())) == "unknown_format"
    assert intake.rejected(download(samples.archive_zip())) == "unknown_format"
    assert intake.rejected(download(b"MZ" + bytes(1_000_000))) == "unknown_format"


def test_an_empty_file_is_not_taken(intake: Intake) -> None:
    assert intake.rejected(download(b"")) == "empty"
    assert intake.rejected(download(b"", length=None, size=0, sha256="")) == "empty"


def test_a_format_that_the_channel_does_not_take_is_not_taken(intake: Intake) -> None:
    assert intake.rejected(download(samples.model_usdz()), profile=PHOTOS) == "unsupported_by_channel"


def test_a_size_that_is_announced_with_the_message_spares_the_download(intake: Intake) -> None:
    assert intake.rejected(download(b""), profile=PHOTOS, size=5 * MB + 1) == "too_large"
    assert intake.channel.opened == 0


@pytest.mark.parametrize("told", [{"size": 6 * MB}, {"size": 0, "length": 6 * MB}])
def test_a_size_that_is_announced_with_the_file_spares_its_bytes(intake: Intake, told: dict[str, int]) -> None:
    large = download(samples.photo_jpg(), **told)
    assert intake.rejected(large, profile=PHOTOS) == "too_large"
    assert large.given == 0


def test_a_size_that_the_channel_does_not_hand_over_is_too_large_for_the_node(intake: Intake) -> None:
    with pytest.raises(MediaRejected) as rejected:
        intake(TooLarge("not handed over"), profile=PHOTOS)
    assert rejected.value.reason == "too_large"
    assert rejected.value.user_message.startswith("That file is too large. Please send a photo")
    assert intake.channel.opened == 1


def test_a_size_that_nobody_announced_is_found_on_the_way(intake: Intake) -> None:
    endless = download(samples.photo_jpg() + bytes(6 * MB), size=0, length=None, sha256="")
    assert intake.rejected(endless, profile=PHOTOS) == "too_large"


def test_a_document_beside_a_photo_has_the_limit_of_its_own_format(intake: Intake) -> None:
    photo = download(samples.photo_jpg() + bytes(6 * MB))
    assert intake.rejected(photo, profile=TAKEN.only(["image", "document"])) == "too_large"


def test_another_hash_than_announced_is_tried_again_and_then_called_broken(intake: Intake) -> None:
    wrong = [download(samples.photo_jpg(), sha256="ab" * 32) for _ in range(MAX_ATTEMPTS)]
    assert intake.rejected(*wrong) == "broken"
    assert intake.channel.opened == MAX_ATTEMPTS


def test_another_size_than_announced_is_broken_when_there_is_no_hash_to_ask(intake: Intake) -> None:
    data = samples.photo_jpg()
    wrong = [download(data, size=len(data) + 1, sha256="") for _ in range(MAX_ATTEMPTS)]
    assert intake.rejected(*wrong) == "broken"
    assert intake(download(data, size=len(data) + 1)).size == len(data)  # the hash knows better


PAGE = b"<!DOCTYPE html><html><title>Error</title></html>"
URL = "https://lookaside.fbsbx.com/x"


def page(data: bytes) -> Download:
    """An HTML page in place of a file that was announced with its hash."""
    return Download(PAGE, len(PAGE), len(data), sha256(data))


def test_url_gives_html(intake: Intake) -> None:
    """whatsapp.json: url-gives-html. The file is looked up once by its id, then it arrived broken."""
    photo = samples.photo_jpg()
    assert intake.rejected(page(photo), page(photo), url=URL, sha256=sha256(photo)) == "broken"
    assert intake.channel.urls == [URL, ""]


def test_url_gives_html_and_the_lookup_gives_the_file(intake: Intake) -> None:
    photo = samples.photo_jpg()
    assert intake(page(photo), download(photo), url=URL, sha256=sha256(photo)).sha256 == sha256(photo)
    assert intake.channel.urls == [URL, ""]
    assert intake.clock.pauses == []


def test_url_gives_html_for_a_file_whose_hash_only_the_lookup_tells(intake: Intake) -> None:
    photo = samples.photo_jpg()
    assert intake.rejected(Download(PAGE, len(PAGE), 0, ""), page(photo), url=URL) == "broken"
    assert intake(Download(PAGE, len(PAGE), 0, ""), download(photo), url=URL).sha256 == sha256(photo)


def test_url_gives_html_when_no_try_is_left_to_look_it_up(intake: Intake) -> None:
    photo = samples.photo_jpg()
    trouble = [Unavailable("no route")] * (MAX_ATTEMPTS - 1)
    assert intake.rejected(*trouble, page(photo), url=URL, sha256=sha256(photo)) == "broken"


@pytest.mark.parametrize("of_the_page", [0, 300_000])
def test_url_gives_another_file_of_a_kind_that_is_accepted(intake: Intake, of_the_page: int) -> None:
    photo, other = samples.photo_jpg(), samples.photo_png() + bytes(of_the_page)
    another = Download(other, len(other), len(photo), sha256(photo))
    assert intake(another, download(photo), url=URL, sha256=sha256(photo)).mime == "image/jpeg"
    assert intake.channel.urls == [URL, ""]


def test_a_wrong_kind_whose_hash_is_right_is_not_looked_up(intake: Intake) -> None:
    video = samples.video_mp4_faststart()
    assert intake.rejected(download(video), profile=PHOTOS, url=URL, sha256=sha256(video)) == "wrong_kind"
    assert intake.channel.opened == 1


# What may work later


@pytest.mark.parametrize(
    "trouble",
    [
        MediaUnavailable("500"),
        ChannelUnavailable("429"),
        Unavailable("no route"),
        InDoubt("broke off"),
        download(samples.photo_jpg(), sha256="ab" * 32),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_passing_trouble_is_tried_again(intake: Intake, trouble: Download | Exception) -> None:
    assert intake(trouble, download(samples.photo_jpg())).kind == "image"
    assert intake.channel.opened == 2
    assert len(intake.clock.pauses) == 1


@pytest.mark.parametrize("length", ["told", None])
def test_a_file_that_breaks_off_half_way_is_fetched_again_from_its_beginning(
    intake: Intake, length: str | None
) -> None:
    data = film()
    told = {} if length else {"length": None}
    broken = download(data, **told)
    broken = Download(data[:2_000_000], broken.length, broken.size, broken.sha256, then=MediaUnavailable("gone"))
    assert intake(broken, download(data, **told)).sha256 == sha256(data)


def test_a_file_that_ends_early_without_a_word_is_fetched_again(intake: Intake) -> None:
    data = film()
    short = Download(data[:2_000_000], len(data), len(data), sha256(data))
    assert intake(short, download(data)).sha256 == sha256(data)


def test_a_channel_that_asks_for_time_gets_it(intake: Intake) -> None:
    intake(MediaUnavailable("429", after=7.0), download(samples.photo_jpg()))
    assert intake.clock.pauses == [7.0]


def test_it_gives_up_after_three_tries(intake: Intake) -> None:
    intake.lost(MediaUnavailable("500"))
    assert intake.channel.opened == MAX_ATTEMPTS


def test_it_does_not_wait_beyond_the_visit(intake: Intake) -> None:
    intake.lost(ChannelUnavailable("429", after=55.0), seconds=60)
    assert intake.channel.opened == 1
    assert intake.clock.pauses == []


def test_time_is_left_to_tell_the_customer(intake: Intake) -> None:
    intake(download(samples.photo_jpg()), seconds=60)
    assert intake.channel.deadlines == [round((NOW + 60) * 1000) - RESERVE]


def test_a_rejection_is_not_tried_again(intake: Intake) -> None:
    intake.rejected(download(samples.audio_wav()))
    assert intake.channel.opened == 1


def test_a_store_that_fails_while_the_file_is_looked_at_keeps_nothing(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> bytes:
        raise Unavailable("S3 is down")

    monkeypatch.setattr(intake.store, "_range", fails)
    intake.lost(*[download(film(behind=1_000_000)) for _ in range(MAX_ATTEMPTS)])


def test_a_file_that_cannot_be_marked_clean_is_not_handed_out(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise Unavailable("S3 is down")

    monkeypatch.setattr(intake.store, "mark_clean", fails)
    intake.lost(*[download(samples.photo_jpg()) for _ in range(MAX_ATTEMPTS)])


# What a malware scanner looks at


def test_a_file_that_a_scanner_looks_at_stays_new(intake: Intake) -> None:
    file = intake(download(samples.photo_jpg()), scanned=True)
    assert intake.bucket.state(file.key) == "new"


def test_its_key_is_never_written_twice_even_when_the_visit_is_repeated(intake: Intake) -> None:
    first = intake(download(samples.photo_jpg()), scanned=True)
    again = intake(download(samples.photo_jpg()), scanned=True)
    assert first.key != again.key
    assert {first.key, again.key} == set(intake.bucket.keys)
    assert first.key.startswith(f"{KEY}-")


def test_what_is_tried_again_within_a_visit_has_a_key_of_its_own_too(intake: Intake) -> None:
    photo = samples.photo_jpg()
    file = intake(download(photo, sha256=sha256(b"other")), download(photo), scanned=True)
    assert intake.bucket.keys == [file.key]


def test_a_scanner_that_is_quicker_than_we_are_has_hidden_the_file_which_is_unsafe(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hidden(*_: Any) -> bytes:
        raise NotPublished("S3 says 403")

    monkeypatch.setattr(intake.store, "_range", hidden)
    assert intake.rejected(download(film(behind=1_000_000)), scanned=True) == "unsafe"


def test_a_wrong_kind_is_deleted_though_a_scanner_would_look_at_it(intake: Intake) -> None:
    assert intake.rejected(download(b"<html></html>"), scanned=True) == "unknown_format"
