"""One row of the table: ours beside its bare limit and its peers, out of rounds that were measured in turn.

A benchmark is a module with `SECONDS` (what it takes by default) and `rows(options, progress) -> Iterable[Row]`: it races contenders
(`rounds.race`), checks what was delivered, and makes its rows with `row_of`. Whatever is not delivered raises `NotDelivered`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Readings = Mapping[str, float]
"""What one round of one contender measured, by name: CPU in µs, times in ms, sizes in bytes."""
Runs = Mapping[str, Sequence[Readings]]
"""By contender, its rounds in order."""

OURS = "ours"
MEASURED_BY = {"ratio": "×", "ours": "", "more": "more"}


class NotDelivered(AssertionError):
    """What arrived is not what was to arrive. A figure of such a run says nothing."""


class Missing(Exception):
    """Something is not installed here; the text says how to have it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What has to hold of the ratio ours / other; or of `ours` alone, or of ours − other (`more`), both in the row's unit."""

    sense: Literal["≤", "≥"]
    limit: float
    of: Literal["ratio", "ours", "more"] = "ratio"

    def is_met(self, figure: float) -> bool:
        return figure <= self.limit if self.sense == "≤" else figure >= self.limit

    def text(self, unit: str) -> str:
        tail = {"ratio": " ×", "ours": f" {unit}", "more": f" {unit} more"}[self.of]
        return f"{self.sense} {short(self.limit)}{tail}"


@dataclass(frozen=True, slots=True)
class Beside:
    """One thing that ours stands beside. `figure` is what the target is about, `spread` its lowest and highest round."""

    name: str
    value: float
    ratio: float
    figure: float
    spread: tuple[float, float]
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with all that it is held against. `bare` is None where the target is absolute; then `figure` is that of ours alone.

    `checked`: what was compared so that the figure counts.
    """

    name: str
    unit: str
    ours: float
    bare: Beside | None
    peers: tuple[Beside, ...]
    figure: float
    spread: tuple[float, float]
    target: str
    met: bool | None
    checked: str
    rounds: int
    of: str = "ratio"
    noted: Mapping[str, float] = field(default_factory=dict)
    """What else is worth knowing, such as the length of a frame."""
    each: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """What every round measured, by contender."""
    topic: str = ""

    def document(self) -> dict[str, Any]:
        """As it stands in bench.ndjson and in docs/performance.ndjson."""
        return {
            "name": self.name,
            "topic": self.topic,
            "unit": self.unit,
            "ours": rounded(self.ours),
            "bare": None if self.bare is None else rounded(self.bare.value),
            "bare_is": None if self.bare is None else self.bare.name,
            "peers": {each.name: rounded(each.value) for each in self.peers},
            "ratio": None if self.bare is None else rounded(self.bare.ratio),
            "figure": rounded(self.figure),
            "of": self.of,
            "target": self.target,
            "met": self.met,
            "spread": [rounded(each) for each in self.spread],
            "beside_peers": {
                each.name: {"ratio": rounded(each.ratio), "target": each.target, "met": each.met, "spread": [*map(rounded, each.spread)]}
                for each in self.peers
            },
            "rounds": self.rounds,
            "checked": self.checked,
            "noted": {name: rounded(value) for name, value in self.noted.items()},
            "each": {name: [*map(rounded, values)] for name, values in self.each.items()},
        }


def row_of(
    runs: Runs,
    name: str,
    metric: str,
    unit: str,
    *,
    checked: str,
    bare: str | None = None,
    target: Target | None = None,
    peers: Mapping[str, Target | None] | None = None,
    ours: str = OURS,
    noted: Mapping[str, float] | None = None,
) -> Row:
    """The row of one metric. Peers that did not run are left out; where a bare limit is named, it must have run."""
    aims = {} if bare is None else {bare: target}
    aims |= {peer: aim for peer, aim in (peers or {}).items() if peer in runs}
    mine, found = [each[metric] for each in runs[ours]], {name: [each[metric] for each in runs[name]] for name in aims}
    others = [beside(mine, found[name], name, unit, aim) for name, aim in aims.items()]
    limit = others.pop(0) if bare is not None else None
    alone = of_ours(mine, unit, target) if limit is None else limit
    return Row(
        name=name,
        unit=unit,
        ours=statistics.median(mine),
        bare=limit,
        peers=tuple(others),
        figure=alone.figure,
        spread=alone.spread,
        target=alone.target,
        met=alone.met,
        checked=checked,
        rounds=len(mine),
        of=target.of if target is not None else "ratio" if limit is not None else "ours",
        noted=noted or {},
        each={ours: mine, **found},
    )


def beside(mine: Sequence[float], others: Sequence[float], name: str, unit: str, target: Target | None) -> Beside:
    """Round by round, so that a machine that slows down slows down both: the best round of each is not of the same moment."""
    pairs = list(zip(mine, others, strict=True))
    ratio = statistics.median(a / b if b else math.inf for a, b in pairs)
    figures = {
        "ratio": [a / b if b else math.inf for a, b in pairs],
        "more": [a - b for a, b in pairs],
        "ours": list(mine),
    }[target.of if target else "ratio"]
    return _judged(name, statistics.median(others), ratio, figures, unit, target)


def of_ours(mine: Sequence[float], unit: str, target: Target | None) -> Beside:
    """Ours with nothing beside it: the target, if there is one, is absolute."""
    assert target is None or target.of == "ours", f"{target} needs something to stand beside"
    return _judged(OURS, statistics.median(mine), 1.0, mine, unit, target)


def _judged(name: str, value: float, ratio: float, figures: Sequence[float], unit: str, target: Target | None) -> Beside:
    figure = statistics.median(figures)
    met = None if target is None else target.is_met(figure)
    return Beside(name, value, ratio, figure, (min(figures), max(figures)), target.text(unit) if target else "", met)


def short(value: float) -> str:
    """Three significant figures, as people write them: 0.0041, 1.25, 12.3, 2,041."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float) -> float | None:
    """Four significant figures: more are noise. None for what is no number (JSON has none)."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
