"""The asset library on the deployed stack: through the API and S3's own door, and by a file put into the bucket."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from chatflow.adapters.aws.botocore_clients import botocore_client
from local.description import Description
from local.management_client import ManagementClient, RequestFailed
from tests.unit.functions.asset_processing import real_files

pytestmark = pytest.mark.slow

Eventually = Callable[..., Any]


@pytest.fixture
def operator(stack: Description) -> ManagementClient:
    return ManagementClient(stack)


@pytest.fixture
def name() -> str:
    """One that nobody used before."""
    return f"journey-{secrets.token_hex(4)}"


def checked(operator: ManagementClient, eventually: Eventually, asset: str) -> Any:
    """The asset, once its upload was looked at."""

    def looked_at() -> Any:
        found = operator.get(f"/assets/{asset}")
        return found if (found["upload"] or found)["state"] != "uploading" else None

    return eventually(looked_at)


def test_an_uploaded_photo_becomes_an_asset_with_a_thumbnail(
    operator: ManagementClient, eventually: Eventually, name: str
) -> None:
    photo = real_files.photo_jpeg(6)
    made = operator.post("/assets", filename=f"{name}.jpg", size=len(photo), mime="image/jpeg")
    assert made["asset"]["state"] == "uploading"
    operator.upload(made["upload"], photo)
    asset = checked(operator, eventually, f"{name}.jpg")
    assert (asset["state"], asset["kind"], asset["size"]) == ("ready", "image", len(photo))
    assert operator.fetch(asset["download_url"]) == photo
    thumbnail = Image.open(io.BytesIO(operator.fetch(asset["thumbnail_url"])))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (320, 240))
    assert f"{name}.jpg" in [each["name"] for each in operator.get("/assets", search=name)["items"]]


def test_s3_itself_refuses_what_the_form_does_not_allow(operator: ManagementClient, name: str) -> None:
    upload = operator.post("/assets", filename=f"{name}.png", size=100)["upload"]

    def sent(data: bytes, **changed: str) -> int:
        fields = {**upload["fields"], **changed}
        return httpx.post(upload["url"], data=fields, files={"file": data}, trust_env=False, timeout=60).status_code

    assert sent(b"") == 400
    assert sent(bytes(5 * 1_048_576 + 1)) == 400
    assert sent(b"x", key="asset/mine") == 403
    assert sent(b"x", **{"Content-Type": "text/html"}) == 403


def test_a_lie_is_rejected_and_the_file_that_was_there_stays(
    operator: ManagementClient, eventually: Eventually, name: str
) -> None:
    page = real_files.page_pdf()
    asset = f"{name}.pdf"
    operator.upload(operator.post("/assets", filename=asset, size=len(page))["upload"], page)
    before = checked(operator, eventually, asset)
    assert before["state"] == "ready"
    lie = b"<html>no page at all</html>"
    operator.upload(operator.post(f"/assets/{asset}/uploads", size=len(lie))["upload"], lie)
    after = checked(operator, eventually, asset)
    assert (after["state"], after["sha256"], after["version"]) == ("ready", before["sha256"], 1)
    assert after["upload"]["state"] == "rejected"
    assert after["upload"]["reason"].startswith("The content is of no format that can be sent.")


def test_a_file_put_into_the_bucket_becomes_an_asset_and_replaces_itself(
    operator: ManagementClient, eventually: Eventually, stack: Description, name: str
) -> None:
    s3, bucket = botocore_client("s3"), stack.outputs["AssetBucket"]
    asset, key = f"{name}.mp4", f"from the console/{name}.mp4"
    s3.put_object(Bucket=bucket, Key=key, Body=real_files.film_mp4())
    found = eventually(lambda: operator.get("/assets", search=name)["items"], within=60)[0]
    assert (found["name"], found["kind"], found["by"], found["version"]) == (asset, "video", "S3", 1)
    assert operator.fetch(found["download_url"]) == real_files.film_mp4()
    eventually(lambda: key not in keys(bucket))

    s3.put_object(Bucket=bucket, Key=key, Body=real_files.film_mp4(90))
    eventually(lambda: operator.get(f"/assets/{asset}")["version"] == 2, within=60)


def test_a_rejected_file_in_the_bucket_is_shown_until_it_is_taken_away(
    operator: ManagementClient, eventually: Eventually, stack: Description, name: str
) -> None:
    s3, bucket = botocore_client("s3"), stack.outputs["AssetBucket"]
    s3.put_object(Bucket=bucket, Key=f"{name}.txt", Body=b"hello")
    (found,) = eventually(lambda: operator.get("/assets", search=name)["items"])
    assert found["state"] == "rejected"
    assert found["reason"].startswith("The content is of no format that can be sent.")
    s3.delete_object(Bucket=bucket, Key=f"{name}.txt")
    eventually(lambda: operator.get("/assets", search=name)["items"] == [])


def test_what_the_deploy_published_has_thumbnails_and_is_not_deleted_while_flows_send_it(
    operator: ManagementClient, eventually: Eventually
) -> None:
    asset = operator.get("/assets/what-happens-next.pdf")
    assert asset["state"] == "ready"

    def drawn() -> bool:
        return httpx.get(asset["thumbnail_url"], trust_env=False).content[:4] == b"RIFF"

    assert eventually(drawn)
    used = operator.get("/assets/what-happens-next.pdf/usage")["used_by"]
    assert "damage-report" in [each["flow"] for each in used]
    seen = {"If-Match": operator.etag("/assets/what-happens-next.pdf")}
    with pytest.raises(RequestFailed, match=r"is sent by .*damage-report"):
        operator.request("DELETE", "/assets/what-happens-next.pdf", headers=seen)


def keys(bucket: str) -> list[str]:
    return [each["Key"] for each in botocore_client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]
