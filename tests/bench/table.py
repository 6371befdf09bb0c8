"""The table of a run: printed, written as JSON lines, and held against the last one that was committed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.rows import MEASURED_BY, Beside, Row, short

NAME_WIDTH = 66
Documents = Mapping[str, Mapping[str, Any]]


def verdicts(row: Row) -> list[bool]:
    """Whether each of its targets is met: beside its bare limit, and beside peers."""
    return [met for met in (row.met, *(each.met for each in row.peers)) if met is not None]


def by_topic(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.topic, []).append(row)
    return found


def met_of(rows: Iterable[Row]) -> str:
    """So many of so many targets."""
    found = [met for row in rows for met in verdicts(row)]
    return f"{sum(found)} of {len(found)}"


def lines_of(rows: Sequence[Row]) -> list[str]:
    """The table as text: one line for ours beside its bare limit, one more for each peer."""
    lines = [f"{'what':{NAME_WIDTH}} {'ours':>9} {'beside':>9} {'ratio':>8} {'spread':>15}  {'target':16} met"]
    for topic, those in by_topic(rows).items():
        lines.append(f"-- {topic}: {met_of(those)} targets met")
        lines += [line for row in those for line in _lines(row)]
    return [*lines, f"{met_of(rows)} targets are met"]


def _lines(row: Row) -> list[str]:
    lines = [_line(f"{row.name} [{row.unit}]", row.ours, row.bare, row.figure, row.spread, row.target, row.met, row.of)]
    if row.bare is not None:
        lines.append(f"    beside {row.bare.name}")
    if row.noted:
        lines.append("    " + "; ".join(f"{name} {short(value)}" for name, value in row.noted.items()))
    return lines + [_line(f"    beside {each.name}", row.ours, each, each.figure, each.spread, each.target, each.met) for each in row.peers]


def _line(
    name: str,
    ours: float,
    other: Beside | None,
    figure: float,
    spread: tuple[float, float],
    target: str,
    met: bool | None,
    of: str = "ratio",
) -> str:
    value = "" if other is None else short(other.value)
    word = {None: "", True: "yes", False: "NO"}[met]
    text = "" if other is None and of == "ours" else f"{short(figure)}{'' if MEASURED_BY[of] == '×' else ' ' + MEASURED_BY[of]}".rstrip()
    return f"{name:{NAME_WIDTH}} {short(ours):>9} {value:>9} {text:>8} {short(spread[0]) + '–' + short(spread[1]):>15}  {target:16} {word}"


def write_lines(rows: Iterable[Row], path: Path) -> None:
    path.write_text("".join(json.dumps(each.document(), ensure_ascii=False) + "\n" for each in rows), "utf-8")


def read_lines(path: Path) -> dict[str, dict[str, Any]]:
    """Rows by name; nothing where there is no such table yet."""
    if not path.exists():
        return {}
    documents = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    return {each["name"]: each for each in documents}


def worse(before: Documents, now: Documents, *, whole: bool = False) -> list[str]:
    """What became worse by more than both spreads: the best round now is worse than the worst round then. What was met and is not any more,
    although the spreads overlap. And of a `whole` run what is missing.

    Rows are held against each other by the figure that their target is about; figures of ours alone without a target say nothing.
    """
    told = [f"{name}: not measured now" for name in before if whole and name not in now]
    for name, row in now.items():
        old = before.get(name)
        if old is not None and (old["of"], old["unit"]) == (row["of"], row["unit"]) and (row["target"] or row["bare_is"]):
            told += _held_against(name, old, row, row["figure"], old["figure"])
            for peer, new in row["beside_peers"].items():
                if (known := old["beside_peers"].get(peer)) is not None:
                    told += _held_against(f"{name} / {peer}", known, new, new["ratio"], known["ratio"])
    return told


def _held_against(name: str, old: Mapping[str, Any], new: Mapping[str, Any], figure: float, before: float) -> list[str]:
    figures = f"{name}: {_figures(before, old['spread'])} before, {_figures(figure, new['spread'])} now"
    if _is_worse(old["spread"], new["spread"], new["target"].startswith("≥")):
        return [figures]
    return [f"{figures}: met before, within the spread"] if old["met"] and new["met"] is False else []


def _is_worse(old: Sequence[float], new: Sequence[float], more_is_better: bool) -> bool:
    return new[1] < old[0] if more_is_better else new[0] > old[1]


def _figures(figure: float, spread: Sequence[float]) -> str:
    return f"{short(figure)} ({short(spread[0])}–{short(spread[1])})"
