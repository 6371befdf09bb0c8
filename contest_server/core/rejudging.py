"""Judging a contest again under another rulebook, beside the contest that goes on: what would change, and what would not, and why (E9)."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from contest_server.core.acts import Override
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.effects import Comparison, Effect, picture_of
from contest_server.core.facts import Adopted, Entry
from contest_server.core.flags import Flag
from contest_server.core.ids import StageId
from contest_server.core.pieces import at_once

PROGRESS_EVERY = 500
FOLLOWED_A_PIECE = 50
CHANGES_A_PIECE = 1_000


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
        self._coming: deque[Entry] = deque()
        """What was entered since, and is not taken in yet."""
        self._comparison = Comparison()
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
        for _ in self.following(contest):
            pass

    def following(self, contest: Contest) -> Iterator[None]:
        """The same in short pieces; others may `follow` in between. At the end the texts of all rows are made, too."""
        if contest.position > self._until:
            self._coming.extend(contest.lived(self._until))
            self._until = contest.position
        while self._coming or not self.shadow.is_settled:
            for _ in range(min(FOLLOWED_A_PIECE, len(self._coming))):
                self.shadow.relive(self._coming.popleft())
            yield from self.shadow.settle_in_pieces({})
        for row in list(self.shadow.rows.values()):
            row.json  # noqa: B018 - it is made once
            yield

    def effect(self, contest: Contest) -> Effect:
        """Every changed cell, row, rank and medal. The digest is that of the board after applying."""
        return at_once(self.comparing(contest))

    def comparing(self, contest: Contest) -> Generator[None, None, Effect]:
        """The same in short pieces: as both contests are at the first of them."""
        return self._comparison.comparing(picture_of(contest), picture_of(self.shadow))

    def left_out(self, contest: Contest, asked: Sequence[Flag] | None = None, would_ask: Sequence[Flag] | None = None) -> list[LeftOut]:
        """What stays as it is although the rules change. The questions of both contests, where somebody has them already."""
        return [each for each in self.leaving_out(contest, asked, would_ask) if each is not None]

    def leaving_out(
        self, contest: Contest, asked: Sequence[Flag] | None = None, would_ask: Sequence[Flag] | None = None
    ) -> Iterator[LeftOut | None]:
        """The same in short pieces, where both have their questions already; None: nothing was found in this one."""
        yield from self._out_of_scope()
        yield from self._ruled(contest)
        yield from self._lost(
            contest, flags_of(contest) if asked is None else asked, flags_of(self.shadow) if would_ask is None else would_ask
        )

    def _out_of_scope(self) -> Iterator[LeftOut | None]:
        bench = self.shadow.bench
        if bench is None or bench.scope is None:
            return
        kept: Counter[StageId] = Counter()
        for sheet in list(self.shadow.sheets.values()):
            yield None
            for stage in sheet.entries:
                attempts, decided = sheet.attempts(stage, bench), sheet.decided_us(stage, bench)
                if bench.rules_for(sheet.contestant, sheet.venue, stage, attempts, decided) is not bench.book.stages[stage]:
                    kept[stage] += 1
        yield from (LeftOut(stage, count, "outside the filter: judged as before") for stage, count in sorted(kept.items()))

    def _ruled(self, contest: Contest) -> Iterator[LeftOut]:
        ruled = Counter(each.stage for each in contest.office.rulings.in_force() if isinstance(each.action, Override))
        for stage, count in sorted(ruled.items(), key=lambda item: item[0] or ""):
            yield LeftOut(stage, count, "set by a ruling, which outweighs every rule")

    def _lost(self, contest: Contest, asked: Sequence[Flag], would_ask: Sequence[Flag]) -> Iterator[LeftOut]:
        lost = len(self.shadow.unmatched) - len(contest.unmatched)
        if lost > 0:
            yield LeftOut(None, lost, "events of contestants or stages that the new definition does not have")
        codes = ("judge_failed", "not_judged", "expression_error")
        failed = Counter(flag.stage for flag in would_ask if flag.code in codes)
        before = Counter(flag.stage for flag in asked if flag.code in codes)
        for stage, count in sorted((failed - before).items(), key=lambda item: item[0] or ""):
            yield LeftOut(stage, count, "cannot be judged by the new rules: asks a referee")


def same_effect(effect: Effect) -> str:
    """What an official agrees to, as a digest: the changes themselves, not what others do meanwhile."""
    return at_once(same_in_pieces(effect))


def same_in_pieces(effect: Effect) -> Generator[None, None, str]:
    """The same in short pieces."""
    digest, text = hashlib.sha256(), b"["
    for several in (effect.rows, effect.cells, effect.first):
        digest.update(text + b"[")
        for at in range(0, len(several), CHANGES_A_PIECE):
            digest.update(b"," * (at > 0) + msgspec.json.encode(several[at : at + CHANGES_A_PIECE])[1:-1])
            yield
        text = b"],"
    digest.update(b"]]")
    return digest.hexdigest()
