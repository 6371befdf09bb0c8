"""The plot of a run: for each target, how far ours is from it, on a logarithmic axis, with the spread. Plain SVG, by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.bench.rows import Row, short

WIDTH, LEFT, RIGHT, STEP, TOP = 1_400, 740, 200, 22, 56
LEAST, MOST = 0.01, 20.0
"""The ends of the axis, as shares of the target; what lies beyond stands at the end."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`shares` are the lowest, the middle and the highest round as shares of the target, such that 1 or less meets it."""

    name: str
    shares: tuple[float, float, float]
    text: str
    met: bool


def bars(rows: Iterable[Row]) -> list[Bar]:
    """One for each target, of bare limits and of peers."""
    found = []
    for row in rows:
        if row.met is not None:
            beside = f" / {row.bare.name}" if row.bare else ""
            found.append(_bar(row.name + beside, row.figure, row.spread, row.target, row.met))
        found += [
            _bar(f"{row.name} / {each.name}", each.figure, each.spread, each.target, each.met) for each in row.peers if each.met is not None
        ]
    return found


def _bar(name: str, figure: float, spread: tuple[float, float], target: str, met: bool | None) -> Bar:
    sense, limit = target.split()[0], float(target.split()[1].replace(",", ""))
    shares = sorted(_share(each, limit, sense) for each in (spread[0], figure, spread[1]))
    return Bar(name, (shares[0], shares[1], shares[2]), f"{short(figure)} ({target})", bool(met))


def _share(figure: float, limit: float, sense: str) -> float:
    """1 where the figure is just what it should be, less where it is better."""
    if limit <= 0 or figure <= 0:
        return LEAST if (figure <= limit) == (sense == "≤") else MOST
    return figure / limit if sense == "≤" else limit / figure


def plot(rows: Sequence[Row], path: Path) -> None:
    found = bars(rows)
    height = TOP + STEP * len(found) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="10" y="20" font-size="15">Each figure as a share of its target: left of the line is met</text>',
        *_axis(height),
        *(part for number, bar in enumerate(found) for part in _drawn(bar, TOP + STEP * number)),
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n", "utf-8")


def _x(share: float) -> float:
    inside = min(max(share, LEAST), MOST)
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log(inside / LEAST) / math.log(MOST / LEAST)


def _axis(height: int) -> list[str]:
    parts = []
    for share in (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0):
        stroke = "#222" if share == 1.0 else "#ddd"
        parts.append(f'<line x1="{_x(share):.1f}" x2="{_x(share):.1f}" y1="{TOP - 8}" y2="{height - 24}" stroke="{stroke}"/>')
        parts.append(f'<text x="{_x(share):.1f}" y="{TOP - 14}" text-anchor="middle" fill="#555">{short(share)}</text>')
    return parts


def _drawn(bar: Bar, y: int) -> list[str]:
    low, middle, high = bar.shares
    colour = "#1a7f5a" if bar.met else "#b3391f"
    return [
        f'<text x="{LEFT - 12}" y="{y + 14}" text-anchor="end">{escape(bar.name)}</text>',
        f'<path d="M{_x(low):.1f} {y + 10}H{_x(high):.1f}" stroke="{colour}" stroke-width="3" stroke-opacity="0.45"/>',
        f'<circle cx="{_x(middle):.1f}" cy="{y + 10}" r="5" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 8}" y="{y + 14}" fill="{colour}">{escape(bar.text)}</text>',
    ]
