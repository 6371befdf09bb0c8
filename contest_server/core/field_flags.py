"""The questions about a stage, with the flags that they are: there may be one for everybody, so these are made once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contest_server.core.flags import Flag, flag_of
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judging import Opinion
from contest_server.core.rulebook import Rule

Question = tuple[Rule, ContestantId | None, Opinion]


class Questions(list[Question]):
    """What rules ask about several contestants at a stage. It does not change any more."""

    __slots__ = ("_flags", "_stage")

    def __init__(self, stage: StageId, asked: Iterable[Question]) -> None:
        super().__init__(asked)
        self._stage = stage
        self._flags: Sequence[Flag] | None = None

    @property
    def flags(self) -> Sequence[Flag]:
        """One for each question, in their order."""
        if self._flags is None:
            self._flags = [flag_of(opinion, rule.name, who, self._stage, "award") for rule, who, opinion in self]
        return self._flags

    def with_flags(self) -> Questions:
        """These questions, whose flags are work no more."""
        assert len(self.flags) == len(self)
        return self
