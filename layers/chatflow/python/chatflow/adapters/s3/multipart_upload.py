"""Writing an object whose length is not known before its end."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.exact_length_stream import BLOCK
from chatflow.adapters.hashing_stream import Passing
from chatflow.adapters.s3.errors import s3_faults
from chatflow.errors import ChatflowError

PART = 5 * 1024 * 1024  # bytes; the smallest that S3 takes


def put_in_parts(bucket: str, key: str, body: Passing, mime: str, tagging: str) -> None:
    """In parts of 5 MiB; at once if it turns out to be less than one. Leaves nothing half done."""
    place = {"Bucket": bucket, "Key": key}
    how = {"ContentType": mime, "Tagging": tagging}
    s3 = client("s3")
    buffer = bytearray(PART)  # one, filled again and again
    part = _filled(buffer, body)
    with s3_faults():
        if len(part) < PART:
            s3.put_object(**place, **how, Body=part)
            return
        upload = s3.create_multipart_upload(**place, **how)["UploadId"]
        sent: list[dict[str, Any]] = []
        try:
            while part:
                number = len(sent) + 1
                done = s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=part)
                sent.append({"PartNumber": number, "ETag": done["ETag"]})
                part = _filled(buffer, body)
            s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": sent})
        except BaseException:
            with suppress(ChatflowError), s3_faults():  # a rule of the bucket clears away what this cannot
                s3.abort_multipart_upload(**place, UploadId=upload)
            raise


def _filled(buffer: bytearray, body: Passing) -> bytearray:
    """The buffer with what comes next; a copy of its beginning, empty perhaps, once the body has ended."""
    filled = 0
    while filled < len(buffer) and (block := body.read(min(BLOCK, len(buffer) - filled))):
        buffer[filled : filled + len(block)] = block
        filled += len(block)
    return buffer if filled == len(buffer) else buffer[:filled]
