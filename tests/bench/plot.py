"""The plot of a run: for each target, how far ours is from it, on a logarithmic axis, with the spread. Plain SVG, by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.bench.rows import Row, short

WIDTH, LEFT, RIGHT, STEP, TOP = 1_400, 700, 240, 22, 84
LEAST, MOST = 0.05, 20.0
"""The ends of the axis, as shares of the target; what lies beyond stands at the end."""
MET, MISSED = "#1a7f5a", "#b3391f"


@dataclass(frozen=True, slots=True)
class Bar:
    """`shares` are the lowest, the middle and the highest round as shares of the target, such that 1 or less meets it."""

    name: str
    shares: tuple[float, float, float]
    text: str
    met: bool
    topic: str = ""


def bars(rows: Iterable[Row]) -> list[Bar]:
    """One for each target, of bare limits and of peers."""
    found = []
    for row in rows:
        if row.met is not None:
            beside = f" / {row.bare.name}" if row.bare else ""
            found.append(_bar(row.name + beside, row.figure, row.spread, row.target, row.met, row.topic))
        found += [
            _bar(f"{row.name} / {each.name}", each.figure, each.spread, each.target, each.met, row.topic)
            for each in row.peers
            if each.met is not None
        ]
    return found


def _bar(name: str, figure: float, spread: tuple[float, float], target: str, met: bool | None, topic: str) -> Bar:
    sense, limit = target.split()[0], float(target.split()[1].replace(",", ""))
    shares = sorted(_share(each, limit, sense) for each in (spread[0], figure, spread[1]))
    return Bar(name, (shares[0], shares[1], shares[2]), f"{short(figure)} ({target})", bool(met), topic)


def _share(figure: float, limit: float, sense: str) -> float:
    """1 where the figure is just what it should be, less where it is better."""
    if limit <= 0 or figure <= 0:
        return LEAST if (figure <= limit) == (sense == "≤") else MOST
    return figure / limit if sense == "≤" else limit / figure


def plot(rows: Sequence[Row], path: Path) -> None:
    """One line for each target, below the heading of its topic."""
    drawn: list[str] = []
    found, topic, y = bars(rows), None, TOP
    for bar in found:
        if bar.topic != topic:
            topic = bar.topic
            drawn.append(f'<text x="10" y="{y + STEP}" font-weight="bold">{escape(topic)}</text>')
            y += STEP * 3 // 2
        drawn += _drawn(bar, y)
        y += STEP
    height, met = y + 30, sum(bar.met for bar in found)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<rect x="{LEFT}" y="{TOP - 8}" width="{_x(1.0) - LEFT:.1f}" height="{height - TOP - 16}" fill="{MET}" fill-opacity="0.07"/>',
        f'<text x="10" y="24" font-size="16">Each figure as a share of its target: {met} of {len(found)} are met</text>',
        '<text x="10" y="44" fill="#555">A dot is the figure, its line all rounds; left of the dark line is met</text>',
        *_axis(height),
        *drawn,
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n", "utf-8")


def _x(share: float) -> float:
    inside = min(max(share, LEAST), MOST)
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log(inside / LEAST) / math.log(MOST / LEAST)


def _axis(height: int) -> list[str]:
    parts = []
    for share in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0):
        stroke = "#222" if share == 1.0 else "#ddd"
        parts.append(f'<line x1="{_x(share):.1f}" x2="{_x(share):.1f}" y1="{TOP - 8}" y2="{height - 24}" stroke="{stroke}"/>')
        parts.append(f'<text x="{_x(share):.1f}" y="{TOP - 14}" text-anchor="middle" fill="#555">{_tick(share)}</text>')
    return parts


def _tick(share: float) -> str:
    return {LEAST: f"≤ {short(share)}", MOST: f"≥ {short(share)}"}.get(share, short(share))


def _drawn(bar: Bar, y: int) -> list[str]:
    low, middle, high = bar.shares
    colour = MET if bar.met else MISSED
    return [
        f'<text x="{LEFT - 12}" y="{y + 14}" text-anchor="end">{escape(bar.name)}</text>',
        f'<path d="M{_x(low):.1f} {y + 10}H{_x(high):.1f}" stroke="{colour}" stroke-width="3" stroke-opacity="0.45"/>',
        f'<circle cx="{_x(middle):.1f}" cy="{y + 10}" r="5" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 8}" y="{y + 14}" fill="{colour}">{"✓" if bar.met else "✗"} {escape(bar.text)}</text>',
    ]
