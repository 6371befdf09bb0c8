"""The table on docs/performance.md: between its markers, out of the rows of a whole run. The rest of the page is written by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.rows import MEASURED_BY, Beside, Row, short

BEGINS, ENDS = "<!-- table: written by make bench ARGS=--commit -->", "<!-- end of table -->"
PICTURE = "![Each figure as a share of its target, with its spread](pictures/bench.svg)"
HEAD = ("| what | ours | beside | its figure | ratio | spread | target | met |", "| --- | --- | --- | --- | --- | --- | --- | --- |")


class NoPlace(ValueError):
    """The page has no markers to write between."""


def show_on_page(rows: Sequence[Row], skipped: Mapping[str, str], page: Path, failed: Sequence[str] = ()) -> None:
    """Put the table between the markers. Raises NoPlace."""
    text = page.read_text("utf-8")
    if text.count(BEGINS) != 1 or text.count(ENDS) != 1:
        raise NoPlace(f"{page} has not {BEGINS!r} and {ENDS!r} once each")
    before, _, rest = text.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    page.write_text("\n".join([before + BEGINS, "", *markdown(rows, skipped, failed), "", ENDS + after]), "utf-8")


def markdown(rows: Sequence[Row], skipped: Mapping[str, str], failed: Sequence[str] = ()) -> list[str]:
    lines = [PICTURE, "", *HEAD]
    for row in rows:
        lines.append(_line(row, row.bare, row.figure, row.spread, row.target, row.met, row.of))
        lines += [_line(row, each, each.figure, each.spread, each.target, each.met, "ratio", again=True) for each in row.peers]
    if skipped:
        lines += ["", "Skipped: " + "; ".join(f"{what} ({how})" for what, how in skipped.items()) + "."]
    if failed:
        lines += ["", "**Not measured**, because something was not delivered or failed: " + "; ".join(failed) + "."]
    return lines


def _line(
    row: Row,
    other: Beside | None,
    figure: float,
    spread: tuple[float, float],
    target: str,
    met: bool | None,
    of: str,
    again: bool = False,
) -> str:
    name, value = ("—", "—") if other is None else (other.name, short(other.value))
    shown = "" if of == "ours" else f"{short(figure)} {MEASURED_BY[of]}".rstrip()
    what, mine = ("", "") if again else (row.name, f"{short(row.ours)} {row.unit}")
    word = {None: "", True: "✓", False: "**no**"}[met]
    return f"| {what} | {mine} | {name} | {value} | {shown} | {short(spread[0])}–{short(spread[1])} | {target} | {word} |"
