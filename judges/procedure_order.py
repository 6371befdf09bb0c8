"""Steps that have to be done in their order, e.g. isolate, prove dead, earth, tag, fence off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Text
from judges.exact import check_distinct, check_marks, check_sum, check_time, overwritten
from judges.listed import rows_of, text_in, whole_in, without_blanks

RECORD = Said("Compare the steps with the video or the paper record, and confirm or override.")
DISQUALIFY = Said("Decide whether the contestant is disqualified, and say why.")
TOO_FAST = Said("Look at the video: was it done, and by the contestant alone?")


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """`step`, its `marks`, and in a partial order the steps that come before it (`after`)."""

    step: str
    marks: Decimal
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriticalPair:
    """`before`, the step that must be done before `then`: otherwise everything is 0."""

    before: str
    then: str


@dataclass(frozen=True, slots=True)
class ProcedureOrder:
    """Add the marks of the steps that keep the order; a critical violation makes it 0 and proposes disqualification (A15).

    A step keeps the order if none of the steps that belong before it was done after it. A step that is missing earns nothing itself. A
    critical pair is violated where its second step was done and the first was not done before it. The first doing of a step counts.

    max: what the marks of all steps add up to
    field: the field of the evidence with the steps as done: a list of names, or of {step, ms}
    steps_due: the steps, each {step, marks, after}
    order: "total" means each step comes after all that are listed before it, "partial" only after those it names
    critical: pairs whose violation makes everything 0, each {before, then}
    least_ms: the least time between two steps; faster is a question (0: any)
    """

    rule: ClassVar[str] = "procedure_order"
    catalogue: ClassVar[str] = "A15"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "3"

    max: Decimal
    field: str
    steps_due: tuple[ProcedureStep, ...]
    order: Literal["total", "partial"] = "total"
    critical: tuple[CriticalPair, ...] = ()
    least_ms: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        names = [each.step for each in self.steps_due]
        check_distinct("steps_due", names)
        for each in self.steps_due:
            check_marks(Said("the marks of {name}", name=each.step), each.marks)
        named = [
            *(name for each in self.steps_due for name in each.after),
            *(n for pair in self.critical for n in (pair.before, pair.then)),
        ]
        for name in named:
            if name not in names:
                raise ValueError(Said("{name} is not a step; steps are {steps}", name=name, steps=names or Said("none")))
        if self.order == "total" and any(each.after for each in self.steps_due):
            raise ValueError(Said('`after` belongs to order = "partial"; in a total order the list itself says what comes before'))
        total = sum((each.marks for each in self.steps_due), ZERO)
        check_sum(Said("the steps' marks"), total, self.max)
        check_time("least_ms", self.least_ms)
        circle = sorted(name for name, above in self._before().items() if name in above)
        if circle:
            raise ValueError(Said("{steps} would have to come before itself", steps=circle))
        without_blanks(self, "steps_due", "critical")

    def _before(self) -> Mapping[str, set[str]]:
        """All that belongs before each step."""
        if self.order == "total":
            names = [each.step for each in self.steps_due]
            return {name: set(names[:index]) for index, name in enumerate(names)}
        before = {each.step: set(each.after) for each in self.steps_due}
        for _ in self.steps_due:
            before = {name: above | {further for each in above for further in before[each]} for name, above in before.items()}
        return before

    def score(self, evidence: Evidence) -> Score:
        done, times = self._done(evidence)
        place = {name: done.index(name) for name in done}
        before = self._before()
        steps, late = [], {}
        marks = ZERO
        for each in self.steps_due:
            late[each.step] = sorted(name for name in before[each.step] if each.step in place and place.get(name, -1) > place[each.step])
            keeps = each.step in place and not late[each.step]
            marks += each.marks if keeps else ZERO
            steps.append(
                Step(
                    Said("{step}: {words}", step=each.step, words=self._words(each.step in place, late[each.step])),
                    Said("{marks}", marks=each.marks if keeps else ZERO),
                )
            )
        violated = [pair for pair in self.critical if pair.then in place and place.get(pair.before, len(done)) > place[pair.then]]
        if violated:
            marks = ZERO
        result = Said("critical violation") if violated else Said("sum of the steps that keep the order")
        steps.append(Step(result, Said("{marks}", marks=marks)))
        used, ignored = self._shown(done)
        opinions = (*self._order(place, late), *_critical(violated), *self._too_fast(times))
        return Score(marks, self.max, tuple(steps), used, ignored | overwritten(evidence, self.field), opinions)

    def _done(self, evidence: Evidence) -> tuple[list[str], list[int]]:
        """The steps in the order of their first doing, and the times of all that have one, in order."""
        rows = rows_of(evidence, self.field)
        names: list[str] = []
        timed: list[int] = []
        for row in rows:
            if not isinstance(row, (str, Mapping)):
                raise MissingEvidence(Said("{field}: {row!r} is neither a step nor {{step, ms}}", field=self.field, row=str(row)[:40]))
            if isinstance(row, Mapping) and row.get("ms") is not None:
                timed.append(whole_in(row, "ms", self.field))
            names.append(row.strip() if isinstance(row, str) else text_in(row, "step", self.field))
        if timed and len(timed) == len(names):
            order = sorted(range(len(names)), key=lambda index: timed[index])
            names = [names[index] for index in order]
        return list(dict.fromkeys(names)), sorted(timed)

    def _words(self, is_done: bool, late: Sequence[str]) -> Text:
        if not is_done:
            return Said("missing")
        return Said("done before {late}", late=late) if late else Said("in order")

    def _shown(self, done: Sequence[str]) -> tuple[dict[str, int], dict[str, Text]]:
        known = {each.step for each in self.steps_due}
        used = {name: number for number, name in enumerate(done, start=1) if name in known}
        return used, {name: Said("is no step of this procedure") for name in done if name not in known}

    def _order(self, place: Mapping[str, int], late: Mapping[str, Sequence[str]]) -> Iterator[Opinion]:
        for each in self.steps_due:
            if each.step not in place:
                yield Opinion(Doubt.QUESTIONABLE, Said("{step} is missing", step=each.step), "missing_step", each.step, None, RECORD)
            elif late[each.step]:
                detail = Said("{step} was done before {late}", step=each.step, late=late[each.step])
                yield Opinion(Doubt.QUESTIONABLE, detail, "out_of_order", list(late[each.step]), each.step, RECORD)

    def _too_fast(self, times: Sequence[int]) -> Iterator[Opinion]:
        for earlier, later in pairwise(times):
            if later - earlier < self.least_ms:
                detail = Said("two steps within {gap:ms}; below {least_ms:ms} is impossible", gap=later - earlier, least_ms=self.least_ms)
                yield Opinion(Doubt.QUESTIONABLE, detail, "implausibly_fast", self.least_ms, later - earlier, TOO_FAST)


def _critical(violated: Sequence[CriticalPair]) -> Iterator[Opinion]:
    for pair in violated:
        detail = Said("{then} without {before} before it: the rules propose disqualification", then=pair.then, before=pair.before)
        yield Opinion(Doubt.QUESTIONABLE, detail, "propose_disqualification", f"{pair.before} before {pair.then}", pair.then, DISQUALIFY)
