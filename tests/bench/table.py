"""The table of a run: printed, written as JSON lines, and held against the last one that was committed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.rows import MEASURED_BY, Beside, Row, short

NAME_WIDTH = 66
Documents = Mapping[str, Mapping[str, Any]]


def lines_of(rows: Sequence[Row]) -> list[str]:
    """The table as text: one line for ours beside its bare limit, one more for each peer."""
    lines = [f"{'what':{NAME_WIDTH}} {'ours':>9} {'beside':>9} {'ratio':>8} {'spread':>15}  {'target':16} met"]
    for row in rows:
        lines.append(_line(f"{row.name} [{row.unit}]", row.ours, row.bare, row.figure, row.spread, row.target, row.met, row.of))
        if row.bare is not None:
            lines.append(f"    beside {row.bare.name}")
        if row.noted:
            lines.append("    " + "; ".join(f"{name} {short(value)}" for name, value in row.noted.items()))
        lines += [_line(f"    beside {each.name}", row.ours, each, each.figure, each.spread, each.target, each.met) for each in row.peers]
    return lines


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


def worse(before: Documents, now: Documents) -> list[str]:
    """What became worse by more than both spreads: the best round now is worse than the worst round then. And what is missing.

    Rows are held against each other by the figure that their target is about, so a slower machine alone makes nothing worse.
    """
    told = []
    for name, row in now.items():
        old = before.get(name)
        if old is None or old["of"] != row["of"] or old["unit"] != row["unit"]:
            continue
        if _is_worse(old["spread"], row["spread"], row["target"].startswith("≥")):
            told.append(f"{name}: {_figures(old)} before, {_figures(row)} now")
    return told


def _is_worse(old: Sequence[float], new: Sequence[float], more_is_better: bool) -> bool:
    return new[1] < old[0] if more_is_better else new[0] > old[1]


def _figures(row: Mapping[str, Any]) -> str:
    return f"{short(row['figure'])} ({short(row['spread'][0])}–{short(row['spread'][1])})"
