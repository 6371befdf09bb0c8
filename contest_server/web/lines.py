"""A venue's line: what is heard on it is entered at the desk at once, and answered in order, each message only once all of it is durable.

    heard ──▶ session ──▶ waits at the desk ──▶ on its way ──▶ durable, filed: answered
                               ▲ what comes meanwhile joins what still waits

Refuses nothing for being much: beyond a message's worth of events under way, beyond the rate, while the desk has no room, and while the
venue does not read its answers, it hears no more until that is over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Protocol

from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed, Unstorable, Wish
from contest_server.web.links import VenueLink
from contest_server.wire.messages import BAD_MESSAGES, RESTARTING, Close, Refusal, VenueTime
from contest_server.wire.pace import Pace
from contest_server.wire.reading import BadMessage
from contest_server.wire.venue import Batch, VenueSession

Text = str | bytes
MESSAGES_MAX = 100
"""Which are answered together; those that bring nothing new are bounded by this alone."""
TakeTime = Callable[[VenueTime, int], str | None]
"""Takes in the answer to a clock exchange, heard at that time (µs); says what to tell the venue of it."""


class Outlet(Protocol):
    """The venue's socket, as far as its line has to know it."""

    @property
    def is_clear(self) -> bool:
        """What was said has left; otherwise the line's `go_on` is called once it has."""

    def say(self, texts: Sequence[str]) -> None:
        """These leave whole, in order, one message each; now, or when the venue reads on."""

    def pause(self) -> None:
        """Hear no more. What was read already may still come."""

    def resume(self) -> None:
        """Hear on."""


class Speaker(Outlet, Protocol):
    """The same, for who opens the line."""

    async def converse(self, line: Line) -> Close | None:
        """Let the line hear what is said, until it is over."""


@dataclass(slots=True)
class Entered:
    """What waits for the desk together, with the messages that are answered when it is durable."""

    wish: Wish
    messages: list[tuple[Batch, float]] = field(default_factory=list)
    """Each with the time at which it was heard, in seconds of a clock that only runs."""


