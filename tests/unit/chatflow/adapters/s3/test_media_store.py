"""Files in S3, on a real server; what that does not keep is asked of moto."""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any

import pytest

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.s3.media_store import PART, MediaStore
from chatflow.errors import MediaUnavailable, NotPublished, OwnTrouble, Refused, TooLarge, Unavailable
from chatflow.streams import BLOCK
from malware_scan.scanned_files import ScannedFiles
from tests.fakes.aws_account import an_account_at
from tests.fakes.http_server import says, serving
from tests.fakes.s3 import Bucket
from tests.fakes.sources import Source

DATA = random.Random(1).randbytes(900_001)  # noqa: S311 - filler
LONG = DATA * 13  # two parts and a bit
MANY = 100_000_000
KEY = "media/c_ann/s_1/3-abc"


@pytest.mark.parametrize("data", [b"", b"x", DATA, LONG])
@pytest.mark.parametrize("known", [True, False])
def test_what_was_written_is_what_is_read(bucket: Bucket, data: bytes, known: bool) -> None:
    stored = bucket.store.write(KEY, Source(data), len(data) if known else None, "image/png", MANY)
    assert (stored.size, stored.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert bucket.body(KEY) == data
    with bucket.store.open(KEY) as stream:
        assert stream.len == len(data)
        assert stream.read() == data
        assert stream.len == 0
        assert stream.read() == b""


@pytest.mark.parametrize("length", [len(DATA), None])
def test_a_new_file_is_of_the_type_that_we_say_and_not_yet_clean(bucket: Bucket, length: int | None) -> None:
    bucket.store.write(KEY, Source(DATA), length, "image/png", MANY)
    assert bucket.mime(KEY) == "image/png"
    assert bucket.state(KEY) == "new"
    bucket.store.mark_clean(KEY)
    assert bucket.state(KEY) == "clean"


@pytest.mark.parametrize(("asked", "kept"), [(1, "1"), (2, "1"), (29, "14"), (30, "30"), (3650, "365")])
def test_a_file_says_how_long_its_flow_keeps_it_before_and_after_it_is_clean(
    bucket: Bucket, asked: int, kept: str
) -> None:
    store = MediaStore(bucket.media, bucket.assets, asked)
    store.write(KEY, Source(DATA), len(DATA), "image/png", MANY)
    assert tags(bucket) == {"state": "new", "days": kept}
    store.mark_clean(KEY)
    assert tags(bucket) == {"state": "clean", "days": kept}
    ScannedFiles(bucket.media).mark(KEY, "unsafe")
    assert tags(bucket) == {"state": "unsafe", "days": kept}


def tags(bucket: Bucket) -> dict[str, str]:
    found = botocore_client("s3").get_object_tagging(Bucket=bucket.media, Key=KEY)["TagSet"]
    return {each["Key"]: each["Value"] for each in found}


def test_a_file_in_parts_is_not_yet_clean_either(aws_account: Any) -> None:
    s3 = botocore_client("s3")
    s3.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    MediaStore("media", "assets").write(KEY, Source(LONG), None, "image/png", MANY)
    assert s3.get_object_tagging(Bucket="media", Key=KEY)["TagSet"] == [{"Key": "state", "Value": "new"}]
    assert s3.head_object(Bucket="media", Key=KEY)["ETag"].endswith('-3"')


@pytest.mark.parametrize("length", [len(LONG), None])
def test_blocks_may_be_small(bucket: Bucket, length: int | None) -> None:
    stored = bucket.store.write(KEY, Source(LONG, block=100_000), length, "image/png", MANY)
    assert stored.sha256 == hashlib.sha256(LONG).hexdigest()


def test_exactly_one_part_and_exactly_the_limit_are_kept(bucket: Bucket) -> None:
    for size in (PART - 1, PART, PART + 1):
        assert bucket.store.write(KEY, Source(bytes(size)), None, "image/png", size).size == size
        assert len(bucket.body(KEY)) == size


def test_a_length_beyond_the_limit_is_refused_before_a_byte_is_read(bucket: Bucket) -> None:
    source = Source(DATA)
    with pytest.raises(TooLarge):
        bucket.store.write(KEY, source, len(DATA), "image/png", len(DATA) - 1)
    assert source.given == 0
    assert bucket.keys == []


@pytest.mark.parametrize("limit", [100, PART - 1, PART * 2])
def test_a_stream_of_unknown_length_is_read_no_further_than_the_limit_and_nothing_stays(
    bucket: Bucket, limit: int
) -> None:
    source = Source(LONG, block=1000)
    with pytest.raises(TooLarge):
        bucket.store.write(KEY, source, None, "image/png", limit)
    assert source.given <= limit + 1000
    assert bucket.keys == []


@pytest.mark.parametrize("cut", [0, 1, 500_000, len(DATA) - 1])
def test_a_source_that_ends_early_leaves_nothing(bucket: Bucket, cut: int) -> None:
    with pytest.raises(Unavailable):
        bucket.store.write(KEY, Source(DATA[:cut]), len(DATA), "image/png", MANY)
    assert bucket.keys == []


@pytest.mark.parametrize("length", [len(LONG), None])
def test_a_source_that_fails_says_so_itself_and_leaves_nothing(bucket: Bucket, length: int | None) -> None:
    broken = Source(LONG[: PART * 2], then=MediaUnavailable("gone"))
    with pytest.raises(MediaUnavailable):
        bucket.store.write(KEY, broken, length, "image/png", MANY)
    assert bucket.keys == []


def test_a_source_that_has_more_than_it_said_is_not_read_further(bucket: Bucket) -> None:
    source = Source(DATA)
    assert bucket.store.write(KEY, source, 1000, "image/png", MANY).size == 1000
    assert source.given == 1000
    assert bucket.body(KEY) == DATA[:1000]


def test_assets_lie_in_a_bucket_of_their_own(bucket: Bucket) -> None:
    bucket.put("asset/abc", b"leaflet")
    with bucket.store.open("asset/abc") as stream:
        assert stream.read() == b"leaflet"
    assert bucket.keys == []


def test_a_file_that_is_not_there_is_not_published(bucket: Bucket) -> None:
    with pytest.raises(NotPublished), bucket.store.open(KEY):
        pass
    with pytest.raises(NotPublished):
        bucket.store.reader(KEY)(0, 10)


def test_ranges_are_read_where_they_lie_and_end_where_the_file_ends(bucket: Bucket) -> None:
    bucket.put(KEY, DATA)
    read = bucket.store.reader(KEY)
    for offset, length in [
        (0, 4),
        (100, 8),
        (70_000, 300_000),
        (len(DATA) - 3, 10),
        (len(DATA), 5),
        (len(DATA) + 9, 5),
    ]:
        assert read(offset, length) == DATA[offset : offset + length]


@pytest.mark.parametrize("size", [10, 100_000, BLOCK, 3 * BLOCK + 10, len(DATA)])
def test_both_ends_of_what_was_written_are_known_and_not_fetched(bucket: Bucket, size: int) -> None:
    data = DATA[:size]
    stored = bucket.store.write(KEY, Source(data), size, "image/png", MANY)
    bucket.store.delete(KEY)
    read = bucket.store.reader(KEY, stored.known)
    assert read(0, min(size, 1000)) == data[:1000]
    end = min(size, 65_557)  # what it takes to find the directory of a zip
    assert read(size - end, end) == data[-end:]


def test_a_stream_that_is_read_in_blocks_shrinks_by_each(bucket: Bucket) -> None:
    bucket.put(KEY, DATA)
    with bucket.store.open(KEY) as stream:
        blocks = []
        while stream.len:
            before = stream.len
            blocks.append(stream.read(65_536))
            assert stream.len == before - len(blocks[-1])
    assert b"".join(blocks) == DATA


def test_a_bucket_that_is_not_ours_is_a_refusal_and_not_a_reason_to_try_again(bucket: Bucket) -> None:
    store = MediaStore("nobody-s-bucket", bucket.assets)
    for length in (len(DATA), None):
        with pytest.raises(Refused):
            store.write(KEY, io.BytesIO(DATA), length, "image/png", MANY)


def test_an_s3_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    with an_account_at("http://127.0.0.1:9", monkeypatch):
        for length in (len(DATA), None):
            with pytest.raises(OwnTrouble):
                bucket.store.write(KEY, io.BytesIO(DATA), length, "image/png", MANY)


@pytest.mark.parametrize("length", [len(DATA), None])
def test_an_s3_that_asks_to_slow_down_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, bucket: Bucket, length: int | None
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    slow_down = says(b"<Error><Code>SlowDown</Code></Error>", "503 Slow Down")
    with serving(slow_down) as server, an_account_at(server.url("").rstrip("/"), monkeypatch):
        with pytest.raises(OwnTrouble):
            bucket.store.write(KEY, io.BytesIO(DATA), length, "image/png", MANY)
        assert server.requests
