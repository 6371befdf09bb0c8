"""Questions with keys, single and multiple choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Text, decimal_of
from judges.exact import check_distinct, check_marks, check_places, check_sum, overwritten, plain, rounded
from judges.listed import table_of

LOST = Said("Look on the device for the times, or decide without them.")


@dataclass(frozen=True, slots=True)
class QuizItem:
    """`item`, its `key` (a list: the one answer, or all right choices) and its `marks`."""

    item: str
    key: tuple[str, ...]
    marks: Decimal


@dataclass(frozen=True, slots=True)
class Quiz:
    """Add the marks of the items that are answered rightly (A17). In multiple choice any wrong choice makes the item 0.

    An empty answer ("" or []) is wrong; an item that was not sent at all leaves the quiz unjudged.

    max: what the items' marks add up to
    field: the field of the evidence with the answers: a table from item to answer, a text or a list of choices
    items: the questions, each {item, key, marks}
    multiple: some but not all right choices earn nothing ("all_or_zero"), half ("partial_0.5"), or the share that was found ("per_option")
    times_field: a field with the seconds that each answer took: a table from item to seconds
    least_s: an answer faster than this is a question (0: any), and so is one of which nobody knows how long it took
    most_s: an answer slower than this is a question (0: any), and so is one of which nobody knows how long it took
    places: decimal places a part of the marks of an item is rounded to, halves up
    """

    rule: ClassVar[str] = "quiz"
    catalogue: ClassVar[str] = "A17"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "3"

    max: Decimal
    field: str
    items: tuple[QuizItem, ...]
    multiple: Literal["all_or_zero", "partial_0.5", "per_option"] = "all_or_zero"
    times_field: str = ""
    least_s: Decimal = ZERO
    most_s: Decimal = ZERO
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("least_s", self.least_s)
        check_marks("most_s", self.most_s)
        check_places(self.places)
        check_distinct("items", [each.item for each in self.items])
        for each in self.items:
            check_marks(Said("the marks of {name}", name=each.item), each.marks)
            check_distinct(Said("the key of {name}", name=each.item), list(each.key))
            if not each.key:
                raise ValueError(Said("the key of {item} is empty; give at least one right answer", item=each.item))
        total = sum((each.marks for each in self.items), ZERO)
        check_sum(Said("the items' marks"), total, self.max)
        if (self.least_s or self.most_s) and not self.times_field:
            raise ValueError(Said("least_s and most_s need times_field, the field with the seconds of each answer"))
        items = tuple(replace(each, key=tuple(choice.strip() for choice in each.key)) for each in self.items)
        object.__setattr__(self, "items", items)

    def score(self, evidence: Evidence) -> Score:
        answers = table_of(evidence, self.field)
        given = {each.item: _choices(self.field, each.item, answers) for each in self.items}
        steps, total = [], ZERO
        for each in self.items:
            marks = self._marks(each, given[each.item])
            total += marks
            steps.append(
                Step(
                    Said("{item}: {given}, key {key}", item=each.item, given=_words(given[each.item]), key=_words(frozenset(each.key))),
                    Said("{marks}", marks=marks),
                )
            )
        steps.append(Step(Said("sum of the items"), Said("{total}", total=total)))
        used = {item: sorted(choices) for item, choices in given.items()}
        known = {each.item for each in self.items}
        ignored = {str(item)[:64]: Said("is no item of this quiz") for item in sorted(answers, key=str) if item not in known}
        return Score(total, self.max, tuple(steps), used, ignored | overwritten(evidence, self.field), tuple(self._times(evidence, given)))

    def _marks(self, item: QuizItem, given: frozenset[str]) -> Decimal:
        """All marks of the item as they are; only a part of them is rounded."""
        share = self._share(item, given)
        return item.marks if share == 1 else rounded(share * Fraction(item.marks), self.places, item.marks)

    def _share(self, item: QuizItem, given: frozenset[str]) -> Fraction:
        key = frozenset(item.key)
        if given == key:
            return Fraction(1)
        if not given or given - key or self.multiple == "all_or_zero":
            return Fraction(0)
        return Fraction(1, 2) if self.multiple == "partial_0.5" else Fraction(len(given), len(key))

    def answers_given(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        table = data.get(self.field)
        if not isinstance(table, Mapping):
            raise MissingEvidence(Said("{field}: no answers", field=self.field))
        return {each.item: _choice_text(self.field, each.item, table) for each in self.items if each.item in table}

    def answers_due(self) -> Mapping[str, str]:
        return {each.item: " ".join(sorted(set(each.key))) for each in self.items}

    def _times(self, evidence: Evidence, given: Mapping[str, frozenset[str]]) -> Iterator[Opinion]:
        if not (self.least_s or self.most_s):
            return
        sent = evidence.attempt.data.get(self.times_field)
        times = {item: _seconds(sent, item) for item in given}
        unknown = ", ".join(item for item, seconds in times.items() if seconds is None and given[item])
        if unknown:
            detail = Said("{field}: nobody knows how long {items} took", field=self.times_field, items=unknown)
            yield Opinion(Doubt.QUESTIONABLE, detail, "answer_time_unknown", None, unknown, LOST)
        for item, seconds in times.items():
            if seconds is not None and seconds < self.least_s:
                yield _odd(item, seconds, self.least_s, Said("below {limit} s", limit=self.least_s))
            elif seconds is not None and self.most_s and seconds > self.most_s:
                yield _odd(item, seconds, self.most_s, Said("above {limit} s", limit=self.most_s))


def _odd(item: str, seconds: Decimal, limit: Decimal, beyond: Said) -> Opinion:
    detail = Said("{item} was answered in {seconds} s; {beyond} is unusual", item=item, seconds=seconds, beyond=beyond)
    advice = Said("Look at how {item} was answered, and at what else was open on the device.", item=item)
    return Opinion(Doubt.QUESTIONABLE, detail, "answer_time", plain(limit), plain(seconds), suggestion=advice)


def _seconds(times: Any, item: str) -> Decimal | None:
    """How long an answer took; None where nobody knows."""
    try:
        return decimal_of(item, times.get(item)) if isinstance(times, Mapping) else None
    except MissingEvidence:
        return None


def _choices(field: str, item: str, answers: Mapping[str, Any]) -> frozenset[str]:
    answer = answers.get(item)
    if isinstance(answer, str):
        return frozenset([answer.strip()]) - {""}
    if isinstance(answer, (list, tuple)) and all(isinstance(each, str) for each in answer):
        return frozenset(each.strip() for each in answer) - {""}
    raise MissingEvidence(Said("{field}: {item} has no answer", field=field, item=item))


def _choice_text(field: str, item: str, answers: Mapping[str, Any]) -> str:
    """The choices as one text; nothing where there is no answer."""
    try:
        return " ".join(sorted(_choices(field, item, answers)))
    except MissingEvidence:
        return ""


def _words(choices: frozenset[str]) -> Text:
    return " ".join(sorted(choices)) or Said("no answer")
