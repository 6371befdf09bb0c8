"""The ledger held against the plan: every event exactly once and as it was told, and the board that a fold of the plan gives here.

Only two things are taken from the server: what it measured (when something arrived, how far off a clock was, which is held against how far
it was put wrong) and what officials entered. Everything else is the plan's.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId, Draft, Entry, Event, Fact, Refused, SourceId, VenueId
from contest_server.core.rulebook import Judges
from contest_server.demo.telling import Device
from contest_server.ledger.codec import Body
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable
from contest_server.rehearsal.office import Office, Unanswered
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.setup import here
from contest_server.wire.clock import Offset
from contest_server.wire.limits import Limits
from contest_server.wire.venue import Batch, VenueSession

EXPORT_WITHIN_S = 120.0
EXAMPLES_MAX = 8
ROUNDING_US = 2_000
"""Between the moment that a device reads its clock and the moment that it is asked for."""

Number = tuple[str, int]


# ---- the ledger ------------------------------------------------------------------------------------------------------------------


class _Line(Struct, frozen=True):
    position: int
    body: Body


async def read_ledger(office: Office, contest: str) -> tuple[list[Entry], str]:
    """All entries, from the export that anybody could verify, and why it cannot be verified; empty, if it can. Raises Unanswered."""
    answer = await office.ask("GET", f"{here(contest)}/export", patience_s=EXPORT_WITHIN_S)
    if answer.is_error:
        raise Unanswered(f"export: {answer.status_code} {answer.text[:200]}")
    return await asyncio.to_thread(entries_of, answer.content)


def entries_of(exported: bytes) -> tuple[list[Entry], str]:
    """What can be read of an export, and what is wrong with it. Raises Unanswered where a line is no entry."""
    wrong = ""
    try:
        verify_export(io.BytesIO(exported))
    except (Contradiction, Unreadable) as fault:
        wrong = str(fault)
    try:
        lines = [msgspec.json.decode(line, type=_Line) for line in exported.splitlines()[1:] if line.startswith(b'{"position"')]
    except (msgspec.MsgspecError, UnicodeError) as fault:
        raise Unanswered(f"the export cannot be read: {fault}") from fault
    return [Entry(line.position, line.body.received_us, line.body.author, line.body.fact) for line in lines], wrong


# ---- what was planned ------------------------------------------------------------------------------------------------------------


def planned(plan: Plan, device: Device, start_us: int, measured: Mapping[Number, Event]) -> Iterator[Draft]:
    """What each event of this device has to be in the ledger. `measured` is what the server noted of its clock, by number."""
    offset: Offset | None = None
    session = VenueSession(VenueId(device.venue), SourceId(device.source), {}, Limits(), lambda: offset)
    for seq, told in enumerate(plan.events_of(device), start=1):
        noted = measured.get((device.source, seq))
        offset = None if noted is None or noted.offset_us is None else Offset(noted.offset_us, noted.error_us or 0)
        text = msgspec.json.encode({"type": "events", "events": [{"seq": seq, **plan.wire(device, told, start_us)}]})
        batch = session.receive(text, start_us + told.said_ms * 1_000)
        assert isinstance(batch, Batch), "events make a batch"
        yield from batch.drafts


@dataclass(slots=True)
class Proof:
    """What became of the planned events, by device; numbers in `examples`. `board` is the digest of the plan's own fold."""

    planned: dict[str, int] = field(default_factory=dict)
    once: dict[str, int] = field(default_factory=dict)
    missing: list[Number] = field(default_factory=list)
    lost: list[Number] = field(default_factory=list)
    """Missing, although they were acknowledged: the one thing that must never be."""
    twice: list[Number] = field(default_factory=list)
    altered: list[Number] = field(default_factory=list)
    strange: list[Number] = field(default_factory=list)
    """In the ledger under the name of a source, but never told."""
    misread: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Clocks measured further off than their own error allows: source, number, found (µs), injected (µs)."""
    untimed: int = 0
    """Events of a wrong clock that were taken before it was known."""
    refused: dict[str, int] = field(default_factory=dict)
    clock_found_us: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By device, the last offset and error that stand in its events."""
    entries: int = 0
    unverified: str = ""
    """Why the export of the ledger cannot be verified."""
    board: str = ""
    ledger_board: str = ""
    """The digest of a fold of the server's own ledger: tells a wrong ledger from a wrong fold."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a proof is about. `acknowledged` is the highest number that each source heard of as durable; `own_offset_us` is how far this
    computer's clock is ahead of the servers'.
    """

    plan: Plan
    definition: Definition
    start_us: int
    acknowledged: Mapping[str, int]
    own_offset_us: int = 0


