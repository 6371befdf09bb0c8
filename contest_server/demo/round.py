"""One round of the demo, played against a running server: devices, cables, officials, and what is said meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from contest_server.agent.agent import Exit
from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.rulebook import Judges
from contest_server.core.ruling_forms import REASON_MAX_CHARS
from contest_server.demo.bundle import bundled, of_round
from contest_server.demo.cable import Cable
from contest_server.demo.clock import DemoClock
from contest_server.demo.desks import DemoDesk, Site
from contest_server.demo.folding import fold
from contest_server.demo.logins import Passwords, chief_of
from contest_server.demo.story import story_of
from contest_server.demo.telling import Act, Cut, Device, Story
from contest_server.demo.voice import Voice
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import adopt

HTTP_WAIT_S = 30.0
LOOK_EVERY_S = 0.1
STATUS_EVERY_S = 0.5
THAW_AFTER_MS, RULING_AFTER_MS, FINAL_AFTER_MS, NEXT_AFTER_MS = 20_000, 25_000, 30_000, 55_000
"""After the end of the contest: time to look at the frozen board, at the thawed one, for the chief referee, and until the next round."""


class RoundFailed(Exception):
    """The round did not go as it must. A fault of this program."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round before it begins: everything that will happen in it, and the board that it has to end in."""

    number: int
    definition: Definition
    story: Story
    start_us: int
    expected: str

    def at_us(self, contest_ms: int) -> int:
        return self.start_us + contest_ms * 1_000

    @property
    def contest(self) -> ContestId:
        return ContestId(self.definition.contest.id)


@dataclass(frozen=True, slots=True)
class Result:
    """What the server made of the round: its board as the public sees it in the end, and the questions for the referees by code."""

    board: Mapping[str, Any]
    flags: Counter[str]

    @property
    def digest(self) -> str:
        return str(self.board["digest"])


@dataclass(frozen=True, slots=True)
class Keys:
    """Tokens: one for each venue, one for the staff, and the session of the chief referee."""

    venues: Mapping[str, str]
    staff: str
    chief: str


def prepare(number: int, seed: int, start_us: int, judges: Judges) -> Round:
    """Each round has a seed of its own: the first one the given seed, the next one more."""
    definition = of_round(number, start_us)
    story = story_of(seed + number - 1, definition)
    return Round(number, definition, story, start_us, fold(story, definition, judges).digest())


async def let_in(stores: Stores, round_: Round, judges: Judges, passwords: Passwords, now_us: int) -> Keys:
    """Adopt the definition, issue the tokens, set the passwords, and log the chief referee in."""
    await adopt(stores, compile_rulebook(round_.definition, judges), "demo", now_us)
    venues = {}
    for venue in round_.definition.venues:
        issued = await stores.tokens.issue("venue", now_us, round_.contest, VenueId(venue.id), "demo")
        venues[venue.id] = issued.secret
    staff = await stores.tokens.issue("staff", now_us, round_.contest, None, "demo")
    return Keys(venues, staff.secret, await chief_of(stores, round_.definition, passwords, now_us))


