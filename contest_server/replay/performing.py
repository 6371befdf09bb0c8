"""Stream a recording to a server through one real venue socket a device, then fetch the board it led to."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import httpx

from contest_server.core.facts import VenueId
from contest_server.replay.own_server import Place
from contest_server.replay.progress import show
from contest_server.replay.recording import Recording
from contest_server.replay.sending import Mischief, Refused, Sender, ServerFault
from contest_server.replay.streams import Stream, shuffled, streams_of
from contest_server.replay.tape import Pause, Tape, play, play_at_once
from contest_server.replay.times import instant_us

HTTP_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How to play. `speed` None: as fast as it is acknowledged. `shuffle`: the seed of a rehearsal in disorder."""

    speed: float | None = None
    shuffle: int | None = None
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Performance:
    """What came of it. `board` is the whole frame with ranks. `known` events of all were on the server before."""

    board: Mapping[str, Any]
    events: int
    known: int
    elapsed_s: float
    refusals: int
    refused: Sequence[Refused]


def starts_us(recording: Recording) -> int:
    return instant_us(recording.definition["contest"]["starts"])


def tape_of(recording: Recording) -> Tape:
    """At the start of the contest, or at the first event before it."""
    first = min((event.at_us for told in recording.events.values() for event in told), default=starts_us(recording))
    return Tape(min(first - 1, starts_us(recording)))


async def perform(recording: Recording, place: Place, tape: Tape, manner: Manner, out: TextIO) -> Performance:
    """Raises ServerFault."""
    senders = [_sender(stream, place, tape, manner, number) for number, stream in enumerate(_streams(recording, manner))]
    begun_s = time.monotonic()
    fault: ServerFault | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            showing = tasks.create_task(show(senders, out))
            for sender in senders:
                tasks.create_task(sender.run())
            if manner.shuffle is not None:
                await play_at_once(tape, senders)
            else:
                await play(tape, senders, manner.speed, _pauses(recording, place, manner))
            showing.cancel()
    except* ServerFault as group:
        fault = _first(group)
    if fault is not None:
        raise fault
    elapsed_s = time.monotonic() - begun_s
    refused = [each for sender in senders for each in sender.refused]
    board = await fetch_board(place, "public" if recording.frozen or not manner.freeze else "staff")
    known, events = sum(sender.known or 0 for sender in senders), sum(len(sender.stream.events) for sender in senders)
    return Performance(board, events, known, elapsed_s, sum(sender.refusals for sender in senders), refused)


def _streams(recording: Recording, manner: Manner) -> list[Stream]:
    return streams_of(recording.events) if manner.shuffle is None else shuffled(recording.events, manner.shuffle)


def _sender(stream: Stream, place: Place, tape: Tape, manner: Manner, number: int) -> Sender:
    mischief = None if manner.shuffle is None else Mischief(random.Random(f"{manner.shuffle}/{number}"))  # noqa: S311 - repeatable, no secret
    return Sender(stream, place.venue_url(stream.venue), place.venues[VenueId(stream.venue)], tape, mischief)


def _pauses(recording: Recording, place: Place, manner: Manner) -> list[Pause]:
    """The freeze, where one is wanted: between what the venues sent before it and what they sent after."""
    minutes, length = recording.freeze_minutes, recording.definition["contest"].get("minutes")
    if not manner.freeze or minutes is None or length is None:
        return []

    async def freeze() -> None:
        await _post(place, "freeze", {"minutes": minutes})

    return [(starts_us(recording) + (int(length) - minutes) * 60_000_000, freeze)]


async def fetch_board(place: Place, audience: str) -> Mapping[str, Any]:
    """The whole board, each row with its rank. Raises ServerFault."""
    answer = await _ask(place, "GET", f"board?audience={audience}", None)
    board: Mapping[str, Any] = answer.json()
    return board


async def _post(place: Place, path: str, body: Mapping[str, Any]) -> None:
    await _ask(place, "POST", path, body)


async def _ask(place: Place, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {place.staff}"} if place.staff else {}
    url = f"{place.url}/api/contests/{place.contest}/{path}"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=HTTP_WAIT_S) as client:
            answer = await client.request(method, url, json=body, headers=headers)
    except httpx.HTTPError as error:
        raise ServerFault(f"{url}: {str(error) or type(error).__name__}") from None
    if answer.status_code >= 400:
        raise ServerFault(f"{url}: answered {answer.status_code}: {answer.text[:300]}")
    return answer


def _first(group: BaseExceptionGroup[ServerFault]) -> ServerFault:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
