"""The scale model as text for a terminal, and its tables for docs/scale.md and docs/costs.md."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from infrastructure.configuration import Configuration
from infrastructure.packaging.contents import ROOT
from infrastructure.review.scale.model import BUSY, QUIET, Cost, Workload, cost, needs

_MONTH_SECONDS = 30 * 86_400
_DOCS = ROOT / "docs"
_BEGIN, _END = "<!-- `make docs` writes this table -->\n", "<!-- the end of the table -->\n"


def render(conversations_per_second: float, configuration: Configuration) -> str:
    """What so many conversations a second need, and what they cost. Limits that they exceed are marked."""
    workload = replace(BUSY, conversations_per_second=conversations_per_second)
    found = needs(workload, configuration)
    width = max(len(need.limit) for need in found)
    lines = [
        f"{_number(conversations_per_second)} conversations a second: a word, a photo of 2 MB, three messages back",
        "",
        f"{'limit':{width}} {'allows':>9} {'needed':>9} {'bites at':>9}",
    ]
    lines += [
        f"{need.limit:{width}} {_number(need.allowed):>9} {_number(need.use):>9} {_number(need.bites_at):>9}"
        + ("" if need.is_met else f"  exceeded; to lift it: {need.lift}")
        for need in found
    ]
    bill = cost(workload)
    monthly = bill.total * conversations_per_second * _MONTH_SECONDS
    lines += ["", f"{'US$ for 1,000 conversations':28} {'busy':>8} {'quiet':>8}"]
    lines += [f"{unit:28} {busy:>8} {quiet:>8}" for unit, busy, quiet in cost_rows(bill, cost(QUIET))]
    lines += ["", f"All day long, that is about US$ {monthly:,.0f} in 30 days, without WhatsApp's own charges."]
    exceeded = [need.limit for need in found if not need.is_met]
    lines += [f"{len(exceeded)} of {len(found)} limits are exceeded." if exceeded else "No limit is exceeded."]
    lines += ["A model from published limits and list prices (infrastructure/review/scale), not a measurement."]
    return "\n".join(lines)


def documents() -> dict[Path, str]:
    """docs/scale.md and docs/costs.md, with the tables that follow from the model."""
    tables = {_DOCS / "scale.md": limits_table(Configuration()), _DOCS / "costs.md": cost_table()}
    return {page: _with_table(page.read_text(encoding="utf-8"), table) for page, table in tables.items()}


def _with_table(page: str, table: list[str]) -> str:
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the page lacks the marks between which `make docs` writes its table")
    return "".join([before, begin, *(f"{row}\n" for row in table), end, after])


def limits_table(configuration: Configuration) -> list[str]:
    """The limits as rows of Markdown, the one that bites first before the others."""
    rows = ["| limit | allows | bites at, conversations a second | what lifts it | source |", "|---|---|---|---|---|"]
    return rows + [
        f"| {need.limit} | {_number(need.allowed)} | {_number(need.bites_at)} | {need.lift} | {need.source} |"
        for need in needs(Workload(), configuration)
    ]


def cost_table() -> list[str]:
    """The costs as rows of Markdown."""
    rows = ["| billed | busy | quiet |", "|---|---|---|"]
    return rows + [f"| {unit} | {busy} | {quiet} |" for unit, busy, quiet in cost_rows(cost(BUSY), cost(QUIET))]


def cost_rows(busy: Cost, quiet: Cost) -> list[tuple[str, str, str]]:
    """US$ for 1,000 conversations, by what is billed, with their sums."""
    units = sorted(busy.parts.keys() | quiet.parts.keys(), key=lambda unit: -busy.parts.get(unit, 0))
    rows = [(unit, busy.parts.get(unit, 0), quiet.parts.get(unit, 0)) for unit in units]
    egress = busy.parts.get("egress GB", 0)
    rows += [("together", busy.total, quiet.total)]
    rows += [("together, without egress", busy.total - egress, quiet.total - egress)]
    return [(unit, f"{1000 * one:.3f}", f"{1000 * other:.3f}") for unit, one, other in rows]


def _number(value: float) -> str:
    if math.isinf(value):
        return "never"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
