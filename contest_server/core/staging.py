"""What every screen shows, as a function of what was ordered and of the time. All servers reckon the same; no score depends on it.

Orders hold in the order of the ledger: what was ordered last is meant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import assert_never

from contest_server.core.orders import (
    DEFAULT,
    Assign,
    At,
    Follow,
    Hide,
    Identify,
    Message,
    Order,
    Reload,
    Sequence,
    Show,
    Stop,
    TakeBack,
)
from contest_server.core.programs import FIRST_PROGRAM, Program

UNDO_MAX = 50
"""So many orders of one screen can be taken back, one after the other."""
TIMED_MAX = 20
LOG_KEPT = 200


@dataclass(frozen=True, slots=True)
class Stand:
    """What holds for a screen: a plan (None: follow the default) since when, switches to come, whether it is hidden."""

    plan: Program | Sequence | None = None
    since_us: int = 0
    timed: tuple[At, ...] = ()
    hidden: bool = False

    def at(self, now_us: int) -> Stand:
        """The same once the switches that are due have happened."""
        due = [each for each in self.timed if each.at_us <= now_us]
        if not due:
            return self
        last = max(reversed(due), key=lambda each: each.at_us)  # of two for one moment, what was ordered last
        return replace(self, plan=last.program, since_us=last.at_us, timed=tuple(each for each in self.timed if each.at_us > now_us))

    def shown(self, now_us: int) -> tuple[Program | None, int, int | None]:
        """The program (None: the default's), since when, and when the time alone changes it next."""
        stand = self.at(now_us)
        next_us = min((each.at_us for each in stand.timed), default=None)
        if not isinstance(stand.plan, Sequence):
            return stand.plan, stand.since_us, next_us
        program, since_us, until_us = _step(stand.plan, stand.since_us, now_us)
        return program, since_us, min((each for each in (next_us, until_us) if each is not None), default=None)


def _step(plan: Sequence, since_us: int, now_us: int) -> tuple[Program, int, int | None]:
    """The step of a sequence that the time has come to, since when, and until when."""
    if len(plan.steps) == 1:  # again and again the same is the same
        return plan.steps[0].program, since_us, None
    ends_s = list(accumulate(each.seconds for each in plan.steps))
    total_us, passed_us = ends_s[-1] * 1_000_000, max(0, now_us - since_us)
    rounds = passed_us // total_us if plan.loop else 0
    index = bisect_right(ends_s, (passed_us - rounds * total_us) // 1_000_000)
    begin_us = since_us + rounds * total_us
    if index == len(ends_s):  # over, and no loop
        return plan.steps[-1].program, begin_us + (total_us - plan.steps[-1].seconds * 1_000_000), None
    start_us = begin_us + (ends_s[index - 1] * 1_000_000 if index else 0)
    stays = not plan.loop and index == len(ends_s) - 1
    return plan.steps[index].program, start_us, None if stays else begin_us + ends_s[index] * 1_000_000


@dataclass(frozen=True, slots=True)
class Words:
    """A message, and until when it is shown. `position` tells one from another."""

    position: int
    zh: str
    en: str
    until_us: int


@dataclass(slots=True)
class Channel:
    """All that was ordered of one screen, or of the default."""

    stand: Stand = field(default_factory=Stand)
    before: list[Stand] = field(default_factory=list)
    """How it stood before each order that can be undone."""
    message: Words | None = None
    identified: int = 0
    reloaded: int = 0


@dataclass(frozen=True, slots=True)
class Showing:
    """What a screen shows at a moment. `until_us`: when the time alone changes it; None for never."""

    program: Program
    since_us: int
    follows: bool
    hidden: bool
    message: Words | None
    identify: int
    reload: int
    until_us: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """An order as it was given, for the log."""

    position: int
    at_us: int
    author: str
    id: str
    screen: str
    order: Order


class Staging:
    """The state of all screens after the orders so far."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.ids: dict[str, int] = {}
        """The position at which each order came in, by the id that its client chose."""
        self.log: deque[Given] = deque(maxlen=LOG_KEPT)
        self.position = 0

    def take(self, given: Given) -> None:
        """Take in the next order. One that makes no sense (any more) changes nothing."""
        self.position = given.position
        self.ids.setdefault(given.id, given.position)
        self.log.append(given)
        channel = self.channels.setdefault(given.screen, Channel())
        match given.order:
            case Identify():
                channel.identified += 1
            case Reload():
                channel.reloaded += 1
            case Message(zh=zh, en=en, seconds=seconds):
                is_empty = not (zh or en)
                channel.message = None if is_empty else Words(given.position, zh, en, given.at_us + seconds * 1_000_000)
            case TakeBack():
                if channel.before:
                    channel.stand = channel.before.pop()
            case Assign() | Follow() | Hide() | Show() | Sequence() | At() | Stop():
                self._set(channel, given)
            case _:
                assert_never(given.order)

    def _set(self, channel: Channel, given: Given) -> None:
        """An order that can be undone."""
        before, at_us = channel.stand, given.at_us
        channel.before = [*channel.before[1 - UNDO_MAX :], before]
        stand = before.at(at_us)
        match given.order:
            case Assign(program=program):
                channel.stand = Stand(program, at_us, (), stand.hidden)
            case Sequence() as sequence:
                channel.stand = Stand(sequence, at_us, (), stand.hidden)
            case Follow():
                channel.stand = Stand(None, at_us, (), stand.hidden)
            case At() as switch:
                channel.stand = replace(stand, timed=(*stand.timed, switch)[-TIMED_MAX:])
            case Stop():
                stays, since_us, _ = stand.shown(at_us)
                channel.stand = Stand(stays, since_us, (), stand.hidden)
            case Hide() | Show() as order:
                channel.stand = replace(stand, hidden=isinstance(order, Hide))

    def undoable(self, screen: str) -> bool:
        """Whether there is an order of this screen to take back."""
        return screen in self.channels and bool(self.channels[screen].before)

    def now(self, screen: str, now_us: int) -> Showing:
        """What a screen shows at this moment. What was said to `default` besides a program reaches every screen."""
        nothing = Channel()
        own, everybody = self.channels.get(screen, nothing), self.channels.get(DEFAULT, nothing)
        program, since_us, until_us = own.stand.shown(now_us)
        follows = program is None and screen != DEFAULT
        if program is None:
            program, since_us, theirs_us = everybody.stand.shown(now_us)
            until_us = _earlier(until_us, theirs_us)
        is_other = screen != DEFAULT
        message = _latest(own.message, everybody.message, now_us)
        return Showing(
            program or FIRST_PROGRAM,
            since_us,
            follows,
            own.stand.hidden or everybody.stand.hidden,
            message,
            own.identified + is_other * everybody.identified,
            own.reloaded + is_other * everybody.reloaded,
            _earlier(until_us, None if message is None else message.until_us),
        )


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _latest(one: Words | None, other: Words | None, now_us: int) -> Words | None:
    """The message that was given last, of those that are not over."""
    open_ = [each for each in (one, other) if each is not None and now_us < each.until_us]
    return max(open_, key=lambda each: each.position, default=None)
