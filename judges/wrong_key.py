"""Answers that the best give and the key calls wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.facts import ContestantId
from contest_server.core.judging import API_VERSION, ZERO, AnswerSheet, Doubt, Finding, Opinion, Said, Survey, SurveyedAspect
from judges.exact import check_number

BEST = Fraction(27, 100)
"""The upper group of an item analysis."""
BEST_LEAST = 10
EXTRA = Fraction(2, 3)
"""The part of the best who must give an item that the reference does not have."""


@dataclass(frozen=True, slots=True)
class WrongKey:
    """Ask about an item to which the best contestants give one and the same answer that the key calls wrong (F).

    For each item the contestants are ordered by how many other items they have right, then by their points. Of the best 27 % (at least
    10; the upper group of Kelley 1939) at least `same` give one other answer and at most `right` the key, and among all, with a that
    answer and k the key, a is ahead: (a - k)² / (a + k) is at least z² (McNemar 1947). What two thirds of the best found and the reference
    does not have is asked about, too. For rules with a key: quiz, set_match, fault_finding.

    same: the part of the best who give the same other answer
    right: the part of the best who may give the key and the item is still asked about
    z: how many standard errors the other answer has to be ahead among all
    least: how many must have answered
    """

    rule: ClassVar[str] = "wrong_key"
    catalogue: ClassVar[str] = "F"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    same: Decimal = Decimal("0.5")
    right: Decimal = Decimal("0.2")
    z: Decimal = Decimal(3)
    least: int = 20

    def __post_init__(self) -> None:
        check_number("same", self.same, low=Decimal(0), high=Decimal(1))
        check_number("right", self.right, low=Decimal(0), high=Decimal(1))
        check_number("z", self.z, low=Decimal(0), high=Decimal(100))
        if self.least < BEST_LEAST:
            raise ValueError(Said("least is {least}; the best are at least {fewest}", least=self.least, fewest=BEST_LEAST))

    def survey(self, board: Survey) -> Sequence[Finding]:
        sheets: dict[tuple[str, str], list[AnswerSheet]] = {}
        for sheet in board.sheets:
            sheets.setdefault((sheet.stage, sheet.aspect), []).append(sheet)
        found: list[Finding] = []
        for aspect in board.aspects:
            answered = sheets.get((aspect.stage, aspect.id), [])
            if len(answered) >= self.least and callable(getattr(aspect.judge, "answers_due", None)):
                found += self._findings(aspect, answered, board.once(points_of_all))
        return found

    def _findings(self, aspect: SurveyedAspect, sheets: Sequence[AnswerSheet], points: Mapping[ContestantId, Decimal]) -> Iterator[Finding]:
        due: Mapping[str, str] = aspect.judge.answers_due()
        suspects = {item: given for item, given in sorted(_given(sheets).items()) if _is_worth_a_look(given, due.get(item))}
        score = {s.contestant: sum(s.answers.get(item) == key for item, key in due.items()) for s in sheets} if suspects else {}
        for item, given in suspects.items():
            order = sorted(
                sheets, key=lambda s: (_right(s, item, due) - score[s.contestant], -points.get(s.contestant, ZERO), s.contestant)
            )
            size = max(BEST_LEAST, -(-len(order) * BEST.numerator // BEST.denominator))
            tested = _Item(item, due.get(item), given, _answers(order[:size], item), size)
            if tested.other and self._is_asked(tested):
                yield _finding(aspect, tested, len(order))

    def _is_asked(self, item: _Item) -> bool:
        if item.key is None:
            return item.best[item.other] >= EXTRA * item.size
        ahead, key = item.all[item.other], item.all[item.key]
        if item.best[item.other] < Fraction(self.same) * item.size or item.best[item.key] > Fraction(self.right) * item.size:
            return False
        return ahead > key and (ahead - key) ** 2 >= Fraction(self.z) ** 2 * (ahead + key)


@dataclass(frozen=True, slots=True)
class _Item:
    """How often each answer was given by all, and by the best, of whom there are `size`."""

    name: str
    key: str | None
    all: Counter[str]
    best: Counter[str]
    size: int

    @property
    def other(self) -> str:
        """The answer besides the key that most of the best gave; nothing is no answer."""
        counts = [(count, answer) for answer, count in self.best.items() if answer and answer != self.key]
        return max(counts, default=(0, ""))[1]


def points_of_all(board: Survey) -> Mapping[ContestantId, Decimal]:
    """Everybody's marks over all stages."""
    return {each.record.contestant: sum((cell.points for cell in each.record.cells.values()), ZERO) for each in board.contenders}


def _is_worth_a_look(given: Counter[str], key: str | None) -> bool:
    """Whether some other answer is frequent enough among all; only then it matters who the best are."""
    other = max((often for answer, often in given.items() if answer != key), default=0)
    return other >= EXTRA * BEST_LEAST if key is None else other > given[key]


def _right(sheet: AnswerSheet, item: str, due: Mapping[str, str]) -> int:
    return int(item in due and sheet.answers.get(item) == due[item])


def _given(sheets: Sequence[AnswerSheet]) -> Mapping[str, Counter[str]]:
    """How often each answer to each item was given; nothing is no answer."""
    found: dict[str, Counter[str]] = {}
    for sheet in sheets:
        for item, answer in sheet.answers.items():
            if answer:
                found.setdefault(item, Counter())[answer] += 1
    return found


def _answers(sheets: Sequence[AnswerSheet], item: str) -> Counter[str]:
    return Counter(sheet.answers.get(item, "") for sheet in sheets)


def _finding(aspect: SurveyedAspect, item: _Item, count: int) -> Finding:
    key = "nothing" if item.key is None else item.key
    best = Said("{n} of the {size} best answer {other}", n=item.best[item.other], size=item.size, other=item.other)
    among = Said("of all {count}: {n}", count=count, n=item.all[item.other])
    if item.key is None:
        detail = Said("{name}: {best}, which the reference does not have; {among}", name=item.name, best=best, among=among)
    else:
        detail = Said(
            "{name}: {best}, {right} the key {key}; {among} and {all}",
            name=item.name,
            best=best,
            right=item.best[item.key],
            key=key,
            among=among,
            all=item.all[item.key],
        )
    advice = Said(
        "Check the key of {name} against its source; if {other} is right, correct the definition and rejudge.",
        name=item.name,
        other=item.other,
    )
    opinion = Opinion(Doubt.QUESTIONABLE, detail, "wrong_key", key, item.other, suggestion=advice)
    return Finding(opinion, f"aspect {aspect.id}, item {item.name}", None, aspect.stage)
