"""Whole rehearsals against real servers: ready whatever goes wrong on the way; not ready where a server loses events."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from contest_server.core.facts import ContestId, Draft, Entry, Event
from contest_server.demo.voice import Voice
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.settings import Settings
from contest_server.rehearsal.office import Unanswered
from contest_server.rehearsal.outcome import Outcome
from contest_server.rehearsal.pace import wall_us
from contest_server.rehearsal.performing import Rehearsal
from contest_server.rehearsal.plan import plan_of
from contest_server.rehearsal.proof import prove
from contest_server.rehearsal.verdict import Verdict, verdict_of
from contest_server.rehearsal.wishes import Wishes, faults_of
from contest_server.web.serving import serving
from tests.rehearsal.plans import judges, ledger, plan, question

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
SMALL = {"venues": 2, "contestants": 16, "displays": 3, "minutes": 7}


@dataclass
class Hall:
    """Servers on one ledger, with an administrator's token. `close` ends one of them."""

    urls: Sequence[str]
    token: str
    stores: Stores
    close: Callable[[int], Awaitable[None]]


@asynccontextmanager
async def hall(stores: Stores | None = None, servers: int = 1) -> AsyncIterator[Hall]:
    own = stores or open_stores("memory:")
    issued = await own.tokens.issue("admin", wall_us())
    settings = Settings(port=0, follow_interval_ms=50)
    stacks = [AsyncExitStack() for _ in range(servers)]
    try:
        urls = [await stack.enter_async_context(serving(own, judges(), settings)) for stack in stacks]
        yield Hall(urls, issued.secret, own, lambda number: stacks[number].aclose())
    finally:
        for stack in stacks:
            await stack.aclose()
        await own.close()


async def rehearse(here: Hall, folder: Path, faults: str = "all", **wished: Any) -> tuple[Outcome, Verdict]:
    outcome = await _rehearsal(here, folder, faults, **wished).run()
    return outcome, verdict_of(outcome)


def _rehearsal(here: Hall, folder: Path, faults: str, **wished: Any) -> Rehearsal:
    made = plan_of(Wishes(tuple(here.urls), faults=faults_of(faults), **{**SMALL, "speed": 120.0, **wished}), judges())
    return Rehearsal(made, judges(), here.token, folder, Voice(io.StringIO()))


async def test_with_every_fault_it_ends_in_the_board_of_the_plan_and_leaves_no_key_behind(tmp_path: Path) -> None:
    calm = plan("none", **SMALL, speed=120.0)
    async with hall() as here:
        outcome, verdict = await rehearse(here, tmp_path)
        assert verdict.reasons == []
        assert outcome.is_final
        assert outcome.servers[0].digest == prove(question(calm), ledger(calm), judges()).board, "the faults changed nothing"
        assert outcome.proof is not None
        assert outcome.proof.once == outcome.proof.planned
        assert {device.lives for venue in outcome.venues for device in venue.devices} == {1, 2}, "one of each venue was killed"
        assert sum(device.sent_twice + device.swapped for venue in outcome.venues for device in venue.devices) > 0
        assert all(venue.cut_off_s > 0 and venue.most_unsynced > 0 for venue in outcome.venues)
        assert outcome.noise_refused == 3 * 3 * 2
        assert outcome.rulings > 0
        assert {"unknown_contestant", "clock_offset"} <= set(outcome.flags)
        assert [token.revoked_us is not None for token in await here.stores.tokens.all(ContestId(outcome.contest))] == [True, True]
        assert await here.stores.ledger.contests() == [outcome.contest], "nothing else is touched"


async def test_when_a_server_goes_away_everybody_moves_to_the_other_one(tmp_path: Path) -> None:
    async with hall(servers=2) as here:
        rehearsal = _rehearsal(here, tmp_path, "none", speed=60.0)

        async def end_one() -> None:
            while rehearsal._pace.now_s() < 2.0:  # noqa: ASYNC110 - the play rings no bell
                await asyncio.sleep(0.05)
            await here.close(0)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(end_one())
            outcome = await rehearsal.run()
        verdict = verdict_of(outcome)
        assert verdict.reasons == []
        assert "server_gone" in {remark.code for remark in verdict.remarks}
        assert any(device.moves for venue in outcome.venues for device in venue.devices)
        assert all(display.equal for display in outcome.displays)


