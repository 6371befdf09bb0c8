"""Rejudgings that are being looked at: judged in a thread, followed by the desk's entries, applied at one position or dropped."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contest_server.core.contest import Contest
from contest_server.core.effects import Effect
from contest_server.core.facts import Adopted
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.flags import Flag
from contest_server.core.rejudging import LeftOut, Rejudging, same_effect, same_in_pieces
from contest_server.core.saying import Said
from contest_server.live.queues import ReviewQueue
from contest_server.live.turns import Turns

REHEARSALS_MAX = 4
SHOWN_MAX = 64

State = Literal["running", "ready", "applied", "cancelled", "failed"]


class TooManyRehearsals(Exception):
    """So many are being looked at already. Apply or cancel one of them."""


@dataclass(slots=True)
class Rehearsal:
    """One rejudging before it is applied. `shown` remembers what was agreed to by each digest that was shown."""

    id: str
    rejudging: Rejudging
    state: State = "running"
    faults: Sequence[Fault] = ()
    shown: OrderedDict[str, str] = field(default_factory=OrderedDict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is judged, or has failed."""
    former: list[Iterator[None]] = field(default_factory=list)
    """What made room for this one, still to be freed, which is work."""
    _queue: ReviewQueue = field(init=False)
    """The questions that would be asked."""

    def __post_init__(self) -> None:
        self._queue = ReviewQueue(self.rejudging.shadow, lambda: 0)

    @property
    def adopted(self) -> Adopted:
        return self.rejudging.adopted

    async def run(self) -> None:
        """Judge everything anew, in a thread: the contest goes on meanwhile."""
        former, self.former = self.former, []
        try:
            for each in former:
                await Turns().through(each)
            await asyncio.to_thread(self.rejudging.replay, lambda: self.state == "running")
        except DefinitionError as error:
            self.state, self.faults = "failed", error.faults
        except Exception as error:  # noqa: BLE001 - a third party's rule may raise anything; the contest goes on, and the official is told
            failed = Said("failed: {error:.400}", error=f"{type(error).__name__}: {error}")
            self.state, self.faults = "failed", [Fault("rules", failed)]
        else:
            if self.state == "running":
                self.state = "ready"
        finally:
            self.over.set()

    def effect(self, contest: Contest) -> Effect:
        """What it would change now. Remembers that this was shown."""
        self.rejudging.follow(contest)
        effect = self.rejudging.effect(contest)
        self._show(effect, same_effect(effect))
        return effect

    async def found_out(self, contest: Contest) -> Effect:
        """The same, in short turns: as it is at some moment since."""
        effect = await self.prepared(contest)
        self._show(effect, await Turns().result(same_in_pieces(effect)))
        return effect

    async def prepared(self, contest: Contest) -> Effect:
        """The effect, in short turns; what somebody asks next is short, but for what changes until then."""
        turns = Turns()
        await turns.through(self.rejudging.following(contest))
        self.rejudging.follow(contest)  # what came during the last piece
        return await turns.result(self.rejudging.comparing(contest))

    def _show(self, effect: Effect, same: str) -> None:
        self.shown[effect.digest] = same
        while len(self.shown) > SHOWN_MAX:
            self.shown.popitem(last=False)

    def was_shown(self, digest: str, same: str) -> None:
        """Another server showed this."""
        self.shown.setdefault(digest, same)

    def is_agreed(self, contest: Contest, digest: str) -> bool:
        """Whether what was shown with this digest is what it would change now."""
        self.rejudging.follow(contest)
        return self.shown.get(digest) == same_effect(self.rejudging.effect(contest))

    async def left_out(self, contest: Contest, asked: Sequence[Flag]) -> list[LeftOut]:
        """What it would leave as it is, found out in short turns. `asked`: the questions of the contest."""
        would_ask, turns, found = await self._queue.questions(), Turns(), list[LeftOut]()
        for each in self.rejudging.leaving_out(contest, asked, would_ask):
            found += () if each is None else (each,)
            await turns.next()
        return found


class Rehearsals:
    """The rehearsals of one contest. What is over makes room for new ones."""

    def __init__(self) -> None:
        self._rehearsals: OrderedDict[str, Rehearsal] = OrderedDict()

    def begin(self, name: str, contest: Contest, adopted: Adopted) -> Rehearsal:
        """A new one, still to `run`. Raises TooManyRehearsals."""
        over = [each.id for each in self._rehearsals.values() if each.state not in ("running", "ready")]
        gone = [self._rehearsals.pop(each) for each in over[: max(0, len(self._rehearsals) - REHEARSALS_MAX + 1)]]
        if len(self._rehearsals) >= REHEARSALS_MAX:
            raise TooManyRehearsals(Said("{most} rejudgings are being looked at; apply or cancel one", most=REHEARSALS_MAX))
        rehearsal = self._rehearsals[name] = Rehearsal(name, Rejudging(contest, adopted))
        rehearsal.former += [each.rejudging.shadow.leaving() for each in gone]
        return rehearsal

    def get(self, name: str) -> Rehearsal | None:
        return self._rehearsals.get(name)

    def all(self) -> list[Rehearsal]:
        return list(self._rehearsals.values())

    def cancel(self, rehearsal: Rehearsal) -> None:
        """Drop it; what runs in its thread ends at the next entry."""
        if rehearsal.state in ("running", "ready"):
            rehearsal.state = "cancelled"