def prove(question: Question, ledger: Sequence[Entry], judges: Judges, unverified: str = "") -> Proof:
    """Hold the ledger against the plan."""
    by_number: dict[Number, list[Entry]] = {}
    for entry in ledger:
        if isinstance(entry.fact, (Event, Refused)):
            by_number.setdefault((entry.fact.source, entry.fact.seq), []).append(entry)
    measured = {number: each[0].fact for number, each in by_number.items() if isinstance(each[0].fact, Event)}
    proof = Proof(entries=len(ledger), unverified=unverified)
    drafts: dict[Number, Draft] = {}
    for device in question.plan.tale.events:
        own = {(device.source, seq): draft for seq, draft in enumerate(planned(question.plan, device, question.start_us, measured), 1)}
        drafts |= own
        _compare(proof, question, device, own, by_number)
    proof.strange = sorted(number for number in by_number if number not in drafts)
    contest = ContestId(question.definition.contest.id)
    proof.board = _board(contest, judges, list(_as_planned(ledger, drafts, by_number)))
    proof.ledger_board = _board(contest, judges, ledger)
    return proof


def _compare(
    proof: Proof, question: Question, device: Device, own: Mapping[Number, Draft], by_number: Mapping[Number, Sequence[Entry]]
) -> None:
    source = device.source
    proof.planned[source] = len(own)
    proof.once[source] = proof.refused[source] = 0
    for number, draft in own.items():
        found = by_number.get(number, ())
        if not found:
            proof.missing.append(number)
            if number[1] <= question.acknowledged.get(source, 0):
                proof.lost.append(number)
            continue
        proof.once[source] += len(found) == 1
        proof.refused[source] += isinstance(found[0].fact, Refused)
        if len(found) > 1:
            proof.twice.append(number)
        if any(entry.fact != draft.fact for entry in found):
            proof.altered.append(number)
        _look_at_clock(proof, question, device, number, found[0].fact)


def _look_at_clock(proof: Proof, question: Question, device: Device, number: Number, fact: Fact) -> None:
    """What was measured lies within its own error of what was injected."""
    if not isinstance(fact, Event):
        return
    told = question.plan.events_of(device)[number[1] - 1]
    injected_us = question.plan.ahead_ms(device, told.said_ms) * 1_000 + question.own_offset_us
    if fact.offset_us is None:
        proof.untimed += bool(question.plan.ahead_ms(device, told.said_ms)) and device in question.plan.devices
        return
    proof.clock_found_us[device.source] = fact.offset_us, fact.error_us or 0
    if abs(fact.offset_us - injected_us) > (fact.error_us or 0) + ROUNDING_US:
        proof.misread.append((*number, fact.offset_us, injected_us))


def _as_planned(ledger: Sequence[Entry], drafts: Mapping[Number, Draft], by_number: Mapping[Number, Sequence[Entry]]) -> Iterator[Entry]:
    """The ledger as it should be: the plan's events where they arrived, what never arrived after the definition, and officials' acts."""
    missing = [Entry(0, draft.received_us, draft.author, draft.fact) for number, draft in drafts.items() if number not in by_number]
    seen: set[Number] = set()
    for index, entry in enumerate(ledger):
        if not isinstance(entry.fact, (Event, Refused)):
            yield entry
        else:
            number = (entry.fact.source, entry.fact.seq)
            if number in drafts and number not in seen:
                seen.add(number)
                yield replace(entry, fact=drafts[number].fact)
        if index == 0:
            yield from missing


def _board(contest: ContestId, judges: Judges, entries: Sequence[Entry]) -> str:
    """The digest of a fold of these entries, in this order."""
    folded = Contest(contest, judges)
    for position, entry in enumerate(entries, start=1):
        folded.advance(replace(entry, position=position))
    folded.settle()
    return folded.digest()
