"""Attempts, cells and records to ask a judge about, built the way the fold builds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from contest_server.core.facts import AttemptId, ContestantId, Outcome, StageId
from contest_server.core.judging import (
    ZERO,
    Attempt,
    CellResult,
    CellView,
    ContestantRecord,
    Evidence,
    Opinion,
    Score,
    StageView,
    Violation,
)

WHO = ContestantId("A017")
J = TypeVar("J")


def made(judge: type[J], /, **parameters: Any) -> J:
    """A judge with parameters as they stand in a TOML document."""
    [found] = TypeAdapter(tuple[judge], config={"extra": "forbid"}).validate_python([parameters])  # type: ignore[valid-type]
    return found


def refusal(judge: type[Any], /, **parameters: Any) -> str:
    """What is wrong with these parameters, in words."""
    try:
        made(judge, **parameters)
    except ValidationError as error:
        return "; ".join(item["msg"] for item in error.errors())
    raise AssertionError(f"{judge.__name__} accepted {parameters}")


def stage(name: str = "wiring", index: int = 0, value: str = "10", group: str | None = None, **more: Any) -> StageView:
    return StageView(StageId(name), index, Decimal(value), group=group, **more)


def attempt(
    name: str = "a",
    outcome: Outcome | None = "accepted",
    time_ms: int = 60_000,
    start_ms: int | None = None,
    at: str = "wiring",
    **more: Any,
) -> Attempt:
    return Attempt(AttemptId(name), WHO, StageId(at), outcome, time_ms, start_ms, **more)


def violation(code: str, seq: int = 1) -> Violation:
    return Violation(code, 1_000, StageId("wiring"), {}, "yongjia/desk", seq)


def cell(
    *attempts: Attempt,
    violations: Sequence[Violation] = (),
    where: StageView | None = None,
    held: Sequence[str] = (),
    asked: Attempt | None = None,
) -> CellView:
    """A cell as the fold makes it; `held` names attempts that another rule did not admit, `admit` is asked about `asked`."""
    ordered = sorted(attempts, key=lambda each: (each.time_ms, each.id))
    counted = [each for each in ordered if each.id not in held]
    deciding = next((each for each in counted if each.outcome == "accepted"), None)
    before = counted[: counted.index(deciding)] if deciding else counted
    rejected = sum(1 for each in before if each.outcome == "rejected")
    started = min((each.start_ms for each in ordered if each.start_ms is not None), default=None)
    ahead = ordered[: ordered.index(asked)] if asked else ()
    handed_in = sum(1 for each in ahead if each.outcome not in (None, "free"))
    return CellView(where or stage(), WHO, ordered, counted, deciding, rejected, violations, started, handed_in)


def evidence(data: Mapping[str, Any] | None = None, **more: Any) -> Evidence:
    deciding = attempt(data=data or {}, **more)
    return Evidence(deciding, cell(deciding))


def marks(score: Score) -> Decimal:
    """The marks of a score that holds itself to its own limits."""
    assert score.marks is not None
    assert score.marks.is_finite()
    assert 0 <= score.marks <= score.maximum
    assert score.steps, "a score explains itself"
    return score.marks


def codes(opinions: Sequence[Opinion]) -> list[str]:
    return [opinion.code for opinion in opinions]


def result(
    where: StageView,
    clear_ms: int | None = None,
    points: str | None = None,
    *,
    rejected: int = 0,
    penalty_ms: int = 0,
    state: str = "",
    passed: bool | None = None,
) -> CellResult:
    """A judged cell: cleared where it has a time."""
    deciding = None if clear_ms is None else attempt(f"{where.id}-1", time_ms=clear_ms, at=where.id)
    shown: Any = state or ("cleared" if deciding else "tried")
    worth = Decimal(points) if points is not None else (where.value if deciding else ZERO)
    return CellResult(
        stage=where,
        state=shown,
        marks=worth,
        award=ZERO,
        tries=rejected + (deciding is not None),
        pending=0,
        clear_ms=clear_ms,
        elapsed_ms=None,
        penalty_ms=penalty_ms,
        passed=(shown == "cleared") if passed is None else passed,
        rejected=rejected,
        deciding=deciding,
    )


def record(*results: CellResult, stages: Sequence[StageView] = ()) -> ContestantRecord:
    ordered = sorted(results, key=lambda each: each.stage.index)
    cleared = sorted((each.deciding for each in ordered if each.state == "cleared" and each.deciding), key=lambda each: each.time_ms)
    return ContestantRecord(WHO, None, {each.stage.id: each for each in ordered}, cleared, stages or [each.stage for each in ordered])
