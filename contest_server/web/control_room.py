"""The control room at a glance: clock, venues, freeze and reveal, publication, who is there. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from weakref import WeakKeyDictionary

import msgspec
from fastapi import APIRouter, Depends, Request

from contest_server.core.adjusting import adjustments_of
from contest_server.core.audience import frozen_notice
from contest_server.core.contest import Contest
from contest_server.core.corrections import publications
from contest_server.core.facts import ContestId, Entry, SourceId, VenueId
from contest_server.core.finalising import Reason, reasons_against_finalising
from contest_server.core.saying import Said
from contest_server.core.starting import clock_state, reasons_against_starting
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.live.queues import ReviewQueue
from contest_server.live.shared_work import SharedWork
from contest_server.web.callers import Caller, Person, author_of, role_of
from contest_server.web.conversions import adjustment_document
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.patience import STILL_ASKING, WAITS_S
from contest_server.web.reasons import reasons_document
from contest_server.web.reveal import reveal_document
from contest_server.web.rights import caller_of, needs
from contest_server.web.roll import Devices, venue_of
from contest_server.web.upgrades import otherwise

router = APIRouter(prefix="/api/contests/{contest}", tags=["control"])

HouseNeeded = Annotated[House, Depends(house_of)]

HERE_LASTS_US = 20_000_000
"""Who has asked within this time is in the control room."""
SAID_AGAIN_US = 5_000_000


class Here(msgspec.Struct, frozen=True):
    """Somebody who has the control room open."""

    role: str
    at_us: int


@router.get("/control-room", dependencies=[needs("overview.read")])
async def control_room(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Everything that the control room's page shows besides the screens."""
    desk = await house.desks.desk(ContestId(contest))
    now = desk.contest
    if now.definition is None:
        raise ApiError(404, "no_definition", Said("contest {contest!r} has no definition yet; adopt one", contest=contest))
    here = await _present(house, ContestId(contest), caller_of(request), house.now_us())
    devices = await house.roll.devices(ContestId(contest))
    publication = await publication_of(now, desk.queue, house.now_us)
    now_us = house.now_us()
    return {
        "now": text_of_us(now_us),
        "position": now.position,
        "clock": _clock(now, now_us),
        "frozen": frozen_notice(now),
        "reveal": reveal_document(now),
        "final": now.final,
        "start": _start(now, devices),
        "venues": _venues(now, devices),
        "publication": publication,
        "adjustments": [{"number": each.number, "rule": each.rule, **adjustment_document(each)} for each in adjustments_of(now)],
        "judged_otherwise": otherwise(desk),
        "online": {"control_room": here, **_online(house, desk, now_us)},
    }


def start_reasons(contest: Contest, devices: Devices) -> list[dict[str, Any]]:
    """Why the clock should not be started yet with these devices connected, as JSON."""
    definition = contest.definition
    if definition is None:
        return []
    venues = [VenueId(each.id) for each in definition.venues]
    found = reasons_against_starting(venues, devices.linked.values(), definition.clock)
    return [{"code": each.code, "venue": each.venue, "source": each.source, "offset_us": each.offset_us} for each in found]


def _clock(contest: Contest, now_us: int) -> dict[str, Any]:
    clock = contest.clock
    return {
        "phase": clock.phase(now_us),
        "started": None if clock.start_us is None else text_of_us(clock.start_us),
        "by_hand": clock.started_by_hand,
        "elapsed_ms": clock.elapsed_ms(now_us),
        "duration_ms": clock.duration_ms,
        "extended_ms": clock.extended_ms,
        "pauses": len(clock.pauses),
    }


def _start(contest: Contest, devices: Devices) -> dict[str, Any]:
    assert contest.definition is not None
    policy = contest.definition.clock
    return {"max_offset_ms": policy.max_offset_ms, "corrects": policy.correct, "against": start_reasons(contest, devices)}


def _venues(contest: Contest, devices: Devices) -> list[dict[str, Any]]:
    """Every venue with its devices, those that are not connected too."""
    assert contest.definition is not None
    last, sources = last_entries(contest), devices.sources(contest)
    return [
        {
            "id": venue.id,
            "name": None if venue.name is None else {"zh": venue.name.zh, "en": venue.name.en},
            "colour": venue.colour,
            "devices": [_device(contest, each, devices, last.get(each)) for each in sources if venue_of(each) == venue.id],
        }
        for venue in contest.definition.venues
    ]