class Line:
    """Ends with `over`: the word of goodbye for the venue, or None where it left by itself."""

    def __init__(
        self,
        desk: Desk,
        session: VenueSession,
        link: VenueLink,
        outlet: Outlet,
        take_time: TakeTime,
        now_us: Callable[[], int],
        bad_max: int,
    ) -> None:
        self.over: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()
        self._desk, self._session, self._link, self._outlet = desk, session, link, outlet
        self._take_time, self._now_us, self._bad_max = take_time, now_us, bad_max
        self._pace = Pace(session.limits.rate_per_s, now_us())
        self._bad = 0
        """Messages that could not be read, one after the other."""
        self._under_way: deque[Entered] = deque()
        """At most two: one on its way into the ledger, and one that waits."""
        self._held: deque[tuple[Text, int]] = deque()
        """What was read before reading was paused, with the time at which it was heard (µs)."""
        self._waits: asyncio.TimerHandle | None = None
        """For the rate."""
        self._seeks_room = False
        self._hears = True
        """Nothing was in the way when that was looked at last."""
        self._ends: Close | None = None
        """It ends like that once all is answered."""

    def heard(self, text: Text) -> None:
        """The venue said something."""
        if self.over.done():
            return
        if self._hears and self._outlet.is_clear:
            self._take(text, self._now_us())
        else:
            self._held.append((text, self._now_us()))
        self._hears = not (self._held or self._is_full)
        if not self._hears:
            self._outlet.pause()

    def go_on(self) -> None:
        """Something that was in the way may be gone."""
        if self._ends is not None and not self._under_way:
            self.end(self._ends)
        while self._held and not self._is_full:
            self._take(*self._held.popleft())
        self._hears = not (self._held or self._is_full)
        if self._hears:
            self._outlet.resume()

    def end(self, close: Close | None) -> None:
        """Nothing more is heard or said from now on. What is under way may still be stored: the venue comes again, by number."""
        if not self.over.done():
            self.over.set_result(close)
            self._held.clear()
            if self._waits is not None:
                self._waits.cancel()

    @property
    def _is_full(self) -> bool:
        return bool(
            self._link.taken >= self._session.limits.batch
            or (self._under_way and len(self._under_way[-1].messages) >= MESSAGES_MAX)
            or self._waits is not None
            or self._seeks_room
            or self._ends is not None
            or self.over.done()
            or not self._outlet.is_clear
        )

    def _take(self, text: Text, heard_us: int) -> None:
        try:
            message = self._session.receive(text, heard_us)
        except BadMessage as error:
            self._take_nonsense(error)
            return
        self._bad = 0
        if isinstance(message, VenueTime):
            answer = self._take_time(message, heard_us)
            if answer is not None:
                self._outlet.say([answer])
        else:
            self._take_batch(message)

    def _take_nonsense(self, error: BadMessage) -> None:
        """Told by name, in its turn. Who says nothing else is sent away."""
        self._bad += 1
        if self._bad >= self._bad_max:
            self._ends = BAD_MESSAGES
        self._answer_in_turn(Batch(refusals=[Refusal(None, error.code, error.detail)]))
        if self._ends is not None:
            self.go_on()

    def _take_batch(self, batch: Batch) -> None:
        if batch.drafts:
            self._link.received += len(batch.drafts)
            self._enter(batch)
            delay_s = self._pace.delay_s(len(batch.drafts), self._now_us())
            if delay_s > 0:
                self._waits = asyncio.get_running_loop().call_later(delay_s, self._waited)
        else:
            self._answer_in_turn(batch)

    def _waited(self) -> None:
        self._waits = None
        self.go_on()

    def _enter(self, batch: Batch) -> None:
        """It joins what still waits: all that one source has at the desk is stored in order, together, or not at all."""
        if self._under_way and not self._under_way[-1].wish.is_taken:
            waiting = self._under_way[-1]
            assert not callable(waiting.wish.what)
            waiting.wish.what += batch.drafts
            waiting.messages.append((batch, perf_counter()))
        else:
            wish = Wish(list(batch.drafts), self._stored)
            self._under_way.append(Entered(wish, [(batch, perf_counter())]))
            self._line_up(wish)

    def _line_up(self, wish: Wish) -> None:
        """Until there is room, nothing more is heard."""
        try:
            has_room = self._desk.enter(wish)
        except DeskClosed:
            self._under_way.pop()
            self._seeks_room, self._ends = False, RESTARTING
            self.go_on()
            return
        if not has_room:
            self._desk.when_room(partial(self._line_up, wish))
        elif self._seeks_room:
            self._seeks_room = False
            self.go_on()
            return
        self._seeks_room = not has_room

    def _stored(self, outcome: int | Exception) -> None:
        """What was longest under way is durable, or nothing of it was stored."""
        entered = self._under_way.popleft()
        if isinstance(outcome, Exception):
            for each in self._under_way:
                each.wish.is_withdrawn = True  # its numbers would leave a gap
            self.end(BAD_MESSAGES if isinstance(outcome, Unstorable) else RESTARTING)
        elif not self.over.done():
            self._answer(entered.messages, outcome)
            if not self._hears:
                self.go_on()

    def _answer_in_turn(self, batch: Batch) -> None:
        """What has nothing to store is answered after all that was said before."""
        message = batch, perf_counter()
        if self._under_way:
            self._under_way[-1].messages.append(message)
        else:
            self._answer([message], self._desk.contest.position)

    def _answer(self, messages: Sequence[tuple[Batch, float]], position: int) -> None:
        self._outlet.say([reply for batch, _ in messages for reply in self._session.acknowledge(batch, position)])
        link, counts, now_s = self._link, self._desk.counts, perf_counter()
        for batch, heard_s in messages:
            link.settled += len(batch.drafts)
            if batch.seq is not None:
                counts.acknowledged.take(now_s - heard_s)
            for refusal in batch.refusals:
                counts.refused[refusal.code] += 1
