"""Surveys to ask a judge about: panels, answers, files, clears and officials, built the way the server builds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contest_server.core.facts import AttemptId, ContestantId, StageId, VenueId
from contest_server.core.judging import (
    PPM,
    AnswerSheet,
    Attempt,
    CellResult,
    Contender,
    ContestantRecord,
    Finding,
    OfficialView,
    Panel,
    PanelMark,
    SeenFile,
    StageView,
    Survey,
    SurveyedAspect,
    gaps_ppm,
)
from tests.judges.cases import result, stage

WIRING = stage()


def panel(who: str, marks: Mapping[str, str], *, aspect: str = "layout", at_ms: int = 0, venue: str = "yongjia", **given_ms: int) -> Panel:
    """A panel whose marks are parts of 1; `given_ms` says when a referee's was given."""
    shares = {name: int(Decimal(marks[name]) * PPM) for name in sorted(marks)}
    gaps = gaps_ppm(list(shares.values()))
    given = tuple(PanelMark(name, share, gap, given_ms.get(name)) for (name, share), gap in zip(shares.items(), gaps, strict=True))
    return Panel(ContestantId(who), VenueId(venue), WIRING.id, aspect, at_ms, given)


def cleared(
    where: StageView, who: str, clear_ms: int, *, points: str | None = None, source: str = "yongjia/desk", **attempt: Any
) -> CellResult:
    """A cleared cell, with when it was cleared and by which device."""
    elapsed_ms = attempt.pop("elapsed_ms", None)
    name = AttemptId(f"{who}-{where.id}")
    deciding = Attempt(name, ContestantId(who), where.id, "accepted", clear_ms, events=(f"{source}#1",), **attempt)
    return replace(result(where, clear_ms, points), deciding=deciding, elapsed_ms=elapsed_ms)


def contender(who: str, *cells: CellResult, venue: str = "yongjia", **more: Any) -> Contender:
    ordered = {cell.stage.id: cell for cell in cells}
    done = sorted((cell.deciding for cell in cells if cell.state == "cleared" and cell.deciding), key=lambda each: each.time_ms)
    return Contender(ContestantRecord(ContestantId(who), VenueId(venue), ordered, done, [cell.stage for cell in cells]), **more)


def official(name: str, *recused: str) -> OfficialView:
    return OfficialView(name, "referee", None, frozenset(map(ContestantId, recused)))


def answer_sheet(who: str, answers: Mapping[str, str], aspect: str = "answers") -> AnswerSheet:
    return AnswerSheet(ContestantId(who), WIRING.id, aspect, answers)


def seen_file(who: str, sha256: str, at: str = "photos", field: str = "files") -> SeenFile:
    return SeenFile(ContestantId(who), StageId(at), field, sha256)


def board(
    *panels: Panel,
    contenders: Sequence[Contender] = (),
    officials: Sequence[OfficialView] = (),
    stages: Sequence[StageView] = (WIRING,),
    **more: Any,
) -> Survey:
    venues = sorted({each.record.venue or VenueId("yongjia") for each in contenders} | {VenueId("yongjia"), VenueId("yueqing")})
    known: dict[str, Any] = {"aspects": (), "sheets": (), "files": ()} | more
    return Survey(contenders, stages, venues, {each.id: each for each in officials}, panels=panels, **known)


def aspect_of(judge: Any, name: str = "answers", **more: Any) -> SurveyedAspect:
    return SurveyedAspect(WIRING.id, name, judge.rule, judge, **more)


def told(found: Sequence[Finding]) -> list[tuple[str, str | None, str]]:
    """Code, contestant and subject of each; each says what to do about it, and what was compared."""
    for each in found:
        assert str(each.opinion.suggestion).endswith((".", "?"))
        assert each.opinion.detail
        assert each.opinion.threshold is not None
        assert each.opinion.seen is not None
    return [(each.opinion.code, each.contestant, each.subject) for each in found]
