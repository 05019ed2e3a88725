"""The layer's reduced botocore behaves like the whole one."""

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

from chatflow.adapters.aws import botocore_clients
from infrastructure.packaging.botocore_data import reduce_data
from infrastructure.packaging.builder import Packages
from infrastructure.packaging.dependencies import SERVICES
from infrastructure.packaging.targets import target

pytestmark = pytest.mark.slow

pytestmark = pytest.mark.slow

WHOLE = Path(botocore.__file__).parent / "data"
EVENTS = (
    *(
        "provide-client-params",
        "before-parameter-build",
        "before-endpoint-resolution",
        "before-call",
        "request-created",
    ),
    *("request-created", "choose-signer", "before-sign", "before-send", "needs-retry", "before-parse", "after-call"),
)
REGIONS = ("eu-central-1", "us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "mars-north-1")


@pytest.fixture(scope="module")
def reduced() -> Path:
    return Packages(target("local"))["dependencies"].path / "python" / "botocore" / "data"


def model(data: Path, service: str) -> Any:
    newest = sorted((data / service).iterdir())[-1]
    return json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


def new_session(data: Path) -> Session:
    session = Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session


def endpoint(data: Path, service: str, region: str) -> str:
    client = new_session(data).create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")
    return str(client.meta.endpoint_url)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_and_every_shape_remains(reduced: Path, service: str) -> None:
    whole, remaining = model(WHOLE, service), model(reduced, service)
    assert remaining["metadata"] == whole["metadata"]
    for part in ("operations", "shapes"):
        assert remaining[part].keys() == whole[part].keys()
    for name, shape in whole["shapes"].items():
        assert remaining["shapes"][name].get("members", {}).keys() == shape.get("members", {}).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_clients_have_the_same_endpoints(reduced: Path, service: str) -> None:
    for region in REGIONS:
        assert endpoint(reduced, service, region) == endpoint(WHOLE, service, region)


def test_no_documentation_remains(reduced: Path) -> None:
    for service in SERVICES:
        assert not re.search(r'"documentation": "[^"]', json.dumps(model(reduced, service)))
    assert (reduced / "endpoints.json").stat().st_size < (WHOLE / "endpoints.json").stat().st_size / 10
    assert sorted(path.name for path in reduced.iterdir() if path.is_dir()) == sorted(SERVICES)


def test_a_member_with_the_name_documentation_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    version = data / "thing" / "2020-01-01"
    version.mkdir(parents=True)
    shape = {"type": "structure", "documentation": "words", "members": {"documentation": {"shape": "Text"}}}
    description = {"metadata": {"endpointPrefix": "thing"}, "operations": {}, "shapes": {"Thing": shape}}
    (version / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(description).encode()))
    (data / "endpoints.json").write_text('{"partitions": [{"services": {"thing": {}, "other": {}}}]}')
    reduce_data(data, ["thing"])
    assert model(data, "thing")["shapes"]["Thing"] == {"type": "structure", "members": shape["members"]}
    assert json.loads((data / "endpoints.json").read_text()) == {"partitions": [{"services": {"thing": {}}}]}


def test_a_hard_link_into_the_installers_cache_is_not_changed(tmp_path: Path) -> None:
    shared = tmp_path / "endpoints.json"
    shared.write_text('{"partitions": [{"services": {"other": {}}}]}')
    data = tmp_path / "data"
    data.mkdir()
    (data / "endpoints.json").hardlink_to(shared)
    reduce_data(data, [])
    assert "other" in shared.read_text()


def _is_botocores(handler: Any) -> bool:
    """Powertools, once another test has imported it, adds handlers that write its name into the User-Agent."""
    return str(getattr(handler, "__module__", "botocore")).startswith("botocore")


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_of_ours_has_the_handlers_that_botocore_would_give_it(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each event of each operation, in their order."""
    monkeypatch.setattr(Session, "get_available_services", lambda _: list(SERVICES))

    def handlers(made: Any) -> dict[str, list[Any]]:
        client = made.create_client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        name = client.meta.service_model.service_id.hyphenize()
        trie = made.get_component("event_emitter")._emitter._handlers
        operations = client.meta.service_model.operation_names
        of_calls = (f"{each}.{name}.{operation}" for each in EVENTS for operation in operations)
        events = [f"creating-client-class.{name}", *of_calls]
        return {event: [each for each in trie.prefix_search(event) if _is_botocores(each)] for event in events}

    ours, whole = handlers(botocore_clients.session.__wrapped__()), handlers(Session())
    assert ours == whole
    assert any(whole.values())


def test_handlers_of_documentation_and_of_services_that_are_not_there_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Session, "get_available_services", lambda _: list(SERVICES))
    trie = botocore_clients.session.__wrapped__().get_component("event_emitter")._emitter._handlers
    assert list(trie.prefix_search("docs.x.s3.CopyObject.complete-section")) == []
    assert set(trie.prefix_search("before-call.glacier.UploadArchive")) == set(trie.prefix_search("before-call.sqs.X"))
