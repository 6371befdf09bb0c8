"""Nobody marks their own people (回避)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Finding, Opinion, Panel, Said, Survey


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """Ask about a mark in a panel that was given by an official who is recused for that contestant: own unit, 回避 (F). It blocks.

    The contestants of an official's own employer are among those that the official is recused for.
    """

    rule: ClassVar[str] = "own_unit"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    def survey(self, board: Survey) -> Sequence[Finding]:
        return [found for panel in board.panels for found in _recused(board, panel)]


def _recused(board: Survey, panel: Panel) -> Iterator[Finding]:
    for mark in panel.marks:
        official = board.officials.get(mark.referee)
        if official is not None and panel.contestant in official.recused:
            detail = Said(
                "{official} is recused for {contestant}, and marked {aspect}",
                official=official.id,
                contestant=panel.contestant,
                aspect=panel.aspect,
            )
            advice = Said("Have another referee mark {aspect} of {contestant} instead.", aspect=panel.aspect, contestant=panel.contestant)
            opinion = Opinion(Doubt.BAD, detail, "own_unit", "no mark", official.id, suggestion=advice)
            yield Finding(opinion, f"aspect {panel.aspect}, referee {official.id}", panel.contestant, panel.stage)
