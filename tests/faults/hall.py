"""Everything of a contest as processes of its own: servers on one database, a fleet of agents, displays; and what joins them can fail."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.contests import CUP
from tests.faults.cable import Cable
from tests.faults.checks import Fold, Sent, Shown, every_acknowledged_event_is_there_once, some
from tests.faults.databases import Database
from tests.faults.desks import Desk
from tests.faults.displays import Display
from tests.faults.exporting import exported
from tests.faults.fleet import ENDED
from tests.faults.plan import Plan
from tests.faults.processes import Program, Server

FLEET = (sys.executable, "-m", "tests.faults.fleet")
POLL_S = 0.05
LOOK_EVERY_S = 0.5
BOARD = f"/api/contests/{CUP}/board"


@dataclass
class Hall:
    plan: Plan
    folder: Path
    database: Database
    servers: list[Server]
    fleet: Program
    desks: list[Desk]
    cables: dict[str, Cable]
    """Of each desk and each display, by its name."""
    displays: list[Display]
    news: asyncio.Event
    http: httpx.AsyncClient
    fold: Fold

    # ---- waiting for something that has to happen ----------------------------------------------------------------------------------

    async def until(self, true: Callable[[], bool], what: Callable[[], str]) -> None:
        """Raises AssertionError, with what is not so and what the programs wrote, if it does not come to be."""
        try:
            async with asyncio.timeout(self.plan.settle_within_s):
                while not true():
                    self.news.clear()
                    self._agents_go_on()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"within {self.plan.settle_within_s:g} s: {what()}\n{self.tails()}") from None

    @property
    def acknowledged(self) -> int:
        return sum(desk.ears.acknowledged for desk in self.desks)

    @property
    def stated(self) -> int:
        return sum(len(desk.stated) for desk in self.desks)

    async def acknowledgements(self, more: int) -> None:
        """Until so many more events are acknowledged, or all that will be stated in this blow."""
        wanted = self.acknowledged + more
        await self.until(
            lambda: self.acknowledged >= wanted or (self._all_is_said() and self._all_is_answered()),
            lambda: f"{self._unanswered()}; waited for {more} more",
        )

    async def statements(self, more: int) -> None:
        """Until so many more events are stated, acknowledged or not."""
        wanted = self.stated + more
        await self.until(lambda: self.stated >= wanted or self._all_is_said(), lambda: "the desks say no more")

    def _all_is_said(self) -> bool:
        return all(desk.has_said_all for desk in self.desks)

    def _all_is_answered(self) -> bool:
        return all(desk.is_answered for desk in self.desks)

    # ---- after a fault -------------------------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Everything stated is acknowledged, all servers and displays are at the end of the ledger and no display is stale."""
        await self._until_answered()
        position = (await self.boards_together())[0].position
        await self.until(
            lambda: self.broken_display() is not None or all(d.screen.position == position and not d.is_stale for d in self.displays),
            lambda: f"at {position}: {some([f'{d.name} at {d.screen.position}, stale: {d.is_stale}' for d in self.displays])}",
        )

    async def _until_answered(self) -> None:
        """Also where the agents believe that there is nothing more to send: what is missing then is for the checks to say."""
        try:
            async with asyncio.timeout(self.plan.settle_within_s):
                while not self._all_is_answered() and not await asyncio.to_thread(self._agents_are_idle):
                    self._agents_go_on()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY_S):
                            await self.news.wait()
                            self.news.clear()
        except TimeoutError:
            raise AssertionError(f"within {self.plan.settle_within_s:g} s: {self._unanswered()}\n{self.tails()}") from None

    def _agents_go_on(self) -> None:
        """No fault of others ends an agent."""
        assert not self.fleet.said(ENDED), f"an agent ended\n{self.fleet.tail()}"

    def _agents_are_idle(self) -> bool:
        return all(desk.is_answered or desk.agent_is_idle() for desk in self.desks)

    def _unanswered(self) -> str:
        missing = [f"{d.name} {d.ears.acknowledged} of {len(d.stated)}" for d in self.desks if not d.is_answered]
        return f"acknowledged: {some(missing) or 'everything'}"

    def broken_display(self) -> str | None:
        return next((display.fault for display in self.displays if display.fault is not None), None)

    async def boards(self) -> list[Shown]:
        """What the servers answer to GET. A server that does not answer (yet) is at no position."""
        return list(await asyncio.gather(*map(self._board, self.servers)))

    async def _board(self, server: Server) -> Shown:
        try:
            answer = await self.http.get(f"{server.url}{BOARD}")
            board = answer.json() if answer.status_code == 200 else {}
        except httpx.HTTPError:
            board = {}
        rows = {row["id"]: {name: value for name, value in row.items() if name != "rank"} for row in board.get("rows", [])}
        return Shown(server.name, board.get("to"), rows, board.get("digest"))

    async def boards_together(self) -> list[Shown]:
        """The boards of all servers, once they are at one position, at which everything is that was acknowledged."""
        boards: list[Shown] = []
        least = max((desk.ears.position for desk in self.desks), default=0)
        try:
            async with asyncio.timeout(self.plan.settle_within_s):
                while True:
                    boards = await self.boards()
                    positions = {board.position for board in boards}
                    if len(positions) == 1 and (position := positions.pop()) is not None and position >= least:
                        return boards
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            where = some([f"{board.where} at {board.position}" for board in boards])
            raise AssertionError(f"the servers do not meet at {least} or later: {where}\n{self.tails()}") from None

    async def nothing_acknowledged_is_missing(self) -> None:
        """At this very moment, whoever is dead: before anybody can send again what a server only said it had."""
        sent = [Sent(desk.name, [], desk.ears.acknowledged) for desk in self.desks]
        every_acknowledged_event_is_there_once(await exported(self.database.own_url, self.folder / "export.ndjson"), sent)

    async def outboxes_wait(self) -> None:
        """Until every agent has something in its outbox that is not acknowledged."""
        async with asyncio.timeout(self.plan.settle_within_s):
            while not await asyncio.to_thread(lambda: all(desk.has_waiting() for desk in self.desks)):  # noqa: ASYNC110 - files tell nobody
                await asyncio.sleep(POLL_S)

    # ---- who is where --------------------------------------------------------------------------------------------------------------

    def displays_at(self, server: Server) -> list[Display]:
        return [display for display in self.displays if server.address in self.cables[display.name].joined.values()]

    def tails(self) -> str:
        return "\n".join(program.tail() for program in [*self.servers, self.fleet])
