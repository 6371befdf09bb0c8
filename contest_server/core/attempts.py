"""Attempts out of events. The order is the events' own (time, then source and number), never the order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from contest_server.core.clock import ContestTime, corrected_us
from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import AttemptId, Entry, Event, Outcome
from contest_server.core.judging import Attempt, Violation

DECISIVE = ("clear", "attempt")
OUTCOMES = ("accepted", "rejected", "free", "pending")

_event: Callable[[Entry], Event] = attrgetter("fact")
"""What these entries hold: nothing but events is filed on a sheet."""
_by_source = attrgetter("fact.source", "fact.seq")
Moment = tuple[int, str, int]
"""When something was decided: the (corrected) time in µs, then source and number. Contest time may stand still; this never does."""


def _by_moment(decided: tuple[Moment, Attempt]) -> tuple[Moment, AttemptId]:
    """Attempts that nobody decided may all begin with the same event, which belongs to no attempt: of those the name decides."""
    moment, attempt = decided
    return moment, attempt.id


def in_own_order(entries: Sequence[Entry], policy: ClockPolicy) -> list[tuple[int, Entry]]:
    """Events with their (corrected) time in µs, in a total order that does not depend on arrival.

    Within a source the numbers decide: an event is never earlier than the one before it. Across sources time decides, then the name.
    """
    if (told := _told_in_order(entries, policy)) is not None:
        return told
    timed: list[tuple[int, str, int, Entry]] = []
    latest: dict[str, int] = {}
    for entry in sorted(entries, key=_by_source):
        event = _event(entry)
        at_us = corrected_us(event, policy)
        at_us = latest[event.source] = max(at_us, latest.get(event.source, at_us))
        timed.append((at_us, event.source, event.seq, entry))
    timed.sort(key=lambda item: item[:3])
    return [(at_us, entry) for at_us, _, _, entry in timed]


def _told_in_order(entries: Sequence[Entry], policy: ClockPolicy) -> list[tuple[int, Entry]] | None:
    """The same where one source told all, and each after the other, which needs no sorting; else None."""
    first = _event(entries[0]) if entries else None
    source, seq, latest_us = (first.source, first.seq, corrected_us(first, policy)) if first else ("", 0, 0)
    told = []
    for entry in entries:
        event = _event(entry)
        if event.source != source or event.seq < seq:
            return None
        seq, latest_us = event.seq, max(latest_us, corrected_us(event, policy))
        told.append((latest_us, entry))
    return told


def attempts_of(entries: Sequence[Entry], clock: ContestTime, policy: ClockPolicy) -> list[Attempt]:
    """All attempts of one contestant at one stage, in the order in which they were decided. Evidence of no attempt belongs to all."""
    if len(entries) == 1:
        only = _event(entries[0])
        if only.attempt is not None and only.kind != "note":
            return [_told_at_once(only, entries[0].received_us, clock, policy)]
    return [attempt for _, attempt in sorted(_each_attempt(entries, clock, policy), key=_by_moment)]


def decided_us(entries: Sequence[Entry], clock: ContestTime, policy: ClockPolicy) -> dict[AttemptId, int]:
    """When each of these attempts was decided, in µs."""
    return {attempt.id: at_us for (at_us, _, _), attempt in _each_attempt(entries, clock, policy)}


def _each_attempt(entries: Sequence[Entry], clock: ContestTime, policy: ClockPolicy) -> list[tuple[Moment, Attempt]]:
    by_attempt: dict[AttemptId, list[Entry]] = {}
    loose: list[Entry] = []
    for entry in entries:
        event = _event(entry)
        if event.attempt is None:
            if event.kind in ("start", "evidence"):
                loose.append(entry)
        elif event.kind == "note":
            continue
        elif (own := by_attempt.get(event.attempt)) is not None:
            own.append(entry)
        else:
            by_attempt[event.attempt] = [entry]
    return [_attempt(name, [*loose, *own] if loose else own, clock, policy) for name, own in by_attempt.items()]


def violations_of(entries: Iterable[Entry], clock: ContestTime, policy: ClockPolicy) -> list[Violation]:
    """The violations among these events, in order of time."""
    found = []
    for entry in entries:
        event = _event(entry)
        if event.kind == "violation":
            code = str(event.data.get("code", "violation"))
            at_ms = clock.contest_ms(corrected_us(event, policy))
            found.append(Violation(code, at_ms, event.stage, event.data, event.source, event.seq))
    return sorted(found, key=lambda violation: (violation.time_ms, violation.source, violation.seq))


def outcome_of(event: Event) -> Outcome | None:
    """What a deciding event says: a clear is accepted, an attempt says so itself; any other event says nothing."""
    if event.kind == "clear":
        return "accepted"
    if event.kind == "attempt":
        outcome: Outcome = event.data.get("outcome", "pending")
        return outcome
    return None


def _attempt(name: AttemptId, entries: Sequence[Entry], clock: ContestTime, policy: ClockPolicy) -> tuple[Moment, Attempt]:
    """An attempt, and when it was decided."""
    if len(entries) == 1:
        only = _event(entries[0])
        return (corrected_us(only, policy), only.source, only.seq), _told_at_once(only, entries[0].received_us, clock, policy)
    ordered = [entry for _, entry in in_own_order(entries, policy)]
    events = [_event(entry) for entry in ordered]
    names = [name_of(event) for event in events]
    decisive = [entry for entry, told in zip(ordered, events, strict=True) if told.kind in DECISIVE]
    started = next((told for told in events if told.kind == "start"), None)
    deciding = _deciding(decisive) or ordered[0]
    data, provenance, replaced = _evidence(events, names)
    first, event = events[0], _event(deciding)
    at_us = corrected_us(event, policy)
    attempt = Attempt(
        name,
        first.contestant,  # type: ignore[arg-type]
        first.stage,  # type: ignore[arg-type]
        _outcome([_event(entry) for entry in decisive]),
        max(0, clock.contest_ms(at_us)),
        None if started is None else max(0, clock.contest_ms(corrected_us(started, policy))),
        None if event.error_us is None else -(-event.error_us // 1000),
        None if event.offset_us is None else event.offset_us // 1000,
        max(0, (deciding.received_us - at_us) // 1000),
        at_us != event.at_us,
        _in_order(entries),
        data,
        provenance,
        replaced,
        tuple(names),
    )
    return (at_us, event.source, event.seq), attempt


def _told_at_once(event: Event, received_us: int, clock: ContestTime, policy: ClockPolicy) -> Attempt:
    """An attempt of a single event, which decides for itself: most are."""
    kind, at_us, error_us, offset_us = event.kind, event.at_us, event.error_us, event.offset_us
    if offset_us is not None:
        at_us = corrected_us(event, policy)
    time_ms, late_us, told = clock.contest_ms(at_us), received_us - at_us, f"{event.source}#{event.seq}"
    data: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    if event.data and kind != "violation":
        data, provenance = event.data.copy(), dict.fromkeys(event.data, told)
    if time_ms < 0:
        time_ms = 0
    return Attempt(
        event.attempt,  # type: ignore[arg-type]
        event.contestant,  # type: ignore[arg-type]
        event.stage,  # type: ignore[arg-type]
        "accepted" if kind == "clear" else outcome_of(event),
        time_ms,
        time_ms if kind == "start" else None,
        None if error_us is None else -(-error_us // 1000),
        None if offset_us is None else offset_us // 1000,
        late_us // 1000 if late_us > 0 else 0,
        at_us != event.at_us,
        True,
        data,
        provenance,
        (),
        (told,),
    )


def name_of(event: Event) -> str:
    """How an event is told apart from all others: its source and number."""
    return f"{event.source}#{event.seq}"


def _outcome(decisive: Sequence[Event]) -> Outcome | None:
    """The last verdict. It is open again only where the same source says so after it: a jury's clock may be behind a venue's."""
    if len(decisive) == 1:
        return outcome_of(decisive[0])
    verdicts = [event for event in decisive if outcome_of(event) != "pending"]
    if not verdicts:
        return "pending" if decisive else None
    last = verdicts[-1]
    reopened = any(event.source == last.source and event.seq > last.seq and outcome_of(event) == "pending" for event in decisive)
    return "pending" if reopened else outcome_of(last)


def _deciding(decisive: Sequence[Entry]) -> Entry | None:
    """The event whose time counts: the pending `attempt` with which it was handed in, else the first that says anything.

    A source that begins with a pending attempt is where it was handed in; others only judge it.
    """
    if len(decisive) == 1:
        return decisive[0]
    first: dict[str, Entry] = {}
    for entry in decisive:
        if _event(entry).kind == "attempt":
            first.setdefault(_event(entry).source, entry)
    handed_in = [entry for entry in first.values() if outcome_of(_event(entry)) == "pending"]
    return next(iter([*handed_in, *decisive]), None)


def _in_order(entries: Iterable[Entry]) -> bool:
    """Whether each source's own times run forward, and nothing of the attempt is earlier than its start."""
    latest: dict[str, int] = {}
    for entry in sorted(entries, key=_by_source):
        event = _event(entry)
        if event.at_us < latest.get(event.source, event.at_us):
            return False
        latest[event.source] = event.at_us
    return True


def _evidence(events: Iterable[Event], names: Iterable[str]) -> tuple[dict[str, Any], dict[str, str], tuple[tuple[str, Any, str], ...]]:
    data: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    replaced: list[tuple[str, Any, str]] = []
    for event, name in zip(events, names, strict=True):
        if event.kind == "violation":
            continue
        for key, value in event.data.items():
            if key in data and data[key] != value and key != "outcome":
                replaced.append((key, data[key], provenance[key]))
            data[key] = value
            provenance[key] = name
    return data, provenance, tuple(replaced)
