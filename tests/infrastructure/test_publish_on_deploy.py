"""Synth stops at flows with problems, and the same files give the same publication."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infrastructure.packaging.contents import ROOT


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A copy of the examples."""
    return Path(shutil.copytree(ROOT / "flows", tmp_path / "flows"))


def test_everything_in_the_folder_is_published(flows: Path) -> None:
    from infrastructure.data.publish_on_deploy import entries

    published = {entry.id: entry for entry in entries(flows, {})}
    assert "flow/damage-report" in published
    assert "routes/routes" in published
    assert published["asset/what-happens-next.pdf"].file == "assets/what-happens-next.pdf"
    assert published["asset/what-happens-next.pdf"].document["key"].startswith("asset/")
    assert published["flow/damage-report"].slices


def test_an_edit_changes_its_own_entry_alone(flows: Path) -> None:
    from infrastructure.data.publish_on_deploy import entries

    before = {entry.id: entry for entry in entries(flows, {})}
    edited = flows / "welcome.yaml"
    edited.write_text(edited.read_text().replace("title:", "title: New,"))
    after = {entry.id: entry for entry in entries(flows, {})}
    assert [id for id in after if after[id] != before[id]] == ["flow/welcome"]
    assert after["flow/welcome"].hash != before["flow/welcome"].hash


def test_a_deployments_own_address_changes_the_flows_that_call_it(flows: Path) -> None:
    from infrastructure.data.publish_on_deploy import entries

    one, two = (entries(flows, {"business_url": url}) for url in ("https://one.example", "https://two.example"))
    changed = [entry.id for entry, other in zip(one, two, strict=True) if entry.hash != other.hash]
    assert "flow/damage-report" in changed
    assert "flow/welcome" not in changed


def test_every_problem_is_printed_before_synth_stops(flows: Path) -> None:
    from infrastructure.configuration import Misconfigured
    from infrastructure.data.publish_on_deploy import entries

    for name in ("damage-report", "one-file-in"):
        path = flows / f"{name}.yaml"
        path.write_text(path.read_text().replace("start:", "begin:"))
    with pytest.raises(Misconfigured) as stopped:
        entries(flows, {})
    assert "damage-report.yaml" in str(stopped.value)
    assert "one-file-in.yaml" in str(stopped.value)
