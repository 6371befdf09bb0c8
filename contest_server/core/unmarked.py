"""Work that counts and lacks marks which its definition asks for: the open questions about it, and what is missing where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contest_server.core.acts import Confirm, Override, Ruled
from contest_server.core.contest import Contest
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, OfficialId, StageId
from contest_server.core.judging import Attempt
from contest_server.core.rulebook import StageRules
from contest_server.core.saying import Said, Text
from contest_server.core.sheet import Sheet

MISSING_MARK = "missing_mark"
MARKS = "marks"
"""What stands for a rule where the definition says how many marks there are. That others are usual, which a survey finds, requires none."""


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A question about work that counts, open, and in words what is missing."""

    contestant: ContestantId
    stage: StageId
    detail: Text


def unmarked(contest: Contest, questions: Iterable[Flag]) -> Iterator[Unmarked]:
    """Those of these `questions` that no ruling settled, neither by their keys nor by a decision about the work, in their order."""
    answers = contest.office.rulings.answers()
    for flag in questions:
        if (
            (flag.code, flag.rule) == (MISSING_MARK, MARKS)
            and flag.key not in answers
            and flag.contestant is not None
            and flag.stage is not None
        ):
            detail = _missing(contest, flag, flag.contestant, flag.stage)
            if detail is not None:
                yield Unmarked(flag.contestant, flag.stage, detail)


def _missing(contest: Contest, flag: Flag, contestant: ContestantId, stage: StageId) -> Text | None:
    """What is missing; None where the work does not count, or where its marks are settled otherwise."""
    sheet = contest.sheets.get(contestant)
    cell = sheet.cells.get(stage) if sheet is not None and sheet.competes else None
    if sheet is None or cell is None or cell.deciding is None:
        return None
    if flag.subject != f"attempt {cell.deciding.id}" or not isinstance(flag.detail, Said):
        return None
    aspect = str(flag.detail.values.get("aspect"))
    if _is_settled(contest, sheet, stage, cell.deciding, aspect):
        return None
    given = _given(contest, sheet, stage, cell.deciding, aspect)
    return Said("{detail}, given by {officials}", detail=flag.detail, officials=given) if given else flag.detail


def _is_settled(contest: Contest, sheet: Sheet, stage: StageId, attempt: Attempt, aspect: str) -> bool:
    """Whether a ruling decided without these marks, or the rules ask for none here."""
    bench = contest.bench
    assert bench is not None, "something was judged"
    if rulings := contest.office.rulings.on(sheet.contestant, stage):
        orders = sheet.matter(stage, bench)[-1]
        if orders.disqualified or orders.marks_for(attempt.id, aspect) or orders.marks_for(attempt.id, None):
            return True
        sent = next((each.outcome for each in sheet.attempts(stage, bench) if each.id == attempt.id), None)
        if any(each.attempt == attempt.id and _lets_stand(each, sent) for each in rulings):
            return True
    if not _is_conditional(bench.book.stages[stage], aspect):
        return False
    lines = sheet.judge(stage, bench).lines
    return any(line.subject == f"aspect {aspect}" and line.marks is not None for line in lines)


def _lets_stand(ruling: Ruled, sent: str | None) -> bool:
    """Whether it says that the attempt is right as it was judged. An answer to questions says so of them alone; and what lets an attempt
    count that was `sent` with another outcome is why its marks are due.
    """
    match ruling.action:
        case Confirm():
            return not ruling.flags
        case Override(outcome=str(outcome)):
            return outcome == sent
        case _:
            return False


def _is_conditional(rules: StageRules, aspect: str) -> bool:
    return any(each.id == aspect and rule.when is not None for each, rule in (*rules.scorers, *rules.compared))


def _given(contest: Contest, sheet: Sheet, stage: StageId, attempt: Attempt, aspect: str) -> list[OfficialId]:
    """Who has marked it: the others are those to ask. Never which marks."""
    assert contest.bench is not None, "something was judged"
    sheaves = sheet.sheaves(stage, contest.bench)
    return next((sorted(sheaf.marks) for each, sheaf in sheaves if each.id == attempt.id and sheaf.aspect.id == aspect), [])
