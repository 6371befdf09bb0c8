"""One row a figure: ours beside its bare limit, alternated over rounds, with the median ratio and its spread."""

from __future__ import annotations

import json
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """`ours` and `bare` are medians in `unit`; `ratio` is the median of ours/bare round by round."""

    name: str
    unit: str
    ours: float
    bare: float
    bare_is: str
    ratio: float
    target: str
    spread: str


Measure = Callable[[], Awaitable[float]]


async def beside(name: str, unit: str, ours: Measure, bare: Measure, bare_is: str, target: str, rounds: int = ROUNDS) -> Figure:
    """Measure both in turn, so that a machine that slows down slows down both."""
    pairs = []
    for number in range(rounds):
        print(f"  {name}: round {number + 1} of {rounds}", flush=True)
        pairs.append((await ours(), await bare()))
    ratios = sorted(mine / limit for mine, limit in pairs)
    middle = statistics.median
    return Figure(
        name,
        unit,
        middle(mine for mine, _ in pairs),
        middle(limit for _, limit in pairs),
        bare_is,
        middle(ratios),
        target,
        f"{ratios[0]:.2f}–{ratios[-1]:.2f}",
    )


def print_table(figures: list[Figure]) -> None:
    print(f"\n{'figure':58} {'ours':>12} {'bare limit':>12} {'ratio':>7} {'spread':>12}  target")
    for each in figures:
        print(f"{each.name:58} {each.ours:12,.1f} {each.bare:12,.1f} {each.ratio:7.2f} {each.spread:>12}  {each.target}")
        print(f"{'':58} {each.unit}; bare: {each.bare_is}")


def write_json(figures: list[Figure], path: Path) -> None:
    path.write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in figures), "utf-8")
    print(f"\nwritten to {path}")
