"""One round of the demo, played against a running server: devices, cables, officials, and what is said meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from contest_server.agent.agent import Exit
from contest_server.agent.wording import in_both
from contest_server.core.saying import Text
from contest_server.demo.bundle import bundled
from contest_server.demo.cable import Cable
from contest_server.demo.clock import DemoClock
from contest_server.demo.desks import DemoDesk, Site
from contest_server.demo.officials import Officials, RoundFailed, confirmation_of
from contest_server.demo.round import Keys, Result, Round
from contest_server.demo.telling import Act, Cut, Device
from contest_server.demo.voice import Voice

LOOK_EVERY_S = 0.1
STATUS_EVERY_S = 0.5
THAW_AFTER_MS, RULING_AFTER_MS, FINAL_AFTER_MS = 20_000, 25_000, 30_000
"""After the end of the contest: time to look at the frozen board, at the thawed one, and for the chief referee."""


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
        contest_url = f"{self._server}/api/contests/{self._round.contest}"
        async with Officials.at(contest_url, self._keys.staff) as officials, asyncio.TaskGroup() as group:
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

    def _tell(self, device: Device, text: Text) -> None:
        """What an agent wants a person to read."""
        self._voice.say(f"{self._contest_time()}  {device.source}: {in_both(text)}")

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

    async def _enter(self, officials: Officials, act: Act) -> None:
        await self._clock.until(self._round.at_us(act.at_ms))
        await officials.post("/standings", {"contestant": act.contestant, "status": act.status, "reason": act.reason})

    async def _end(self, officials: Officials) -> Result:
        duration_ms = self._round.story.duration_ms
        await self._clock.until(self._round.at_us(duration_ms + THAW_AFTER_MS))
        await officials.post("/thaw")
        self._voice.both(self._contest_time(), "解封:封榜后的成绩全部揭晓", "thawed: what happened after the freeze is shown")
        await self._clock.until(self._round.at_us(duration_ms + RULING_AFTER_MS))
        await self._rule(officials)
        await self._clock.until(self._round.at_us(duration_ms + FINAL_AFTER_MS))
        await officials.post("/finalise")
        board = await officials.get("/board")
        flags = await officials.get("/flags")
        result = Result(board, Counter(flag["code"] for flag in flags["flags"]))
        if result.digest != self._round.expected:
            raise RoundFailed(f"the board ends as {result.digest}, but the story leads to {self._round.expected}")
        return result

    async def _rule(self, officials: Officials) -> None:
        """The chief referee looks at whatever keeps the result from being final, and confirms what the judges made of it."""
        flags = (await officials.get("/flags"))["flags"]
        for flag in (flag for flag in flags if flag["severity"] == "block"):
            await officials.post("/rulings", confirmation_of(flag), self._keys.chief)
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