class Forgetful(MemoryLedger):
    """Says that it has stored everything, and does not store some of it."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: list[Event] = []

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        kept = []
        for draft in drafts:
            if isinstance(draft.fact, Event) and draft.fact.seq in (7, 11) and draft.fact.source == "yongjia/desk-1":
                self.forgotten.append(draft.fact)
            else:
                kept.append(draft)
        return await super().append(contest, kept, expected) if kept else []


async def test_a_server_that_loses_what_it_acknowledged_is_not_ready(tmp_path: Path) -> None:
    forgetful = Forgetful()
    async with hall(replace(open_stores("memory:"), ledger=forgetful)) as here:
        outcome, verdict = await rehearse(here, tmp_path, "none")
    assert forgetful.forgotten
    assert not verdict.ready
    assert {reason.code for reason in verdict.reasons} >= {"lost", "chain"}
    assert outcome.proof is not None
    assert outcome.proof.lost == [(fact.source, fact.seq) for fact in sorted(forgetful.forgotten, key=lambda fact: fact.seq)]


async def test_one_that_is_stopped_still_reports_what_it_saw(tmp_path: Path) -> None:
    async with hall() as here:
        rehearsal = _rehearsal(here, tmp_path, "cut", speed=20.0)

        async def stop() -> None:
            while rehearsal._pace.now_s() < 1.0:  # noqa: ASYNC110 - the play rings no bell
                await asyncio.sleep(0.05)
            rehearsal.stop()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stop())
            outcome = await rehearsal.run()
        assert [task for task in asyncio.all_tasks() if "/rehearsal/" in _file_of(task)] == [], "nothing is left running"
    assert outcome.broken_off == "stopped by Ctrl-C"
    assert "broken_off" in {reason.code for reason in verdict_of(outcome).reasons}
    assert outcome.proof is not None
    assert outcome.proof.lost == [], "what was acknowledged until then is there"
    assert sum(outcome.proof.once.values()) > 0


async def test_a_venue_that_is_turned_away_is_named_at_once(tmp_path: Path) -> None:
    async with hall() as here:
        rehearsal = _rehearsal(here, tmp_path, "none")

        async def revoke() -> None:
            while not (issued := [each for each in await here.stores.tokens.all() if each.venue == "yueqing"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await here.stores.tokens.revoke(issued[0].id, wall_us())

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(revoke())
            outcome = await rehearsal.run()
    assert outcome.broken_off.startswith("yueqing/")
    assert "not_allowed" in outcome.broken_off
    assert not verdict_of(outcome).ready


def _file_of(task: asyncio.Task[Any]) -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return "" if code is None or "tests" in code.co_filename else str(code.co_filename)


async def test_without_an_administrators_token_nothing_begins(tmp_path: Path) -> None:
    async with hall() as here:
        with pytest.raises(Unanswered, match="administrator's token is needed"):
            await rehearse(replace(here, token="guessed"), tmp_path)
        assert await here.stores.ledger.contests() == []


# ---- the command, as a process ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def served(db: str) -> AsyncIterator[str]:
    """`contest-server serve` as a process of its own, which does not survive this block."""
    process = await _start("serve", "--db", db, "--port", "0", stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while b"http://" not in (line := await process.stderr.readline()):
                assert line, "the server ended before it listened"
        yield "http://" + line.decode().partition("http://")[2].partition("/")[0]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _start(*command: str, **pipes: Any) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "contest_server", *command, cwd=ROOT, env=environment, **pipes)


async def _ended(*command: str) -> tuple[int | None, str]:
    process = await _start(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def _admin(db: str) -> str:
    stores = open_stores(db)
    issued = await stores.tokens.issue("admin", wall_us())
    await stores.close()
    return issued.secret


async def test_the_command_plays_all_faults_against_a_real_server_and_writes_its_reports(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'contest.db'}"
    token = await _admin(db)
    page, document = tmp_path / "report.html", tmp_path / "report.json"
    async with served(db) as url:
        size = ("--venues", "2", "--contestants", "16", "--minutes", "7", "--speed", "120", "--seed", "11")
        code, said = await _ended("rehearse", "--url", url, "--token", token, *size, "--report", str(page), "--json", str(document))
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
            contests = (await http.get(f"{url}/api/contests")).json()["contests"]
    assert code == 0, said
    assert "✓ 就绪 ready" in said
    assert "✓ 就绪" in page.read_text("utf-8")
    told = json.loads(document.read_text("utf-8"))
    assert told["ready"] is True
    assert told["proof"]["board"] == told["servers"][0]["digest"]
    assert {meanwhile["fault"]["kind"] for meanwhile in told["timeline"]} == set(faults_of("all"))
    assert [each["name"]["en"][:11] for each in contests] == ["REHEARSAL: "]
    assert token not in said + page.read_text("utf-8") + document.read_text("utf-8")


async def test_ctrl_c_ends_the_command_with_a_report(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'contest.db'}"
    token = await _admin(db)
    async with served(db) as url:
        command = ("rehearse", "--url", url, "--token", token, "--contestants", "16", "--report", str(tmp_path / "report.html"))
        process = await _start(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        assert process.stdout is not None
        said = b""
        async with asyncio.timeout(PATIENCE_S):
            while b"the rehearsal begins" not in said and (line := await process.stdout.readline()):
                said += line
            process.send_signal(signal.SIGINT)
            rest, _ = await process.communicate()
    assert process.returncode == 1, (said + rest).decode()
    assert "stopped by Ctrl-C" in (tmp_path / "report.html").read_text("utf-8")
