"""Object keys: what a key says, who owns it, and that no other module spells a prefix."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow.media import object_keys
from chatflow.media.object_keys import AssetFile, CustomerFile, ManualUpload, Upload

ROOT = Path(__file__).parents[4]
OWNER = "layers/chatflow/python/chatflow/media/object_keys.py"
SHA = "0" * 64
ANN, BEN = "c_ann", "c_ben"
PREFIX = re.compile(r"(?<![\w.-])(media|download|asset|upload|thumbnail)/")
# These name published things by ids such as `flow/<name>` and `asset/<name>`: no object keys.
WITH_IDS = {
    "functions/management/publishing/service.py",
    "layers/chatflow/python/chatflow/adapters/dynamodb/published_index.py",
    "layers/chatflow/python/chatflow/adapters/dynamodb/versions.py",
}


def texts(source: str) -> Iterator[str]:
    """Every string in a module but its docstrings."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_no_other_module_spells_a_prefix() -> None:
    spelled = {
        path
        for folder in ("layers/chatflow/python/chatflow", "functions", "infrastructure")
        for file in (ROOT / folder).rglob("*.py")
        if (path := file.relative_to(ROOT).as_posix()) != OWNER
        and any(PREFIX.search(text) for text in texts(file.read_text(encoding="utf-8")))
    }
    assert spelled - WITH_IDS == set()


@pytest.mark.parametrize("written", ['f"media/{key}/1"', '"upload/*"', '["thumbnail/"]', '"<Bucket>/download/*"'])
def test_a_spelled_prefix_is_found(written: str) -> None:
    assert any(PREFIX.search(text) for text in texts(f"key = {written}"))


def test_a_key_of_the_asset_bucket_says_what_lies_there() -> None:
    parse = object_keys.parse_asset_bucket
    assert parse(object_keys.upload("f" * 32, "a.pdf")) == Upload("f" * 32, "a.pdf")
    assert parse(object_keys.asset(SHA)) == AssetFile(SHA)
    assert parse(object_keys.thumbnail(SHA)) is None
    assert parse("brochures/") is None
    assert parse("brochures/spring.pdf") == ManualUpload("spring.pdf")
    assert parse("asset/by-hand.pdf") == ManualUpload("by-hand.pdf")
    assert parse("upload/by-hand.pdf") == ManualUpload("by-hand.pdf")


def test_a_customers_file_says_whose_it_is() -> None:
    parse = object_keys.parse_customer_file
    assert parse(object_keys.customer_file(ANN, "s_1", 3, "abc")) == CustomerFile(ANN, "s_1")
    assert parse(object_keys.download(ANN, "s_1", 3, "call")) is None
    assert parse("media/c_ann/alone") is None


def test_keys_are_those_that_stored_references_hold() -> None:
    assert object_keys.customer_file(ANN, "s_1", 3, "abc") == "media/c_ann/s_1/3-abc"
    assert object_keys.download(ANN, "s_1", 3, "call") == "download/c_ann/s_1/3-call"
    assert object_keys.asset(SHA) == f"asset/{SHA}"
    assert object_keys.thumbnail(SHA) == f"thumbnail/{SHA}.webp"
    assert object_keys.upload("f" * 32, "a.pdf") == f"upload/{'f' * 32}/a.pdf"


def test_a_conversation_may_use_its_own_files_and_assets_only() -> None:
    own = [object_keys.customer_file(ANN, "s_1", 1, "x"), object_keys.download(ANN, "s_1", 1, "call")]
    for key in (*own, object_keys.asset(SHA)):
        assert object_keys.may_use(ANN, key)
    for key in (*own, "media/c_ann", object_keys.thumbnail(SHA), object_keys.upload("f" * 32, "a.pdf"), "", "asset"):
        assert not object_keys.may_use(BEN, key)
    assert not object_keys.may_use("c_an", own[0])


def test_only_assets_lie_in_the_asset_bucket() -> None:
    assert object_keys.is_asset(object_keys.asset(SHA))
    assert not object_keys.is_asset(object_keys.customer_file(ANN, "s_1", 1, "x"))
    assert not object_keys.is_asset(object_keys.download(ANN, "s_1", 1, "call"))


def test_patterns_cover_what_lies_under_a_prefix() -> None:
    assert object_keys.objects_under(object_keys.ASSETS) == "asset/*"
    assert object_keys.any_conversation(object_keys.CUSTOMER_FILES) == "media/c_*"
    assert object_keys.prefixes_of(ANN) == ("media/c_ann/", "download/c_ann/")
