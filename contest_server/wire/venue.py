"""A venue's session without its socket: text in, facts and replies out. What is known is acknowledged again, a gap is refused.

States: new → (hello) → open → closed. A session never decides what an event is worth; every event that can be read becomes a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

import msgspec

from contest_server.core.facts import Draft, Event, Refused, SourceId, VenueId
from contest_server.core.saying import Said
from contest_server.core.sources import SourceState
from contest_server.wire.clock import Offset
from contest_server.wire.limits import Limits
from contest_server.wire.messages import Ack, Refusal, ToDisplay, ToVenue, VenueEvent, VenueHello, VenueTime
from contest_server.wire.reading import BadEvent, BadMessage, event_time_us, read_message


@dataclass(frozen=True, slots=True)
class Batch:
    """What a message came to: facts to submit, and what to answer once they are durable."""

    drafts: Sequence[Draft] = ()
    refusals: Sequence[Refusal] = ()
    seq: int | None = None


def encode(message: ToVenue | ToDisplay) -> str:
    return msgspec.json.encode(message).decode()


Measured = tuple[int | None, int | None]
"""By how much a device's clock is ahead, and the error of that, both in µs; None where nobody knows."""


def _measured(offset: Offset | None) -> Measured:
    return (offset.offset_us, offset.error_us) if offset else (None, None)


def source_of(venue: str, name: str) -> SourceId:
    """Sources are told apart by venue, so that two venues may both have a "desk-1"."""
    return SourceId(f"{venue}/{name}")


@dataclass(slots=True)
class VenueSession:
    """One source of one venue, from its hello on."""

    venue: VenueId
    source: SourceId
    sources: Mapping[SourceId, SourceState]
    limits: Limits
    offset: Callable[[], Offset | None] = lambda: None
    last_seq: int = field(init=False)
    _refused: dict[int, Refusal] = field(default_factory=dict)
    """What was refused here, until the ledger is known to have it."""

    def __post_init__(self) -> None:
        self.last_seq = self._known_seq

    @property
    def _known_seq(self) -> int:
        """What the ledger has of this source, maybe by another socket or server."""
        known = self.sources.get(self.source)
        return known.last_seq if known else 0

    def receive(self, text: str | bytes, received_us: int) -> Batch | VenueTime:
        """What this message comes to.

        Raises:
            BadMessage: it cannot be read as a whole; nothing of it is taken, and no number is used up.
        """
        size_bytes = len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode(errors="surrogatepass"))
        if size_bytes > self.limits.message_bytes:
            most = self.limits.message_bytes
            raise BadMessage("too_large", Said("{size} bytes; at most {most} in one message", size=size_bytes, most=most))
        message = read_message(text)
        if isinstance(message, VenueHello):
            raise BadMessage("bad_message", Said("a hello is said once, when a socket begins"))
        if isinstance(message, list):
            return self.take(message, received_us)
        assert isinstance(message, VenueTime)
        return message

    def take(self, events: Sequence[VenueEvent | Refusal], received_us: int) -> Batch:
        """Facts for what is new, refusals for what cannot be taken, and the number that is acknowledged once all is durable."""
        if len(events) > self.limits.batch:
            most = self.limits.batch
            raise BadMessage("too_many_events", Said("{count} events; at most {most} in one message", count=len(events), most=most))
        drafts: list[Draft] = []
        refusals: list[Refusal] = []
        source, author, measured = self.source, str(self.venue), _measured(self.offset())
        known_seq = self._known_seq
        self.last_seq = max(self.last_seq, known_seq)
        if self._refused:
            self._refused = {seq: each for seq, each in self._refused.items() if seq > known_seq}
        highest = 0 if events else self.last_seq  # who sends an empty batch asks where it stands
        for event in events:
            seq = event.seq
            if seq == self.last_seq + 1:
                fact = self._fact(event, measured)
                if isinstance(fact, Refused):
                    refusal = self._refused[seq] = Refusal(seq, fact.code, fact.detail)
                    refusals.append(refusal)
                drafts.append(Draft(received_us, author, fact, source, seq))
                self.last_seq = highest = seq
            elif seq is None:
                refusals.append(self._out_of_line(event))
            elif seq <= self.last_seq:
                highest = max(highest, seq)
                refusals += self._refused_before(seq)
            else:
                refusals.append(self._out_of_line(event))
                break  # all that follows stands behind the gap; the venue sends from `expected` on
        return Batch(drafts, refusals, highest if highest or not events else None)

    def acknowledge(self, batch: Batch, position: int) -> list[str]:
        """The answers to a batch that is durable now."""
        replies = [encode(refusal) for refusal in batch.refusals]
        if batch.seq is not None:
            replies.append(encode(Ack(batch.seq, position)))
        return replies

    def _fact(self, event: VenueEvent | Refusal, measured: Measured) -> Event | Refused:
        assert event.seq is not None
        if isinstance(event, Refusal):
            return Refused(self.source, event.seq, event.code, event.detail)
        try:
            at_us = event_time_us(event)
        except BadEvent as error:
            return Refused(self.source, event.seq, "bad_event", str(error))
        contestant, stage = event.contestant, event.stage
        offset_us, error_us = measured
        return Event(
            self.source,
            event.seq,
            self.venue,
            event.kind,
            at_us,
            contestant and intern(contestant),  # type: ignore[arg-type]  # here texts become ids, held in common by all
            stage and intern(stage),  # type: ignore[arg-type]
            event.attempt,  # type: ignore[arg-type]
            event.data,
            offset_us,
            error_us,
        )

    def _refused_before(self, seq: int) -> list[Refusal]:
        known = self.sources.get(self.source)
        refused = known.refused.get(seq) if known else None
        fresh = self._refused.get(seq)
        return [Refusal(seq, *refused)] if refused else [fresh] if fresh else []

    def _out_of_line(self, event: VenueEvent | Refusal) -> Refusal:
        expected = self.last_seq + 1
        if event.seq is None:
            return Refusal(None, "bad_event", event.detail, expected)
        return Refusal(event.seq, "gap", str(Said("expected {seq}", seq=expected)), expected)
