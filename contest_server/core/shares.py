"""The marks of an aspect that compares, kept by difference: who is the same, and compared with the same, keeps theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from contest_server.core.answers import fault_of, is_sound
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId
from contest_server.core.judging import Field, Score
from contest_server.core.rulebook import Rule


class Shares:
    """Of an aspect whose rule has the short way (`standard` and `marks_against`); `marks` are those of everybody who has any."""

    __slots__ = ("_judge", "_most", "_standard", "marks")

    def __init__(self, aspect: AspectDef, rule: Rule) -> None:
        self._judge, self._most = rule.judge, aspect.max
        self._standard: tuple[Any] | None = None
        self.marks: dict[ContestantId, Decimal] = {}

    @classmethod
    def of(cls, aspect: AspectDef, rule: Rule) -> Shares | None:
        """None where the rule has no short way, or not always one."""
        has = hasattr(rule.judge, "standard") and hasattr(rule.judge, "marks_against")
        return cls(aspect, rule) if has and rule.when is None else None

    def settle(self, field: Field, changed: Iterable[ContestantId]) -> Iterable[ContestantId] | None:
        """Reckon the marks of whose cells changed, or of everybody where there is another standard now; returns whose may be others. None
        where the rule fails, or gives what are no marks of the aspect: `compare` says why.
        """
        try:
            found = self._settled(field, changed)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - a third party's code may raise anything, even an exit
            found = None
        if found is None:
            self._standard = None
        return found

    def told(self, who: ContestantId, field: Field) -> Mapping[ContestantId, Score] | None:
        """What `compare` answers of this one alone. None where only `compare` can say, which looks at everybody."""
        tell, cell = getattr(self._judge, "score_against", None), field.cells.get(who)
        if tell is None or self._standard is None:
            return None
        if cell is None:
            return {}
        try:
            score = tell(cell, self._standard[0], len(field.cells))
            is_that = fault_of("score", score) is None and score.marks == self.marks.get(who)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - a third party's code may raise anything, even an exit
            return None
        return {who: score} if is_that else None

    def _settled(self, field: Field, changed: Iterable[ContestantId]) -> Iterable[ContestantId] | None:
        """The same, but raises whatever the rule raises."""
        standard = (self._judge.standard(field),)
        whose = changed if standard == self._standard else {*self.marks, *field.cells}
        self._standard = standard
        return whose if all(self._reckon(who, field, standard[0]) for who in whose) else None

    def _reckon(self, who: ContestantId, field: Field, standard: Any) -> bool:
        """Whether the answer can be used."""
        cell = field.cells.get(who)
        marks = None if cell is None else self._judge.marks_against(cell, standard)
        if marks is None:
            self.marks.pop(who, None)
            return True
        self.marks[who] = marks
        return is_sound(marks) and bool(marks <= self._most)
