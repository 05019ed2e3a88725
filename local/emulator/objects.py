"""S3: what the emulator forgets between the beginning and the end of a multipart upload."""

from __future__ import annotations

import re
from typing import Any

from local.emulator.rewriting import replace


def keep_the_tags_of_multipart_uploads() -> None:
    """An object uploaded in parts has the tags its upload began with; the emulator drops them.

    Without them a large file would never be `new`, and no role could be refused it.
    """
    from ministack.services import s3

    tags: dict[str, str] = {}

    def create(bucket: str, key: str, headers: dict[str, str]) -> Any:
        answer = original_create(bucket, key, headers)
        begun = re.search(rb"<UploadId>([^<]+)</UploadId>", answer[2] or b"")
        if begun and headers.get("x-amz-tagging"):
            tags[begun[1].decode()] = headers["x-amz-tagging"]
        return answer

    def complete(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: Any = None) -> Any:
        answer = original_complete(bucket, key, body, query, headers)
        wanted = tags.pop(s3._qp(query, "uploadId"), None) if answer[0] == 200 else None
        if wanted:
            version = s3._ensure_bucket(bucket)["objects"][key].get("version_id")
            parsed = s3._parse_qs(wanted, keep_blank_values=True)
            s3._object_tags[(bucket, key, version)] = {name: values[0] for name, values in parsed.items()}
        return answer

    original_create = replace(s3, "_create_multipart_upload", create)
    original_complete = replace(s3, "_complete_multipart_upload", complete)
