"""`chatflow assets`: uploads are checked; assets are listed, renamed, replaced and removed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.management.contents import Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "Good photo.png"
    file.write_bytes(os.urandom(300_000))
    return file


def test_an_upload_ends_when_the_file_is_checked(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, picture: Path
) -> None:
    contents.reads_until_checked = 3
    result = chatflow("assets", "upload", str(picture))
    assert (result.code, result.out) == (0, "ready     good-photo.png  image, 293 kB\n")
    assert list(deployment.stored.values()) == [picture.read_bytes()]
    assert len(deployment.calls_to("GET", "/assets/good-photo.png")) == 3


def test_several_files_go_in_one_after_the_other(chatflow: Chatflow, contents: Contents, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"picture")
    result = chatflow("assets", "upload", str(tmp_path / "a.png"), str(tmp_path / "b.png"), "--json")
    assert [(each["name"], each["state"]) for each in result.json["items"]] == [("a.png", "ready"), ("b.png", "ready")]
    assert chatflow("assets", "upload", str(tmp_path / "a.png"), str(tmp_path / "b.png"), "--name", "c").code == 2


def test_a_rejected_file_says_why(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    contents.rejects = "The bytes are no image."
    result = chatflow("assets", "upload", str(picture), "--name", "odd")
    assert result.code == 1
    assert result.out == "rejected  odd  The bytes are no image.\n"


def test_a_check_that_takes_too_long_is_not_waited_for(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    contents.reads_until_checked = 1_000_000
    result = chatflow("assets", "upload", str(picture), "--wait", "0.05")
    assert (result.code, result.out.split()[0]) == (0, "uploading")
    assert chatflow("assets", "upload", str(picture), "--wait", "0", "--name", "other").code == 0


def test_what_s3_refuses_is_told_in_its_words(chatflow: Chatflow, deployment: Deployment, picture: Path) -> None:
    deployment.bucket_fault = "Your proposed upload exceeds the maximum allowed size"
    result = chatflow("assets", "upload", str(picture))
    assert result.code == 1
    assert "exceeds the maximum allowed size" in result.err


def test_a_name_that_is_taken_is_a_conflict(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    chatflow("assets", "upload", str(picture))
    result = chatflow("assets", "upload", str(picture))
    assert result.code == 5
    assert 'There is an asset "good-photo.png".' in result.err


def test_a_replaced_asset_is_waited_for_though_it_is_ready_all_the_while(
    chatflow: Chatflow, contents: Contents, picture: Path
) -> None:
    chatflow("assets", "upload", str(picture))
    contents.reads_until_checked = 3
    picture.write_bytes(b"another")
    result = chatflow("assets", "replace", "good-photo.png", str(picture), "--json")
    (asset,) = result.json["items"]
    assert (asset["state"], asset["version"], asset["size"]) == ("ready", 2, 7)

    contents.rejects = "No image."
    assert chatflow("assets", "replace", "good-photo.png", str(picture)).code == 1
    assert contents.assets["good-photo.png"]["live"]["version"] == 2


def test_the_library_is_listed_and_searched(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    assert "chatflow assets upload" in chatflow("assets", "list").out
    chatflow("assets", "upload", str(picture))
    header, row = chatflow("assets", "list", "--search", "good", "--kind", "image").out.splitlines()
    assert header.split() == ["Asset", "Filename", "Kind", "Size", "State", "Version", "Changed"]
    assert row.split()[:6] == ["good-photo.png", "Good", "photo.png", "image", "293", "kB"]
    assert chatflow("assets", "list", "--search", "none", "--json").json == {"items": []}


def test_an_asset_in_use_is_deleted_by_force_only(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    chatflow("assets", "upload", str(picture))
    contents.used["good-photo.png"] = ["photo", "welcome"]
    assert "photo (leaflet), welcome (leaflet)" in chatflow("assets", "show", "good-photo.png").out
    result = chatflow("assets", "rm", "good-photo.png", "--yes")
    assert result.code == 5
    assert "Used by: photo, welcome" in result.err
    assert chatflow("assets", "rm", "good-photo.png", "--yes", "--force").code == 0
    assert contents.assets == {}


def test_a_new_filename_is_what_customers_see(chatflow: Chatflow, contents: Contents, picture: Path) -> None:
    chatflow("assets", "upload", str(picture))
    result = chatflow("assets", "rename", "good-photo.png", "Your photo.png")
    assert result.out == "Customers see good-photo.png as Your photo.png.\n"
    assert contents.assets["good-photo.png"]["live"]["filename"] == "Your photo.png"


MEASURED = """
import sys, resource
from pathlib import Path
from chatflow_cli.uploads import ProgressReader, _post_to_s3
file = Path(sys.argv[2])
read = []
_post_to_s3({"url": sys.argv[1], "fields": {"key": "k"}}, ProgressReader(file.open("rb"), read.append))
assert sum(read) == file.stat().st_size
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_large_file_takes_no_more_memory_than_a_small_one(deployment: Deployment, tmp_path: Path) -> None:
    used = []
    for megabytes in (1, 64):
        file = tmp_path / "file"
        with file.open("wb") as writing:
            writing.truncate(megabytes * 1024 * 1024)
        command = [sys.executable, "-c", MEASURED, f"{deployment.url}/bucket", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used.append(int(done.stdout))
    unit = 1024 if sys.platform == "darwin" else 1
    assert (used[1] - used[0]) / unit < 8 * 1024  # kB, of 63 MB more
