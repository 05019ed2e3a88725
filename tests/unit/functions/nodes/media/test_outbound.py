"""The Media node, outbound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.errors import ChannelRefused, ChannelUnavailable, MediaRejected, NotPublished, Unavailable
from chatflow.media.profiles import MB
from chatflow.media.reference import MediaReference
from nodes.media.rule import visit
from tests.fakes.visit import FakePorts, a_visit

LEAFLET = MediaReference("asset/" + "cd" * 32, "cd" * 32, 5000, "application/pdf", "document", "what-next.pdf")
PICTURE = MediaReference("asset/" + "ef" * 32, "ef" * 32, 5000, "image/png", "image", "help.png")
REPORT = replace(LEAFLET, key="media/c_ann/s_1/2-call", filename="report.pdf")


def sending(source: dict[str, str], **more: str) -> dict[str, Any]:
    return {"direction": "outbound", "source": source, "caption": "", "filename": "", **more}


def fake_ports(**more: Any) -> FakePorts:
    assets = {"leaflet.pdf": LEAFLET, "help.png": PICTURE}
    return FakePorts(**{"profile": WHATSAPP, "assets": assets, **more})


def test_an_asset_is_sent_and_the_flow_goes_on() -> None:
    ports = fake_ports()
    outcome = visit(a_visit(sending({"asset": "leaflet.pdf"})), ports)
    assert outcome.exit == "sent"
    assert ports.sent_files == [(LEAFLET, "")]
    assert outcome.effects == ({"effect": "give", "messages": ["wamid.file"]},)


def test_a_file_that_an_api_gave_is_sent() -> None:
    ports = fake_ports()
    outcome = visit(a_visit(sending({"media": "[[report]]"}), variables={"report": REPORT.to_json()}), ports)
    assert outcome.exit == "sent"
    assert ports.sent_files == [(REPORT, "")]


def test_a_caption_goes_with_every_file_to_the_channel_that_knows_whether_it_is_shown() -> None:
    for asset, caption in (("help.png", "For B 1"), ("leaflet.pdf", "For B 1")):
        ports = fake_ports()
        visit(a_visit(sending({"asset": asset}, caption="For [[plate]]"), variables={"plate": "B 1"}), ports)
        assert ports.sent_files[0][1] == caption


def test_the_author_may_name_the_file_and_the_name_is_cleaned() -> None:
    ports = fake_ports()
    config = sending({"asset": "leaflet.pdf"}, filename="Claim [[plate]]")
    visit(a_visit(config, variables={"plate": "../../B\r\n1.exe"}), ports)
    assert ports.sent_files[0][0].filename == "B1.pdf"


@pytest.mark.parametrize("value", ["", "text", {"key": "x"}, None, 7])
def test_a_variable_that_holds_no_file_is_exit_failed(value: Any) -> None:
    outcome = visit(a_visit(sending({"media": "[[report]]"}), variables={"report": value}), fake_ports())
    assert outcome.exit == "failed"
    assert outcome.set == {"ask_failure": {"reason": "not_published"}}


@pytest.mark.parametrize("key", ["media/c_bob/s_9/1-x", "media/c_ann2/s/1", "other", "../media/c_ann/x"])
def test_a_file_of_another_conversation_is_never_sent_whatever_a_variable_says(key: str) -> None:
    ports = fake_ports()
    forged = {**REPORT.to_json(), "key": key}
    outcome = visit(a_visit(sending({"media": "[[report]]"}), variables={"report": forged}), ports)
    assert outcome.exit == "failed"
    assert ports.sent_files == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mime": "model/vnd.usdz+zip"}, "unsupported_by_channel"),
        ({"mime": "text/html"}, "unsupported_by_channel"),
        ({"size": 20 * MB + 1}, "too_large"),
    ],
)
def test_a_file_that_the_channel_does_not_take_is_exit_failed_before_anything_is_sent(
    changed: dict[str, Any], reason: str
) -> None:
    ports = fake_ports()
    held = {**REPORT.to_json(), **changed}
    outcome = visit(a_visit(sending({"media": "[[report]]"}), variables={"report": held}), ports)
    assert outcome.exit == "failed"
    assert outcome.set == {"ask_failure": {"reason": reason}}
    assert ports.sent_files == []


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ChannelRefused(131047, "too late"), {"reason": "refused", "code": 131047, "cause": "unknown"}),
        (ChannelRefused(403, "blocked", "unreachable"), {"reason": "refused", "code": 403, "cause": "unreachable"}),
        (ChannelUnavailable("down"), {"reason": "unavailable"}),
        (Unavailable("S3 is down"), {"reason": "unavailable"}),
        (NotPublished("gone"), {"reason": "not_published"}),
        (MediaRejected("too_large", ""), {"reason": "too_large"}),
    ],
)
def test_why_it_was_not_sent_stands_in_a_variable(error: Exception, failure: dict[str, Any]) -> None:
    outcome = visit(a_visit(sending({"asset": "leaflet.pdf"})), fake_ports(refuses=error))
    assert outcome.exit == "failed"
    assert outcome.set == {"ask_failure": failure}


def test_an_asset_that_is_gone_is_exit_failed() -> None:
    outcome = visit(a_visit(sending({"asset": "old.pdf"})), fake_ports())
    assert outcome.exit == "failed"
    assert outcome.set == {"ask_failure": {"reason": "not_published"}}


def test_a_file_that_the_channel_does_not_show_is_exit_failed_with_its_encoding() -> None:
    """As an API may answer with: it would be accepted, and fail after the flow went on."""
    ports = fake_ports()
    film = replace(REPORT, mime="video/mp4", kind="video", filename="a.mp4", encoding="HEVC")
    outcome = visit(a_visit(sending({"media": "[[report]]"}), variables={"report": film.to_json()}), ports)
    assert outcome.exit == "failed"
    assert outcome.set == {"ask_failure": {"reason": "not_shown", "encoding": "HEVC"}}
    assert ports.sent_files == []
