"""S3 patches: tags of multipart uploads."""

from __future__ import annotations

import re
from typing import Any

from local.emulator.patching import replace_function


def store_multipart_tags() -> None:
    """An object uploaded in parts has the tags of CreateMultipartUpload; the emulator drops them.

    Without them a large file would never have the state `new`, and no role could be refused access to it.
    """
    from ministack.services import s3

    tags: dict[str, str] = {}

    def create(bucket: str, key: str, headers: dict[str, str]) -> Any:
        answer = original_create(bucket, key, headers)
        created = re.search(rb"<UploadId>([^<]+)</UploadId>", answer[2] or b"")
        if created and headers.get("x-amz-tagging"):
            tags[created[1].decode()] = headers["x-amz-tagging"]
        return answer

    def complete(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: Any = None) -> Any:
        answer = original_complete(bucket, key, body, query, headers)
        tagging = tags.pop(s3._qp(query, "uploadId"), None) if answer[0] == 200 else None
        if tagging:
            version = s3._ensure_bucket(bucket)["objects"][key].get("version_id")
            parsed = s3._parse_qs(tagging, keep_blank_values=True)
            s3._object_tags[(bucket, key, version)] = {name: values[0] for name, values in parsed.items()}
        return answer

    original_create = replace_function(s3, "_create_multipart_upload", create)
    original_complete = replace_function(s3, "_complete_multipart_upload", complete)