class Play:
    """A round on its way. `run` once."""

    def __init__(self, round_: Round, server: str, keys: Keys, folder: Path, clock: DemoClock, speed: float, voice: Voice) -> None:
        self._round, self._server, self._keys, self._clock, self._speed, self._voice = round_, server, keys, clock, speed, voice
        self._cables = {venue.id: Cable() for venue in round_.definition.venues}
        self._desks = [self._desk(device, folder) for device in round_.story.devices]

    async def run(self) -> Result:
        """Returns when the result is final.

        Raises:
            RoundFailed: a device was turned away, an official's entry was refused, or the board is not the one that was reckoned.
        """
        story = self._round.story
        async with self._officials() as officials, asyncio.TaskGroup() as group:
            telling = [group.create_task(self._work(desk)) for desk in self._desks]
            beside = [
                group.create_task(self._narrate()),
                group.create_task(self._show_status()),
                *(group.create_task(self._cut(cut)) for cut in story.cuts),
                *(group.create_task(self._enter(officials, act)) for act in story.acts),
            ]
            await self._open()
            await asyncio.gather(*telling)
            result = await self._end(officials)
            for task in beside:
                task.cancel()
        return result

    def _desk(self, device: Device, folder: Path) -> DemoDesk:
        site = Site(
            self._server,
            self._round.contest,
            self._keys.venues[device.venue],
            self._cables[device.venue],
            folder,
            self._clock,
            self._round.start_us,
            self._speed,
        )
        return DemoDesk(device, self._round.story.events[device], site, lambda text: self._tell(device, text))

    def _tell(self, device: Device, text: str) -> None:
        """What an agent wants a person to read."""
        self._voice.say(f"{self._contest_time()}  {device.source}: {text}")

    @asynccontextmanager
    async def _officials(self) -> AsyncIterator[httpx.AsyncClient]:
        base = f"{self._server}/api/contests/{self._round.contest}"
        headers = {"Authorization": f"Bearer {self._keys.staff}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=HTTP_WAIT_S, trust_env=False) as client:
            yield client

    async def _open(self) -> None:
        """The contest does not begin before the clock of every device is known."""
        while not all(desk.clock_is_known for desk in self._desks):  # noqa: ASYNC110 - an agent shows its state and rings no bell
            await asyncio.sleep(LOOK_EVERY_S)
        await self._clock.until(self._round.start_us)
        self._clock.release(self._speed)

    async def _work(self, desk: DemoDesk) -> None:
        ended = await desk.run()
        if ended.exit not in (Exit.DONE, Exit.ATTENTION):
            raise RoundFailed(f"{desk.device.source}: {ended.reason}")

    async def _cut(self, cut: Cut) -> None:
        await self._clock.until(self._round.at_us(cut.from_ms))
        self._cables[cut.venue].cut()
        await self._clock.until(self._round.at_us(cut.to_ms))
        self._cables[cut.venue].mend()

    async def _enter(self, officials: httpx.AsyncClient, act: Act) -> None:
        await self._clock.until(self._round.at_us(act.at_ms))
        await _post(officials, "/standings", {"contestant": act.contestant, "status": act.status, "reason": act.reason})

    async def _end(self, officials: httpx.AsyncClient) -> Result:
        duration_ms = self._round.story.duration_ms
        await self._clock.until(self._round.at_us(duration_ms + THAW_AFTER_MS))
        await _post(officials, "/thaw", None)
        self._voice.both(self._contest_time(), "解封:封榜后的成绩全部揭晓", "thawed: what happened after the freeze is shown")
        await self._clock.until(self._round.at_us(duration_ms + RULING_AFTER_MS))
        await self._rule(officials)
        await self._clock.until(self._round.at_us(duration_ms + FINAL_AFTER_MS))
        await _post(officials, "/finalise", None)
        board = await _get(officials, "/board")
        flags = await _get(officials, "/flags")
        result = Result(board, Counter(flag["code"] for flag in flags["flags"]))
        if result.digest != self._round.expected:
            raise RoundFailed(f"the board ends as {result.digest}, but the story leads to {self._round.expected}")
        return result

    async def _rule(self, officials: httpx.AsyncClient) -> None:
        """The chief referee looks at whatever keeps the result from being final, and confirms what the judges made of it."""
        flags = (await _get(officials, "/flags"))["flags"]
        for flag in (flag for flag in flags if flag["severity"] == "block"):
            await _post(officials, "/rulings", confirmation_of(flag), self._keys.chief)
            who = f"{flag['contestant']} {flag['stage']}"
            zh, en = f"裁判长确认判定:{who}", f"the chief referee confirms the judgement of {who}: {flag['detail']}"
            self._voice.both(self._contest_time(), zh, en)

    # ---- what is said ----------------------------------------------------------------------------------------------------------

    async def _narrate(self) -> None:
        for scene in self._round.story.scenes:
            await self._clock.until(self._round.at_us(scene.at_ms))
            self._voice.both(self._contest_time(), scene.zh, scene.en)

    async def _show_status(self) -> None:
        names = {venue.id: venue.name.zh if venue.name else venue.id for venue in bundled().venues}
        while True:
            venues = " · ".join(f"{name} {self._venue_status(venue)}" for venue, name in names.items())
            self._voice.status(f"{self._contest_time()}  {venues}", asyncio.get_running_loop().time())
            await asyncio.sleep(STATUS_EVERY_S)

    def _venue_status(self, venue: str) -> str:
        standings = [desk.view.standing for desk in self._desks if desk.device.venue == venue and desk.view is not None]
        waiting, given = sum(each.waiting for each in standings), sum(each.last for each in standings)
        network = "✂ 断网 no network, " if self._cables[venue].is_cut else ""
        return f"{network}{given - waiting} 已确认 acknowledged, {waiting} 待发 unsynced"

    def _contest_time(self) -> str:
        seconds = (self._clock.now_us() - self._round.start_us) // 1_000_000
        sign = "-" if seconds < 0 else " "
        return f"{sign}{abs(seconds) // 60:02}:{abs(seconds) % 60:02}"


def confirmation_of(flag: Mapping[str, Any]) -> dict[str, Any]:
    """The ruling that answers this question: it is right as it was judged."""
    return {
        "id": f"demo-{flag['key']}",
        "contestant": flag["contestant"],
        "stage": flag["stage"],
        "attempt": None,
        "action": {"verb": "confirm"},
        "code": "checked",
        "reason": f"looked at: {flag['detail']}"[:REASON_MAX_CHARS],
        "basis": None,
        "flags": [flag["key"]],
        "appeal": None,
    }


def podium(round_: Round, board: Mapping[str, Any], places: int = 3) -> Sequence[str]:
    """The first of the final ranking, in both languages."""
    names = {each.id: each.name for each in round_.definition.contestants}
    first = [row for row in board["rows"] if row["rank"] is not None][:places]
    lines = []
    for row in first:
        name = names.get(row["id"])
        spoken = row["id"] if name is None else f"{name.zh} {name.en}"
        lines.append(f"{row['rank']}. {spoken} ({row['id']})  {row['points']} 分 points")
    return lines


async def _post(client: httpx.AsyncClient, path: str, body: object, key: str | None = None) -> None:
    """With the key of the client, unless another is given."""
    answer = await client.post(path, json=body, headers=None if key is None else {"Authorization": f"Bearer {key}"})
    if answer.is_error:
        raise RoundFailed(f"{path}: {answer.status_code} {answer.text[:400]}")


async def _get(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    if answer.is_error:
        raise RoundFailed(f"{path}: {answer.status_code} {answer.text[:400]}")
    found: dict[str, Any] = answer.json()
    return found
