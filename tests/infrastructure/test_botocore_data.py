"""The layer's botocore says less than the whole one, and does the same."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from infrastructure.packaging import Packages
from infrastructure.packaging.botocore_data import cut_down
from infrastructure.packaging.dependencies import SERVICES
from infrastructure.packaging.targets import target

WHOLE = Path(botocore.__file__).parent / "data"
REGIONS = ("eu-central-1", "us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "mars-north-1")


@pytest.fixture(scope="module")
def less() -> Path:
    return Packages(target("local"))["dependencies"].path / "python" / "botocore" / "data"


def model(data: Path, service: str) -> Any:
    newest = sorted((data / service).iterdir())[-1]
    return json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


def session(data: Path) -> Session:
    made = Session()
    made.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return made


def endpoint(data: Path, service: str, region: str) -> str:
    made = session(data).create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")
    return str(made.meta.endpoint_url)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_and_every_shape_is_there(less: Path, service: str) -> None:
    whole, kept = model(WHOLE, service), model(less, service)
    assert kept["metadata"] == whole["metadata"]
    for part in ("operations", "shapes"):
        assert kept[part].keys() == whole[part].keys()
    for name, shape in whole["shapes"].items():
        assert kept["shapes"][name].get("members", {}).keys() == shape.get("members", {}).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_calls_go_where_they_went(less: Path, service: str) -> None:
    for region in REGIONS:
        assert endpoint(less, service, region) == endpoint(WHOLE, service, region)


def test_nothing_is_left_that_only_people_read(less: Path) -> None:
    for service in SERVICES:
        assert not re.search(r'"documentation": "[^"]', json.dumps(model(less, service)))
    assert (less / "endpoints.json").stat().st_size < (WHOLE / "endpoints.json").stat().st_size / 10
    assert sorted(path.name for path in less.iterdir() if path.is_dir()) == sorted(SERVICES)


def test_a_member_that_is_called_documentation_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    version = data / "thing" / "2020-01-01"
    version.mkdir(parents=True)
    shape = {"type": "structure", "documentation": "words", "members": {"documentation": {"shape": "Text"}}}
    described = {"metadata": {"endpointPrefix": "thing"}, "operations": {}, "shapes": {"Thing": shape}}
    (version / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(described).encode()))
    (data / "endpoints.json").write_text('{"partitions": [{"services": {"thing": {}, "other": {}}}]}')
    cut_down(data, ["thing"])
    assert model(data, "thing")["shapes"]["Thing"] == {"type": "structure", "members": shape["members"]}
    assert json.loads((data / "endpoints.json").read_text()) == {"partitions": [{"services": {"thing": {}}}]}


def test_a_file_that_an_installer_shares_is_left_alone(tmp_path: Path) -> None:
    shared = tmp_path / "endpoints.json"
    shared.write_text('{"partitions": [{"services": {"other": {}}}]}')
    data = tmp_path / "data"
    data.mkdir()
    (data / "endpoints.json").hardlink_to(shared)
    cut_down(data, [])
    assert "other" in shared.read_text()
