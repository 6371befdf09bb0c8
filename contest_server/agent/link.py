"""The venue's half of one connection, without a socket: text in, happenings and texts out.

    greeting ──welcome──▶ settling ──begin──▶ live ──gap──▶ settling …

The law: what is sent is contiguous from the first unanswered number, inside every limit the server announced, and at most so many messages
ahead of its answers. After a gap or a fault, and for numbers that the server has but whose answer was lost, one message at a time: an
acknowledgement of all that the server has must not hide a refusal that it would say again. Refuses answers to what was never sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from contest_server.agent.limits import AgentLimits
from contest_server.agent.messages import (
    ENVELOPE_BYTES,
    Ack,
    Bye,
    ClockTold,
    FromServer,
    Limits,
    Refused,
    Time,
    Unintelligible,
    Welcome,
    events_message,
    hello,
    read_message,
    time_answer,
)
from contest_server.agent.outbox import Outgoing
from contest_server.agent.pace import Flight, Pace
from contest_server.agent.reading import NowUs
from contest_server.agent.store import Binding


@dataclass(frozen=True, slots=True)
class Say:
    """To be sent at once."""

    text: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The server has everything up to `after`: ask the outbox what that means, then `begin`. `epoch` None: the ledger is the same."""

    after: int
    epoch: str | None
    turn: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The server took a whole message for wrong; what was in it is sent again, smaller and later."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The connection is over by the server's word."""

    code: str
    retry: bool


Happening = Say | Settle | Ack | Refused | ClockTold | Fault | Leave


@dataclass(frozen=True, slots=True)
class Room:
    """What may be sent now: until `wanted_bytes` are reached, and at least one event."""

    events_max: int
    bytes_max: int
    wanted_bytes: int


class Phase(Enum):
    GREETING = auto()
    SETTLING = auto()
    LIVE = auto()


