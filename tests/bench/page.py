"""The table on docs/performance.md: between its markers, out of the rows of a whole run. The rest of the page is written by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.rows import MEASURED_BY, Beside, Row, short
from tests.bench.table import by_topic, met_of, verdicts

BEGINS, ENDS = "<!-- table: written by make bench ARGS=--commit -->", "<!-- end of table -->"
PICTURE = "![Each figure as a share of its target, with its spread](pictures/bench.svg)"
HEAD = ("| what | ours | beside | ratio, and of all rounds | target |", "| --- | --- | --- | --- | --- |")


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
    topics = by_topic(rows)
    shares = ", ".join(f"{topic.lower()} {met_of(those)}" for topic, those in topics.items() if any(map(verdicts, those)))
    lines = [f"**{met_of(rows)} targets are met**: {shares}.", "", PICTURE]
    for topic, those in topics.items():
        lines += ["", f"### {topic}: the figures", "", *_topic(those)]
    if skipped:
        lines += ["", "Skipped: " + "; ".join(f"{what} ({how})" for what, how in skipped.items()) + "."]
    if failed:
        lines += ["", "**Not measured**, because something was not delivered or failed: " + "; ".join(failed) + "."]
    return lines


def _topic(rows: Sequence[Row]) -> list[str]:
    """A table of what stands beside something or has a target; the rest in a line below."""
    lines, alone = [*HEAD], dict[str, list[str]]()
    for row in rows:
        if row.bare is None and not row.target and not row.peers:
            about, _, what = row.name.rpartition(": ")
            alone.setdefault(about, []).append(f"{what} {short(row.ours)} {row.unit}")
            continue
        lines.append(_line(row, row.bare, row.figure, row.spread, row.target, row.met, row.of))
        lines += [_line(row, each, each.figure, each.spread, each.target, each.met, "ratio", again=True) for each in row.peers]
    also = "; ".join(f"{about}: {', '.join(those)}" for about, those in alone.items())
    return [*lines, *(["", f"Also measured. {also}."] if also else [])]


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
    beside = "" if other is None else f"{other.name}: {short(other.value)}"
    shown = "" if of == "ours" else f"**{short(figure)} {MEASURED_BY[of]}** "
    what, mine = ("", "") if again else (row.name, f"{short(row.ours)} {row.unit}")
    word = {None: "", True: "✓ ", False: "✗ "}[met]
    rounds = "" if spread[0] == spread[1] else f"({short(spread[0])}–{short(spread[1])})"
    return f"| {what} | {mine} | {beside} | {(shown + rounds).strip()} | {word}{target} |"
