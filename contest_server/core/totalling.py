"""A contestant's whole contest: points and time out of the judged cells, with bonuses and what rulings take; and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from contest_server.core.acts import Ruled
from contest_server.core.answers import is_finite, is_whole
from contest_server.core.asking import ask, is_told
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import ZERO, Attempt, Bonus, CellResult, Cleared, ContestantRecord, Doubt, Opinion, Step, Total
from contest_server.core.overruling import charged_steps, penalty
from contest_server.core.rulebook import Rule, Rulebook
from contest_server.core.saying import Said
from contest_server.core.tally import Tally

PENALTY = "penalty_ms"
"""The measure that rulings on the whole contest change, too."""


def record_of(contestant: ContestantId, venue: VenueId | None, cells: Mapping[StageId, CellResult], book: Rulebook) -> ContestantRecord:
    """A contestant's record with the cells in the order of the stages."""
    ordered = {stage: cells[stage] for stage in book.stages if stage in cells}
    return ContestantRecord(contestant, venue, ordered, Cleared(ordered.values()), book.views)


def with_awards(cells: Mapping[StageId, CellResult], awards: Mapping[StageId, Decimal]) -> Mapping[StageId, CellResult]:
    """The cells with what the rest of the field adds to some of them."""
    return {**cells, **{stage: replace(cells[stage], award=award) for stage, award in awards.items()}} if awards else cells


def total_of(record: ContestantRecord, book: Rulebook, charges: Sequence[Ruled] = ()) -> tuple[Total, Opinion | None]:
    """Points and time of the whole contest, with bonuses and what rulings take or give. What fails becomes a question, the first first."""
    total, failure = _own_total(record, book)
    for rule in book.bonuses:
        answer = ask(rule, "bonus", record)
        if isinstance(answer, Bonus):
            total = replace(total, points=total.points + answer.marks, steps=(*total.steps, *answer.steps))
        elif isinstance(answer, Opinion):
            failure = failure or answer
        elif is_told(answer):
            total = replace(total, steps=(*total.steps, answer.step))
    return (_charged(_in_time(total), record, charges) if charges else _in_time(total)), failure


def total_of_tally(tally: Tally, book: Rulebook) -> Total | None:
    """The total by its rule's short way, without steps. None where there is none, or where it fails: then `total_of` says why."""
    if book.of_tally is None:
        return None
    try:
        points, time_ms = book.of_tally(tally)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a third party's code may raise anything, even an exit
        return None
    sound = type(points) is Decimal and type(time_ms) is int and is_finite(points) and is_whole(time_ms)
    if not sound:
        return None
    return Total(points, time_ms) if time_ms >= 0 else Total(points, 0)


def _in_time(total: Total) -> Total:
    """The total with a time that is not below zero, however much was given back at the stages."""
    if total.time_ms >= 0:
        return total
    return replace(total, time_ms=0, steps=(*total.steps, Step(Said("{time_ms:ms}, not below 0", time_ms=total.time_ms), "0")))


def _charged(total: Total, record: ContestantRecord, charges: Sequence[Ruled]) -> Total:
    """The total after the penalties of the whole contest. They are added up first: only what is left in the end is not below zero."""
    points, steps = charged_steps(total.points, charges)
    _, taken_ms = penalty(charges)
    penalties_ms = total.measures.get(PENALTY, record.tally.penalties_ms) + taken_ms
    measures = {**total.measures, PENALTY: penalties_ms} if taken_ms else total.measures
    left = replace(total, points=max(ZERO, points), time_ms=total.time_ms + taken_ms, steps=(*total.steps, *steps), measures=measures)
    return _in_time(left)


def _own_total(record: ContestantRecord, book: Rulebook) -> tuple[Total, Opinion | None]:
    """Where the rule fails, the plain sum stands in, and the question says why."""
    answer = ask(book.total, "total", record)
    wanted = getattr(book.total.judge, "measures", ())
    if isinstance(answer, Total):
        missing = [name for name in wanted if name not in answer.measures] if wanted else ()
        if not missing:
            return answer, None
        detail = Said("rule {name} did not give {missing}", name=book.total.name, missing=missing)
        answer = Opinion(Doubt.QUESTIONABLE, detail, code="judge_failed")
    points = sum((cell.points for cell in record.cells.values()), ZERO)
    steps = (Step(Said("{detail}; plain sum instead", detail=answer.detail), str(points)),)
    return Total(points, 0, dict.fromkeys(wanted, 0), steps), answer


def doubts_of(record: ContestantRecord, attempts: Sequence[Attempt], book: Rulebook) -> list[tuple[Attempt, Rule, Opinion]]:
    """Every question that the doubt rules have about these attempts."""
    found = []
    for attempt in attempts:
        for rule in book.doubts:
            opinion = ask(rule, "doubt", attempt, record)
            if isinstance(opinion, Opinion):
                found.append((attempt, rule, opinion))
    return found
