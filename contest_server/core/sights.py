"""What surveys see in one attempt: the marks of its panels, answers to items that have a key, and hashes of files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from contest_server.core.asking import words_of
from contest_server.core.facts import StageId
from contest_server.core.judging import (
    PPM,
    AnswerSheet,
    Attempt,
    ContestantRecord,
    GivenMark,
    MissingEvidence,
    Panel,
    PanelMark,
    SeenFile,
    gaps_ppm,
)
from contest_server.core.rulebook import Rule, Rulebook

DEPTH_MAX = 6
"""How deep files are looked for in evidence."""
HASH_FIELD = "sha256"
NO_FILES = {hashlib.sha256(b"").hexdigest()}
"""Hashes that say nothing: of an empty file."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sight:
    """What surveys see in one attempt. `failed` names rules that could not tell, with the reason."""

    panels: Sequence[Panel] = ()
    sheets: Sequence[AnswerSheet] = ()
    files: Sequence[SeenFile] = ()
    failed: Sequence[tuple[str, str]] = ()


def sight_of(book: Rulebook, record: ContestantRecord, attempt: Attempt) -> Sight:
    panels, sheets, failed = [], [], []
    for aspect, rule in book.stages[attempt.stage].scorers:
        try:
            if callable(getattr(rule.judge, "marks_given", None)):
                marks = _panel_marks(rule, attempt)
                if marks or rule.when is None:
                    panels.append(_panel(record, attempt, aspect.id, marks, rule))
            if callable(getattr(rule.judge, "answers_given", None)):
                sheets.append(AnswerSheet(record.contestant, attempt.stage, aspect.id, rule.judge.answers_given(attempt.data)))
        except MissingEvidence:
            continue
        except KeyboardInterrupt:
            raise  # the operator's, not the judge's
        except BaseException as error:  # noqa: BLE001 - a third party's code may raise anything, even an exit, and the contest goes on
            failed.append((rule.name, words_of(error)[:200]))
    files = [SeenFile(record.contestant, attempt.stage, name, sha256) for name, sha256 in dict.fromkeys(_hashes(attempt.data))]
    return Sight(panels, sheets, files, failed)


def _panel(record: ContestantRecord, attempt: Attempt, aspect: str, marks: Sequence[PanelMark], rule: Rule) -> Panel:
    own = getattr(rule.judge, "share_of", None)
    return Panel(record.contestant, record.venue, attempt.stage, aspect, attempt.time_ms, marks, own if callable(own) else None)


class PanelsOf(Sequence[Panel]):
    """The marks that referees gave to the work of one contestant that counts, also below what a stage's pass takes; looked for only when
    somebody asks.

    `officials` are known by their ids; whoever else marks is named with the venue, where each has persons of its own. `ruled` are stages
    (aspect None) and aspects whose marks a ruling set: no referee's mark counts there.
    """

    __slots__ = ("_book", "_found", "_officials", "_record", "_ruled")

    def __init__(
        self, book: Rulebook, record: ContestantRecord, officials: Collection[str], ruled: Collection[tuple[StageId, str | None]]
    ) -> None:
        self._book, self._record, self._officials, self._ruled = book, record, officials, ruled
        self._found: list[Panel] | None = None

    def _panels(self) -> list[Panel]:
        if self._found is None:
            counts = (cell.deciding for cell in self._record.cells.values() if cell.state in ("cleared", "tried"))
            counted = [attempt for attempt in counts if attempt is not None]
            panels = [panel for attempt in counted for panel in sight_of(self._book, self._record, attempt).panels]
            self._found = [self._named(each) for each in panels if not self._is_ruled(each)]
        return self._found

    def _is_ruled(self, panel: Panel) -> bool:
        return (panel.stage, None) in self._ruled or (panel.stage, panel.aspect) in self._ruled

    def _named(self, panel: Panel) -> Panel:
        marks = [
            mark if mark.referee in self._officials else replace(mark, referee=f"{panel.venue}/{mark.referee}") for mark in panel.marks
        ]
        return replace(panel, marks=marks)

    def __len__(self) -> int:
        return len(self._panels())

    @overload
    def __getitem__(self, index: int) -> Panel: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Panel]: ...

    def __getitem__(self, index: int | slice) -> Panel | Sequence[Panel]:
        return self._panels()[index]


def _panel_marks(rule: Rule, attempt: Attempt) -> tuple[PanelMark, ...]:
    """The marks by referee; none where they have not been sent."""
    try:
        given: Sequence[GivenMark] = sorted(rule.judge.marks_given(attempt.data), key=lambda mark: mark.referee)
    except MissingEvidence:
        return ()
    shares = [_ppm(mark) for mark in given]
    return tuple(PanelMark(m.referee, share, gap, m.at_ms) for m, share, gap in zip(given, shares, gaps_ppm(shares), strict=True))


def _ppm(mark: GivenMark) -> int:
    """Rounded half up."""
    return (2 * mark.share.numerator * PPM + mark.share.denominator) // (2 * mark.share.denominator)


def _hashes(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every hash of a file in the evidence, with the field of the evidence that it is found in."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if not isinstance(each, str):
                yield from _hashes(each, name or str(key), depth + 1) if depth < DEPTH_MAX else ()
            elif str(key).endswith(HASH_FIELD) and _HASH.fullmatch(each.lower()) and each.lower() not in NO_FILES:
                yield name or str(key), each.lower()
    elif isinstance(value, (list, tuple)) and depth < DEPTH_MAX:
        for each in value:
            yield from _hashes(each, name, depth + 1)
