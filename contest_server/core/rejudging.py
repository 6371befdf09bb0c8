"""Judging a contest again under another rulebook, beside the contest that goes on: what would change, and what would not, and why (E9)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from contest_server.core.acts import Override
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.effects import Effect, effect_between, picture_of
from contest_server.core.facts import Adopted, Entry
from contest_server.core.ids import StageId

PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Work that the new rules do not touch, and why. Never silent."""

    stage: StageId | None
    count: int
    why: str


class Rejudging:
    """The contest as it would be under `adopted`. Follows the contest that goes on until it is applied or dropped."""

    def __init__(self, contest: Contest, adopted: Adopted) -> None:
        self.adopted = adopted
        self.shadow = Contest(contest.id, contest.judges)
        self._entries = contest.lived()
        self._until = contest.position
        self.all = len(self._entries) + 1
        self.done = 0

    def replay(self, carry_on: Callable[[], bool]) -> None:
        """Judge everything anew. Long; meant for a thread. Stops early where `carry_on` says no.

        Raises:
            DefinitionError: the definition is not one that can be adopted.
        """
        for entry in self._entries:
            if self.done % PROGRESS_EVERY == 0 and not carry_on():
                return
            self.shadow.relive(entry)
            self.done += 1
        self.shadow.relive(Entry(self._until + 1, 0, "rejudging", self.adopted))
        self.shadow.settle()
        self.done += 1
        self._entries = []

    def follow(self, contest: Contest) -> None:
        """Take in what was entered since: where in the ledger an adoption stands changes no judgement."""
        if contest.position > self._until:
            for entry in contest.lived(self._until):
                self.shadow.relive(entry)
            self._until = contest.position
            self.shadow.settle()

    def effect(self, contest: Contest) -> Effect:
        """Every changed cell, row, rank and medal. The digest is that of the board after applying."""
        return effect_between(picture_of(contest), picture_of(self.shadow))

    def left_out(self, contest: Contest) -> list[LeftOut]:
        """What stays as it is although the rules change."""
        return [*self._out_of_scope(), *self._ruled(contest), *self._lost(contest)]

    def _out_of_scope(self) -> Iterator[LeftOut]:
        bench = self.shadow.bench
        if bench is None or bench.scope is None:
            return
        kept: Counter[StageId] = Counter()
        for sheet in self.shadow.sheets.values():
            for stage in sheet.entries:
                attempts, decided = sheet.attempts(stage, bench), sheet.decided_us(stage, bench)
                if bench.rules_for(sheet.contestant, sheet.venue, stage, attempts, decided) is not bench.book.stages[stage]:
                    kept[stage] += 1
        yield from (LeftOut(stage, count, "outside the filter: judged as before") for stage, count in sorted(kept.items()))

    def _ruled(self, contest: Contest) -> Iterator[LeftOut]:
        ruled = Counter(each.stage for each in contest.office.rulings.in_force() if isinstance(each.action, Override))
        for stage, count in sorted(ruled.items(), key=lambda item: item[0] or ""):
            yield LeftOut(stage, count, "set by a ruling, which outweighs every rule")

    def _lost(self, contest: Contest) -> Iterator[LeftOut]:
        lost = len(self.shadow.unmatched) - len(contest.unmatched)
        if lost > 0:
            yield LeftOut(None, lost, "events of contestants or stages that the new definition does not have")
        codes = ("judge_failed", "not_judged", "expression_error")
        failed = Counter(flag.stage for flag in flags_of(self.shadow) if flag.code in codes)
        before = Counter(flag.stage for flag in flags_of(contest) if flag.code in codes)
        for stage, count in sorted((failed - before).items(), key=lambda item: item[0] or ""):
            yield LeftOut(stage, count, "cannot be judged by the new rules: asks a referee")


def same_effect(effect: Effect) -> str:
    """What an official agrees to, as a digest: the changes themselves, not what others do meanwhile."""
    changes: Sequence[object] = (effect.rows, effect.cells, effect.first)
    return hashlib.sha256(msgspec.json.encode(changes)).hexdigest()