class Link:
    """`now_us` is this device's clock, which the server asks for; `now_s` anywhere is a steady clock for waiting."""

    def __init__(self, binding: Binding, bounds: AgentLimits, pace: Pace, now_us: NowUs, now_s: float) -> None:
        self._binding, self._bounds, self._pace, self._now_us = binding, bounds, pace, now_us
        self.phase = Phase.GREETING
        self.limits = Limits()
        self.next_seq = 1
        self.answers = 0  # that brought the link on
        self.waiting: int | None = None  # events of the outbox that are not acknowledged, to be told with the time
        self._answered = 0
        self._sent_to = 0  # by this outbox, ever
        self._sent_here = 0  # by this link
        self._turn = 0
        self._flights: deque[Flight] = deque()  # each message that is not answered
        self._refused_ahead: set[int] = set()
        self._waiting_since_s = now_s
        self._careful_to = 0  # one message at a time until this number is answered
        self._gap_before: int | None = None  # the gap that is being mended
        self._quiet_until_s = 0.0
        self._clock_until_s = 0.0  # events wait until then for the first exchange of clocks, so that already they are timed rightly
        self._clock_asked = False

    def hello(self) -> str:
        return hello(self._binding.source)

    # ---- what the server says ------------------------------------------------------------------------------------------------

    def receive(self, text: str | bytes, now_s: float) -> list[Happening]:
        """Raises Unintelligible for what breaks the contract; the connection should then be made anew."""
        message = read_message(text)
        return [] if message is None else self._receive(message, now_s)

    def _receive(self, message: FromServer, now_s: float) -> list[Happening]:
        match message:
            case Time(t):
                self._clock_asked = True
                return [Say(time_answer(t, self._now_us(), self.waiting))]
            case ClockTold():
                return [message]
            case Bye(code, retry):
                return [Leave(code, retry)]
            case Welcome():
                self._clock_until_s = now_s + self._bounds.clock_wait_s
                return self._welcomed(message)
            case Ack(seq, position):
                self._was_sent(seq)
                here = min(seq, self._sent_here)  # what was sent earlier and asked for again may have been refused
                self._answer(here, now_s)
                return [Ack(here, position)]
            case Refused(code="gap", expected=int(expected)):
                return self._gap(expected)
            case Refused(seq=None, code=code, detail=detail):
                return self._fault(code, detail)
            case Refused(seq=int(seq)):
                self._refused(seq, now_s)
                return [message]
            case _:
                raise Unintelligible(f"{message} makes no sense")

    def _welcomed(self, welcome: Welcome) -> list[Happening]:
        if self.phase is not Phase.GREETING:
            raise Unintelligible("welcomed twice")
        for what, theirs, ours in (("contest", welcome.contest, self._binding.contest), ("venue", welcome.venue, self._binding.venue)):
            if theirs not in (None, ours):
                return [Leave(f"the server speaks for {what} {theirs}, not {ours}", retry=False)]
        self.limits = welcome.limits
        return self._settle(welcome.after, welcome.epoch)

    def _settle(self, after: int, epoch: str | None) -> list[Happening]:
        self.phase = Phase.SETTLING
        self._turn += 1
        self._careful_to = max(self._careful_to, after)
        return [Settle(after, epoch, self._turn)]

    def begin(self, turn: int, answered_to: int, sent_to: int) -> None:
        """The outbox has settled: go on after `answered_to`. Ignored if the server has changed its mind since that turn."""
        if turn != self._turn:
            return
        assert self.phase is Phase.SETTLING, self.phase
        self.phase = Phase.LIVE
        self._answered, self._sent_to = answered_to, sent_to
        self.next_seq = answered_to + 1
        self._flights.clear()
        self._refused_ahead.clear()

    def _answer(self, seq: int, now_s: float) -> None:
        if seq <= self._answered:
            return
        self.answers += 1
        self._answered = seq
        while self._answered + 1 in self._refused_ahead:
            self._answered += 1
        self._refused_ahead = {ahead for ahead in self._refused_ahead if ahead > self._answered}
        while self._flights and self._flights[0].last <= self._answered:
            self._pace.carried(self._flights.popleft(), self._bounds, now_s)
        self.next_seq = max(self.next_seq, self._answered + 1)
        self._gap_before = None
        self._waiting_since_s = now_s
        self._pace.answered()

    def _refused(self, seq: int, now_s: float) -> None:
        self._was_sent(seq)
        if seq == self._answered + 1:
            self._answer(seq, now_s)
        elif seq > self._answered:
            self._refused_ahead.add(seq)

    def _was_sent(self, seq: int) -> None:
        if self.phase is Phase.GREETING or not 0 <= seq <= self._sent_to:
            raise Unintelligible(f"an answer to number {seq}, which was not sent (up to {self._sent_to} were)")

    def _gap(self, expected: int) -> list[Happening]:
        """Messages that were under way when the first one fell out are all refused with the same number: only the first counts."""
        if self.phase is Phase.GREETING or expected < 1:
            raise Unintelligible(f"a gap before {expected}")
        if self._gap_before == expected:
            return []
        self._gap_before = self._careful_to = expected
        return self._settle(expected - 1, None)

    def _fault(self, code: str, detail: str) -> list[Happening]:
        self._pace.faulted()
        if self.phase is Phase.LIVE:
            self.next_seq = self._gap_before = self._answered + 1
            self._careful_to = max(self._careful_to, self.next_seq)
            self._sent_here = self._answered  # what was in it was not asked for
            self._flights.clear()
        return [Fault(code, detail)]

    def broke(self, now_s: float) -> None:
        """The connection is over."""
        if self._flights:
            self._pace.lost(self._flights[0], self._bounds, now_s)

    def too_big(self) -> None:
        """Somebody on the way takes less than the server announced."""
        self._pace.faulted()

    # ---- what the venue says -------------------------------------------------------------------------------------------------

    def be_quiet_until(self, until_s: float) -> None:
        """Send nothing before; answers to the clock excepted."""
        self._quiet_until_s = until_s

    def room(self, now_s: float) -> Room | None:
        """None while nothing may be sent: not welcome yet, enough under way, or the rate is used up."""
        ahead_max = 1 if self._answered < self._careful_to else self._bounds.batches_in_flight_max
        if self.phase is not Phase.LIVE or now_s < self._silent_until_s() or len(self._flights) >= ahead_max:
            return None
        events_max = min(self.limits.batch, self._bounds.batch_events_max, self._pace.events_max, self._rate_left(now_s))
        wanted_bytes = self._pace.under_way_max - self._under_way
        bytes_max = min(self.limits.message_bytes, self._bounds.message_bytes_max) - ENVELOPE_BYTES
        return Room(events_max, bytes_max, wanted_bytes) if events_max > 0 and wanted_bytes > 0 else None

    @property
    def _under_way(self) -> int:
        """Bytes that were sent here and are not answered."""
        return sum(flight.bytes for flight in self._flights)

    def _silent_until_s(self) -> float:
        return self._quiet_until_s if self._clock_asked else max(self._quiet_until_s, self._clock_until_s)

    def _rate_left(self, now_s: float) -> int:
        return self.limits.rate_per_s - self._pace.spent_in(self._bounds.rate_window_s, now_s)

    def pack(self, events: Sequence[Outgoing], now_s: float) -> str | None:
        """One message for events that were taken while there was room; None if the link has moved on since."""
        if not events or self.phase is not Phase.LIVE or events[0].seq != self.next_seq:
            return None
        assert events[-1].seq - events[0].seq + 1 == len(events), f"not contiguous: {[event.seq for event in events]}"
        if not self._flights:
            self._waiting_since_s = now_s
        self._pace.spent.append((now_s, len(events)))
        self.next_seq = events[-1].seq + 1
        size = sum(len(event.wire) for event in events)
        self._flights.append(Flight(events[-1].seq, now_s, size, self._under_way + size))
        self._sent_here = max(self._sent_here, events[-1].seq)
        self._sent_to = max(self._sent_to, events[-1].seq)
        return events_message([event.wire for event in events])

    def overdue_s(self) -> float | None:
        """The moment from which the server has been owing a welcome or an answer for too long."""
        if self.phase is Phase.GREETING:
            return self._waiting_since_s + self._bounds.welcome_wait_s
        return self._waiting_since_s + self._bounds.answer_wait_s if self._flights else None

    def wake_s(self, now_s: float) -> float | None:
        """The moment at which `room` or what is overdue may change by time alone."""
        overdue_s = self.overdue_s()
        moments = [] if overdue_s is None else [overdue_s]
        if now_s < self._silent_until_s():
            moments.append(self._silent_until_s())
        if self._rate_left(now_s) <= 0:
            moments.append(self._pace.spent[0][0] + self._bounds.rate_window_s)
        return min(moments, default=None)
