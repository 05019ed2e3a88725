"""Assets in the API: announced, uploaded, listed, renamed, replaced, deleted, and refused with clear messages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chatflow.adapters import aws
from chatflow.media.profiles import MB
from management.api import ManagementApi
from management.assets import service
from management.dependencies import Dependencies
from management.publishing.versions import Usage, UsedBy
from tests import samples
from tests.fakes.api_client import ApiClient
from tests.fakes.library import BUCKET, NOW, TABLE, FakeLibrary, library_on_moto
from tests.fakes.management_dependencies import with_fakes

PDF = samples.document_pdf()
JPEG = samples.photo_jpg()


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLibrary]:
    with library_on_moto(monkeypatch) as library:
        yield library


@pytest.fixture
def dependencies(dependencies: Dependencies, library: FakeLibrary) -> Dependencies:
    return with_fakes(dependencies, clock=lambda: NOW, asset_store=library.store, asset_bucket=library.bucket)


@pytest.fixture
def used_by(monkeypatch: pytest.MonkeyPatch, library: FakeLibrary) -> list[UsedBy]:
    """The flows that send any asset."""
    flows: list[UsedBy] = []
    monkeypatch.setattr(service.versions, "usage", lambda dependencies, what, name: Usage(used_by=flows))
    return flows


@pytest.fixture
def leaflet(library: FakeLibrary) -> FakeLibrary:
    """A library with leaflet.pdf in it."""
    key = library.expect("leaflet.pdf", filename="What happens next.pdf")
    library.put(key, PDF)
    assert library.arrive(key) == "ready"
    return library


def policy(form: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.b64decode(form["fields"]["policy"]))
    return decoded


def test_an_announced_file_may_be_uploaded_to_one_key_as_one_type_and_up_to_the_guides_size(
    library: FakeLibrary, editor: ApiClient
) -> None:
    response = editor("POST", "/assets", {"filename": "What happens next.pdf", "size": 1000, "mime": "application/pdf"})
    assert response.status == 201
    asset, form = response.body["asset"], response.body["upload"]
    assert (asset["name"], asset["state"], asset["kind"]) == ("What-happens-next.pdf", "uploading", "document")
    assert (asset["filename"], asset["version"], asset["by"]) == ("What happens next.pdf", None, "ada")
    assert asset["download_url"] is asset["thumbnail_url"] is None
    key = form["fields"]["key"]
    assert key.startswith("upload/")
    assert key.endswith("/What-happens-next.pdf")
    conditions = policy(form)["conditions"]
    assert {"key": key} in conditions
    assert {"Content-Type": "application/pdf"} in conditions
    assert ["content-length-range", 1, 20 * MB] in conditions
    assert form["expires_at"] == "2026-11-22T18:15:00Z"
    library.put(key, PDF)
    assert library.arrive(key) == "ready"
    shown = editor("GET", "/assets/What-happens-next.pdf")
    assert (shown.body["state"], shown.body["by"], shown.headers["ETag"]) == ("ready", "ada", '"r1"')


def test_a_link_to_the_file_saves_it_under_the_name_that_customers_see(leaflet: FakeLibrary, viewer: ApiClient) -> None:
    shown = viewer("GET", "/assets/leaflet.pdf").body
    url = urlsplit(shown["download_url"])
    assert url.path.endswith(f"asset/{shown['sha256']}")
    disposition = parse_qs(url.query)["response-content-disposition"][0]
    assert disposition == "attachment; filename=\"What happens next.pdf\"; filename*=UTF-8''What%20happens%20next.pdf"
    assert urlsplit(shown["thumbnail_url"]).path.endswith(f"thumbnail/{shown['sha256']}.webp")


@pytest.mark.parametrize(
    ("filename", "shown", "name"),
    [
        ("../../etc/pass\x00wd\r\n.pdf", "passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\ada\\plan.pdf", "plan.pdf", "plan.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf", "invoicefdp.pdf"),
        ("x" * 996 + ".pdf", "x" * 195 + ".pdf", "x" * 96 + ".pdf"),
        ("Preise März.pdf", "Preise März.pdf", "Preise-Marz.pdf"),
        ("\u200f\u202e.pdf", "pdf.pdf", "pdf.pdf"),
    ],
)
def test_a_filename_is_cleaned_when_the_file_is_announced(
    library: FakeLibrary, editor: ApiClient, filename: str, shown: str, name: str
) -> None:
    response = editor("POST", "/assets", {"filename": filename, "size": 10})
    assert response.status == 201, response.text
    assert (response.body["asset"]["filename"], response.body["asset"]["name"]) == (shown, name)


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"filename": "x" * 1100 + ".pdf", "size": 10}, "body.filename", "1024"),
        ({"filename": "", "size": 10}, "body.filename", "1 character"),
        ({"filename": "setup.exe", "size": 10}, "body.filename", ".exe is no format that can be sent. Those are pdf"),
        ({"filename": "photo\u202egpj.exe", "size": 10}, "body.filename", ".exe is no format"),
        ({"filename": "brochure", "size": 10}, "body.filename", "a file name that ends in one of: pdf"),
        ({"filename": "a.pdf", "size": 0}, "body.size", "greater than or equal to 1"),
        ({"filename": "a.pdf", "size": 10, "mime": "image/png"}, "body.mime", "image/png is not the type of a file"),
        ({"filename": "a.pdf", "size": 10, "name": "no such name"}, "body.name", "pattern"),
        ({"size": 10}, "body.filename", "required"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused_when_it_is_announced(
    library: FakeLibrary, editor: ApiClient, body: dict[str, Any], field: str, words: str
) -> None:
    response = editor("POST", "/assets", body)
    assert (response.status, response.slug) == (422, "invalid-request")
    assert field in [error["field"] for error in response.body["errors"]], response.text
    assert words in response.text
    assert list(library.store.all()) == []


@pytest.mark.parametrize(("filename", "limit"), [("a.pdf", 20), ("a.png", 5), ("a.mp3", 16), ("a.mp4", 16)])
def test_a_file_that_is_too_large_is_refused_when_it_is_announced(
    library: FakeLibrary, editor: ApiClient, filename: str, limit: int
) -> None:
    assert editor("POST", "/assets", {"filename": filename, "size": limit * MB}).status == 201
    response = editor("POST", "/assets", {"filename": f"b{filename}", "size": limit * MB + 1})
    assert (response.status, response.slug) == (413, "too-large")
    assert f"at most {limit} MB" in response.body["detail"]


def test_a_file_declared_as_video_has_the_size_limit_of_videos(library: FakeLibrary, editor: ApiClient) -> None:
    announced = {"filename": "a.mp4", "size": 6 * MB, "mime": "video/mp4"}
    assert editor("POST", "/assets", announced).slug == "too-large"


def test_an_asset_is_not_created_twice(leaflet: FakeLibrary, editor: ApiClient) -> None:
    response = editor("POST", "/assets", {"filename": "leaflet.pdf", "size": 10})
    assert (response.status, response.slug) == (409, "conflict")
    assert "POST /assets/leaflet.pdf/uploads" in response.body["detail"]
    other = editor("POST", "/assets", {"filename": "leaflet.pdf", "size": 10, "name": "leaflet-2.pdf"})
    assert other.status == 201


def test_an_asset_that_someone_else_is_uploading_is_not_taken_from_them(
    library: FakeLibrary, editor: ApiClient
) -> None:
    assert editor("POST", "/assets", {"filename": "a.pdf", "size": 10}).status == 201
    response = replace(editor, name="grace")("POST", "/assets", {"filename": "a.pdf", "size": 10})
    assert (response.status, response.slug) == (409, "conflict")
    assert "ada" in response.body["detail"]
    assert editor("POST", "/assets", {"filename": "a.pdf", "size": 10}).status == 201  # one's own try may be repeated


def test_of_two_users_who_create_an_asset_at_once_one_gets_a_conflict(
    library: FakeLibrary, editor: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = library.store.expect

    def expect(*given: Any, **more: Any) -> bool:
        monkeypatch.setattr(library.store, "expect", real)
        library.expect("a.pdf")
        return real(*given, **more)

    monkeypatch.setattr(library.store, "expect", expect)
    response = editor("POST", "/assets", {"filename": "a.pdf", "size": 10})
    assert (response.status, response.slug) == (409, "conflict")
    assert library.asset("a.pdf").upload.id == "1" * 32  # type: ignore[union-attr]


def test_a_version_uploaded_during_a_deletion_does_not_expire(
    leaflet: FakeLibrary, editor: ApiClient, used_by: list[UsedBy], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = leaflet.store.versions

    def versions(*given: Any) -> Any:
        monkeypatch.setattr(leaflet.store, "versions", real)
        key = leaflet.expect("leaflet.pdf", "5" * 32)
        leaflet.put(key, PDF)
        assert leaflet.arrive(key) == "ready"
        return real(*given)

    monkeypatch.setattr(leaflet.store, "versions", versions)
    assert editor("DELETE", "/assets/leaflet.pdf", if_match='"r1"').status == 204
    assert [each["version"] for each in _expiring("leaflet.pdf")] == [{"N": "1"}]


def _expiring(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    return [each for each in items if each["name"]["S"] == name and "expires_at" in each]


def test_a_rejected_upload_says_why_and_may_be_tried_again(library: FakeLibrary, editor: ApiClient) -> None:
    key = editor("POST", "/assets", {"filename": "photo.png", "size": 10}).body["upload"]["fields"]["key"]
    library.put(key, JPEG)
    assert library.arrive(key) == "rejected"
    shown = editor("GET", "/assets/photo.png").body
    assert (shown["state"], shown["version"]) == ("rejected", None)
    assert shown["reason"] == "The name ends in .png, but the content is JPEG. Let it end in .jpg."
    assert shown["upload"]["state"] == "rejected"
    again = editor("POST", "/assets", {"filename": "photo.png", "size": 10})
    assert again.body["asset"]["state"] == "uploading"


def test_an_upload_that_never_came_is_gone(editor: ApiClient, dependencies: Dependencies) -> None:
    assert editor("POST", "/assets", {"filename": "a.pdf", "size": 10}).status == 201
    later = ApiClient(ManagementApi(with_fakes(dependencies, clock=lambda: NOW + 1801)), "[editor]")
    assert later("GET", "/assets/a.pdf").slug == "not-found"
    assert later("GET", "/assets").body["items"] == []


def test_assets_are_listed_by_name_page_by_page(library: FakeLibrary, viewer: ApiClient) -> None:
    for number in range(7):
        library.expect(f"a{number}.pdf", f"{number}" * 32)
    pages, cursor = [], None
    for _ in range(9):
        response = viewer("GET", "/assets", query={"limit": 3, **({"cursor": cursor} if cursor else {})}).body
        pages.append([each["name"] for each in response["items"]])
        cursor = response["next"]
        if not cursor:
            break
    assert pages == [["a0.pdf", "a1.pdf", "a2.pdf"], ["a3.pdf", "a4.pdf", "a5.pdf"], ["a6.pdf"]]


def test_assets_are_found_by_either_name_by_kind_and_by_state(leaflet: FakeLibrary, viewer: ApiClient) -> None:
    leaflet.put("Großes Foto.jpg", JPEG)
    assert leaflet.arrive("Großes Foto.jpg") == "ready"
    leaflet.expect("voice.ogg", "3" * 32)
    leaflet.put("notes.txt", b"no")
    leaflet.arrive("notes.txt")

    def names(**query: str) -> list[str]:
        return [each["name"] for each in viewer("GET", "/assets", query=query).body["items"]]

    assert names(search="HAPPENS") == ["leaflet.pdf"]
    assert names(search="grosses") == ["Grosses-Foto.jpg"]
    assert names(search="großes") == ["Grosses-Foto.jpg"]
    assert names(kind="image") == ["Grosses-Foto.jpg"]
    assert names(kind="audio") == ["voice.ogg"]
    assert names(state="rejected") == ["notes.txt"]
    assert names(state="ready", kind="document") == ["leaflet.pdf"]
    assert names(search="nothing") == []


@pytest.mark.parametrize("query", [{"kind": "film"}, {"state": "new"}, {"limit": 0}, {"limit": 101}, {"cursor": "x"}])
def test_an_invalid_filter_is_refused(library: FakeLibrary, viewer: ApiClient, query: dict[str, Any]) -> None:
    assert viewer("GET", "/assets", query=query).slug == "invalid-request"


def test_renaming_makes_a_version_with_the_same_bytes(leaflet: FakeLibrary, editor: ApiClient) -> None:
    before = editor("GET", "/assets/leaflet.pdf")
    response = editor("PATCH", "/assets/leaflet.pdf", {"filename": "Your claim.docx"}, if_match=before.headers["ETag"])
    assert (response.status, response.headers["ETag"]) == (200, '"r2"')
    assert (response.body["filename"], response.body["sha256"]) == ("Your claim.pdf", before.body["sha256"])
    versions = editor("GET", "/assets/leaflet.pdf/versions").body["items"]
    shown = [(each["version"], each["live"], each["filename"]) for each in versions]
    assert shown == [(2, True, "Your claim.pdf"), (1, False, "What happens next.pdf")]


def test_renaming_requires_the_current_revision(leaflet: FakeLibrary, editor: ApiClient) -> None:
    body = {"filename": "x.pdf"}
    assert editor("PATCH", "/assets/leaflet.pdf", body).slug == "precondition-required"
    assert editor("PATCH", "/assets/leaflet.pdf", body, if_match='"r9"').slug == "edit-conflict"
    assert editor("PATCH", "/assets/nothing.pdf", body, if_match='"r1"').slug == "not-found"
    leaflet.expect("new.pdf", "4" * 32)
    assert editor("PATCH", "/assets/new.pdf", body, if_match='"r0"').slug == "not-live"


def test_a_replacement_stands_beside_the_live_file_until_it_is_checked(leaflet: FakeLibrary, editor: ApiClient) -> None:
    response = editor("POST", "/assets/leaflet.pdf/uploads", {"size": 100})
    assert response.status == 201
    asset = response.body["asset"]
    assert (asset["state"], asset["version"], asset["upload"]["state"]) == ("ready", 1, "uploading")
    newer = samples.image("PDF", 200, 100)
    key = response.body["upload"]["fields"]["key"]
    leaflet.put(key, newer)
    assert leaflet.arrive(key) == "ready"
    shown = editor("GET", "/assets/leaflet.pdf").body
    assert (shown["version"], shown["size"], shown["upload"]) == (2, len(newer), None)
    assert shown["filename"] == "What happens next.pdf"


def test_a_replacement_is_of_the_same_kind(leaflet: FakeLibrary, editor: ApiClient) -> None:
    response = editor("POST", "/assets/leaflet.pdf/uploads", {"size": 100, "filename": "photo.jpg"})
    assert (response.status, response.slug) == (422, "invalid-request")
    assert "is of the kind document" in response.body["detail"]
    assert editor("POST", "/assets/nothing.pdf/uploads", {"size": 1}).slug == "not-found"
    stale = editor("POST", "/assets/leaflet.pdf/uploads", {"size": 1}, if_match='"r7"')
    assert stale.slug == "edit-conflict"


def test_an_asset_that_flows_send_is_not_deleted(
    leaflet: FakeLibrary, editor: ApiClient, admin: ApiClient, used_by: list[UsedBy]
) -> None:
    used_by.append(UsedBy(flow="damage-report", nodes=["leaflet"]))
    assert editor("GET", "/assets/leaflet.pdf/usage").body == {
        "used_by": [{"flow": "damage-report", "nodes": ["leaflet"]}]
    }
    response = editor("DELETE", "/assets/leaflet.pdf", if_match='"r1"')
    assert (response.status, response.slug) == (409, "asset-in-use")
    assert response.body["used_by"] == [{"flow": "damage-report", "nodes": ["leaflet"]}]
    assert editor("DELETE", "/assets/leaflet.pdf", query={"force": "true"}, if_match='"r1"').slug == "forbidden"
    assert admin("DELETE", "/assets/leaflet.pdf", query={"force": "true"}, if_match='"r1"').status == 204
    assert editor("GET", "/assets/leaflet.pdf").slug == "not-found"


def test_a_deleted_assets_versions_stay_for_thirty_days(
    leaflet: FakeLibrary, editor: ApiClient, used_by: list[UsedBy]
) -> None:
    assert editor("DELETE", "/assets/leaflet.pdf", if_match='"r1"').status == 204
    left = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert [(each["item"]["S"], each["expires_at"]["N"]) for each in left] == [("v000001", str(NOW + 30 * 86_400))]
    assert leaflet.keys == []
    stored = aws.client("s3").list_object_versions(Bucket=BUCKET, Prefix="asset/")["Versions"]
    assert len(stored) == 1, "the bytes can be brought back for as long"


def test_bytes_that_another_asset_has_too_stay(leaflet: FakeLibrary, editor: ApiClient, used_by: list[UsedBy]) -> None:
    leaflet.put("same.pdf", PDF)
    leaflet.arrive("same.pdf")
    before = leaflet.keys
    assert editor("DELETE", "/assets/leaflet.pdf", if_match='"r1"').status == 204
    assert leaflet.keys == before


def test_a_name_can_be_used_again(leaflet: FakeLibrary, editor: ApiClient, used_by: list[UsedBy]) -> None:
    editor("DELETE", "/assets/leaflet.pdf", if_match='"r1"')
    key = editor("POST", "/assets", {"filename": "leaflet.pdf", "size": 10}).body["upload"]["fields"]["key"]
    leaflet.put(key, PDF)
    assert leaflet.arrive(key) == "ready"
    assert editor("GET", "/assets/leaflet.pdf").body["version"] == 2, "a number is never given twice"


def test_deleting_requires_the_current_revision(leaflet: FakeLibrary, editor: ApiClient, used_by: list[UsedBy]) -> None:
    assert editor("DELETE", "/assets/leaflet.pdf").slug == "precondition-required"
    assert editor("DELETE", "/assets/leaflet.pdf", if_match='"r3"').slug == "edit-conflict"
    assert editor("DELETE", "/assets/nothing.pdf", if_match='"r3"').slug == "not-found"
    assert "asset/" in leaflet.keys[0]


def test_a_rejected_file_can_be_removed_from_the_list(
    library: FakeLibrary, editor: ApiClient, used_by: list[UsedBy]
) -> None:
    library.put("notes.txt", b"hello")
    library.arrive("notes.txt")
    assert editor("DELETE", "/assets/notes.txt", if_match='"r0"').status == 204
    assert editor("GET", "/assets").body["items"] == []
    assert library.keys == ["notes.txt"], "a person's own file is not ours to delete"


def test_a_cursor_of_versions_is_a_number(leaflet: FakeLibrary, viewer: ApiClient) -> None:
    for number in ("\u0663", "x", "1" * 7):
        text = base64.urlsafe_b64encode(json.dumps({"before": number}).encode()).decode().rstrip("=")
        response = viewer("GET", "/assets/leaflet.pdf/versions", query={"cursor": text})
        assert response.slug == "invalid-request"
    assert viewer("GET", "/assets/nothing.pdf/versions").slug == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/assets", "viewer"),
        ("POST", "/assets", "editor"),
        ("GET", "/assets/a.pdf", "viewer"),
        ("PATCH", "/assets/a.pdf", "editor"),
        ("DELETE", "/assets/a.pdf", "editor"),
        ("POST", "/assets/a.pdf/uploads", "editor"),
        ("GET", "/assets/a.pdf/versions", "viewer"),
        ("GET", "/assets/a.pdf/usage", "viewer"),
    ],
)
def test_each_route_requires_its_role(api: ManagementApi, method: str, path: str, role: str) -> None:
    ranks = ["", "viewer", "editor", "admin"]
    for has in ranks:
        response = ApiClient(api, f"[{has}]")(method, path, {} if method in ("POST", "PATCH") else None)
        assert (response.status == 403) == (ranks.index(has) < ranks.index(role)), (has, response.text)
