"""One whole conversation on the local stack: the damage report, with photos in, an API call, and a document out."""

from __future__ import annotations

from pathlib import Path

from local.phone import Business, Phone

from local.demo.conversations import PLAYED, Stage

TITLE = "The whole damage report"


def test_the_whole_damage_report(phone: Phone, business: Business, samples: Path) -> None:
    stage = Stage(phone, business, samples, Path(__file__).parents[2] / "flows" / "assets")
    PLAYED[TITLE](stage)
    assert stage.transfers
    assert [transfer for transfer in stage.transfers if not transfer.intact] == []