def _device(contest: Contest, source: SourceId, devices: Devices, last: Entry | None) -> dict[str, Any]:
    assert contest.definition is not None
    state, linked = contest.sources.get(source), devices.linked.get(source)
    return {
        "source": source,
        "connected": linked is not None,
        "clock": None if linked is None else clock_state(linked, contest.definition.clock),
        "offset_us": None if linked is None else linked.offset_us,
        "error_us": None if linked is None else linked.error_us,
        "unsynced": devices.unsynced(contest, source),
        "events": 0 if state is None else state.last_seq,
        "refused": 0 if state is None else len(state.refused),
        "last": None if last is None else text_of_us(last.received_us),
    }


LOOKED_BACK_MAX = 5_000


def last_entries(contest: Contest) -> dict[SourceId, Entry]:
    """The last event of each device, as far as it is among the last LOOKED_BACK_MAX events."""
    found: dict[SourceId, Entry] = {}
    for entry in contest.last_events(LOOKED_BACK_MAX):
        source: SourceId = entry.fact.source  # type: ignore[union-attr]  # of events and refusals alone
        found.setdefault(source, entry)
        if len(found) == len(contest.sources):
            break
    return found


@dataclass(frozen=True, slots=True)
class _Gate:
    """Whether there is a published result, and what stood against a final one at `at_us`."""

    at_us: int
    published: dict[str, Any] | None
    against: Sequence[Reason]


GATE_EVERY_US = 10_000_000
"""To reckon what stands against a final result looks at everything: at most once in this time (µs), however many look."""
GATE_LASTS_US = 60_000_000
"""What is older (µs), as nobody looked for so long, is told to nobody."""
_gates: WeakKeyDictionary[Contest, _Gate] = WeakKeyDictionary()
_reckoning = SharedWork[Contest, _Gate]()


async def publication_of(contest: Contest, queue: ReviewQueue, now_us: Callable[[], int]) -> dict[str, Any]:
    """Whether there is a published result, and what stands against a final one, as JSON. Reckoned beside those who ask: an answer that
    waits is old when it comes.
    """
    gate = _gates.get(contest)
    age_us = GATE_LASTS_US if gate is None else now_us() - gate.at_us
    if age_us >= GATE_EVERY_US:
        reckoning = _reckoning.begin(contest, partial(_reckon, contest, queue, now_us))
        if gate is None or age_us >= GATE_LASTS_US:
            await asyncio.wait([reckoning], timeout=WAITS_S)
            gate = reckoning.result() if reckoning.done() else _unknown(contest, now_us())
    assert gate is not None
    return {"published": gate.published, "against": reasons_document(gate.against[:20]), "reasons": len(gate.against)}


def _unknown(contest: Contest, at_us: int) -> _Gate:
    """Before all judges were asked, as after a start: nobody knows what stands against a final result, and that does."""
    return _Gate(at_us, _published(contest), [Reason("still_asking", STILL_ASKING)])


def _published(contest: Contest) -> dict[str, Any] | None:
    boards = publications(contest)
    return {"position": boards[-1].position, "at": text_of_us(boards[-1].act.at_us)} if boards else None


async def _reckon(contest: Contest, queue: ReviewQueue, now_us: Callable[[], int]) -> _Gate:
    if not contest.final:
        await queue.fresh()  # made once for all who look, in short turns
    at_us, published = now_us(), _published(contest)
    against = [] if contest.final else reasons_against_finalising(contest, at_us, queue.asked)
    found = _gates[contest] = _Gate(at_us, published, against)
    return found


async def _present(house: House, contest: ContestId, caller: Caller, now_us: int) -> list[dict[str, str]]:
    """Everybody who has the control room open, on any server; and that this one has, said again now and then."""
    who, role = author_of(caller)[:200], role_of(caller) or ""
    notes = await house.stores.notes.all(contest, "control", now_us)
    here = {name: msgspec.json.decode(document, type=Here) for name, document in notes.items()}
    if who not in here or now_us - here[who].at_us >= SAID_AGAIN_US:
        here[who] = Here(role, now_us)
        document = msgspec.json.encode(here[who]).decode()
        await house.stores.notes.put(contest, "control", who, document, now_us + HERE_LASTS_US, now_us)
    return [{"who": name, "role": each.role} for name, each in sorted(here.items())]


def _online(house: House, desk: Desk, now_us: int) -> dict[str, Any]:
    """Officials whose pages are open, and how many displays follow the board."""
    contest = desk.contest
    behind = house.onlookers.behind(contest.id, desk.board, now_us)
    looking = {official: "/".join(filter(None, at)) for official, at in desk.queue.leases.now(now_us).items()}
    people = {each.id: each.role for each in house.revocations.watched() if isinstance(each, Person) and each.contest == contest.id}
    officials = [{"id": each, "role": role, "looking": looking.get(each)} for each, role in sorted(people.items())]
    return {"officials": officials, "displays": behind.displays, "stale": behind.stale}
