"""Rejudgings that are being looked at, on whichever server somebody asks: each judges for itself what another one began.

A server tells the others the new definition and the digests that it showed. Judging is pure, so all of them show the same.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from fastapi import BackgroundTasks

from contest_server.core.facts import Adopted, ContestId
from contest_server.core.saying import Said
from contest_server.ledger.limits import NAME_MAX_CHARS
from contest_server.live.desk import Desk
from contest_server.live.rehearsals import Rehearsal, TooManyRehearsals
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House

KEPT_US = 6 * 3_600_000_000
SHOWN_KEPT_US = 600_000_000
READY_WITHIN_S = 20.0
"""Who applies on a server that has not judged it yet waits so long."""

read_adopted = msgspec.json.Decoder(Adopted).decode
_running: set[asyncio.Task[None]] = set()


async def begun(house: House, desk: Desk, name: str, adopted: Adopted, later: BackgroundTasks | None) -> Rehearsal:
    """A rehearsal that judges in the background. Raises ApiError."""
    await _drop_dropped(house, desk)
    try:
        rehearsal = desk.rehearsals.begin(name, desk.contest, adopted)
    except TooManyRehearsals as error:
        raise ApiError(409, "too_many_rejudgings", sentence_of(error)) from None
    if later is not None:
        later.add_task(rehearsal.run)
    else:
        task = asyncio.create_task(rehearsal.run())
        _running.add(task)
        task.add_done_callback(_running.discard)
    return rehearsal


async def tell(house: House, contest: ContestId, rehearsal: Rehearsal) -> None:
    """Let the other servers know it."""
    now_us = house.now_us()
    document = msgspec.json.encode(rehearsal.adopted).decode()
    await house.stores.notes.put(contest, "rejudging", rehearsal.id, document, now_us + KEPT_US, now_us)


async def tell_shown(house: House, contest: ContestId, rehearsal: Rehearsal, digest: str) -> None:
    """Let the other servers know what somebody may agree to by this digest."""
    now_us = house.now_us()
    await house.stores.notes.put(contest, "shown", _key(rehearsal, digest), rehearsal.shown[digest], now_us + SHOWN_KEPT_US, now_us)


async def hear_shown(house: House, contest: ContestId, rehearsal: Rehearsal, digest: str) -> None:
    """Learn what another server showed with this digest, and be ready to compare it."""
    if digest not in rehearsal.shown:
        same = await house.stores.notes.get(contest, "shown", _key(rehearsal, digest), house.now_us())
        if same is not None:
            rehearsal.was_shown(digest, same)
    with suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN_S):
            await rehearsal.over.wait()


async def drop(house: House, desk: Desk, rehearsal: Rehearsal) -> None:
    """Cancel it here and, by and by, on the other servers."""
    desk.rehearsals.cancel(rehearsal)
    await house.stores.notes.drop(desk.contest.id, "rejudging", rehearsal.id)


async def found_in(house: House, desk: Desk, name: str, later: BackgroundTasks | None) -> Rehearsal:
    """The rehearsal of this name, begun here now if another server knows it. Raises ApiError."""
    contest = desk.contest.id
    document = await house.stores.notes.get(contest, "rejudging", name, house.now_us()) if len(name) <= NAME_MAX_CHARS else None
    found = desk.rehearsals.get(name)
    if found is None and document is None:
        raise ApiError(404, "unknown_rejudging", Said("there is no rejudging {name!r} any more: begin again", name=name[:80]))
    if found is None and document is not None:
        found = await begun(house, desk, name, read_adopted(document), later)
    assert found is not None
    is_outdated = found.adopted.version != desk.contest.version + 1
    if found.state in ("running", "ready") and (document is None or is_outdated):
        desk.rehearsals.cancel(found)
    return found


async def all_of(house: House, desk: Desk, later: BackgroundTasks) -> list[Rehearsal]:
    """Every rehearsal that some server knows, in the order in which this one came to know them."""
    await _drop_dropped(house, desk)
    for name, document in (await house.stores.notes.all(desk.contest.id, "rejudging", house.now_us())).items():
        adopted = read_adopted(document)
        if desk.rehearsals.get(name) is None and adopted.version == desk.contest.version + 1:
            with suppress(ApiError):
                await begun(house, desk, name, adopted, later)
    return desk.rehearsals.all()


async def _drop_dropped(house: House, desk: Desk) -> None:
    """What another server dropped is dropped here."""
    known = await house.stores.notes.all(desk.contest.id, "rejudging", house.now_us())
    for each in desk.rehearsals.all():
        if each.state in ("running", "ready") and each.id not in known:
            desk.rehearsals.cancel(each)


def _key(rehearsal: Rehearsal, digest: str) -> str:
    return f"{rehearsal.id}/{digest}"
