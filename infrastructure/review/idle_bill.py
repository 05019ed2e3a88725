"""The idle bill: what a stack costs a month while nobody chats, from its template and the prices in prices.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infrastructure.review.template import Template, of_type, unhashed

_PRICES = Path(__file__).with_name("prices.toml")


class Unpriced(ValueError):
    """The template has a type of resource that is not in prices.toml."""


@dataclass(frozen=True)
class Item:
    """The resources of one type. `count` is in the unit of the price; prices are in US$ a month."""

    type: str
    description: str
    count: int
    price: float
    free: int

    @property
    def list_price(self) -> float:
        return self.count * self.price

    @property
    def beyond_free(self) -> float:
        return max(self.count - self.free, 0) * self.price


@dataclass(frozen=True)
class Bill:
    """`sized`: description and count of resources that cost by the size of their data: nothing at first."""

    items: tuple[Item, ...]
    sized: tuple[tuple[str, int], ...]
    unbilled: int

    @property
    def list_price(self) -> float:
        return sum(item.list_price for item in self.items)

    @property
    def beyond_free(self) -> float:
        return sum(item.beyond_free for item in self.items)


def bill(template: Template) -> Bill:
    """Raises Unpriced with each type of resource that is not in the price list."""
    prices = _prices()
    each = {entry["type"]: entry for entry in prices["each"]}
    sized = {entry["type"]: entry for entry in prices["sized"]}
    unbilled = set(prices["used"]["types"])
    found = {resource["Type"] for resource in template["Resources"].values()}
    if unknown := sorted(found - each.keys() - sized.keys() - unbilled):
        names = [unhashed(name) for kind in unknown for name, _ in of_type(template, kind)]
        raise Unpriced(f"add to {_PRICES.name} what {', '.join(unknown)} costs while idle (here: {', '.join(names)})")
    return Bill(
        tuple(
            Item(kind, entry["what"], _count(template, kind), entry["price"], entry["free"])
            for kind, entry in each.items()
            if kind in found
        ),
        tuple((entry["what"], _count(template, kind)) for kind, entry in sized.items() if kind in found),
        sum(resource["Type"] in unbilled for resource in template["Resources"].values()),
    )


def render(bill: Bill, stage: str) -> str:
    """The bill as text for a terminal."""
    prices = _prices()
    lines = [
        f"What the stack of stage {stage} costs a month while nobody chats (US$, us-east-1, {prices['checked']})",
        "",
    ]
    lines += [f"{'number':>7} {'list':>7} {'beyond free':>12}  what"]
    lines += [
        f"{item.count:>7} {item.list_price:>7.2f} {item.beyond_free:>12.2f}  {item.description}" for item in bill.items
    ]
    lines += [f"{'':>7} {bill.list_price:>7.2f} {bill.beyond_free:>12.2f}  together", ""]
    lines += ["Billed by the size of their data, so not in the sum:"]
    lines += [f"{count:>7}  {description}" for description, count in bill.sized]
    lines += ["", f"{bill.unbilled} other resources: {prices['used']['why']}."]
    lines += ["'Beyond free' holds if nothing else in the account uses its free tier."]
    lines += ["Prices and their sources: infrastructure/review/prices.toml"]
    return "\n".join(lines)


@cache
def _prices() -> Mapping[str, Any]:
    return tomllib.loads(_PRICES.read_text(encoding="utf-8"))


def _count(template: Template, kind: str) -> int:
    """The number of resources; an alarm on an expression counts once for each metric in it."""
    return sum(
        max(1, sum("MetricStat" in metric for metric in properties.get("Metrics", [])))
        for _, properties in of_type(template, kind)
    )
