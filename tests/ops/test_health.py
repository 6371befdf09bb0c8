"""Ready means: send people here. Whatever speaks against it is named."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from contest_server.ledger import sqlite as sqlite_ledger
from contest_server.ledger.lane import Lane
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.urls import open_stores
from contest_server.live import ledger_watch
from contest_server.live.ledger_watch import LedgerWatch
from tests.contests import CUP
from tests.ops.waiting import until_ready
from tests.web.places import Place, equip, note, served


async def readiness(place: Place) -> tuple[int, list[str]]:
    answer = await place.http.get(f"{place.url}/health/ready")
    return answer.status_code, [each["code"] for each in answer.json().get("reasons", [])]


async def test_a_server_opens_its_contests_by_itself_and_is_ready_then() -> None:
    async with served() as place:
        await until_ready(place.http, place.url)
        assert (await place.get("/health/ready")) == {"status": "ready", "contests": 1, "unusable": []}


async def test_a_ledger_that_fails_or_says_nothing_makes_it_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_watch, "ASK_AGAIN_AFTER_S", 0.0)
    monkeypatch.setattr(ledger_watch, "WITHIN_S", 0.05)
    async with served() as place:
        await place.board()
        ledger: Any = place.stores.ledger
        honest = ledger.probe

        async def failing() -> None:
            raise LedgerFault("/var/lib/contest.db: the disk is full")

        async def silent() -> None:
            await asyncio.Event().wait()

        for probe, code in ((failing, "ledger_fault"), (silent, "ledger_silent")):
            monkeypatch.setattr(ledger, "probe", probe)
            assert await readiness(place) == (503, [code])
            assert "/var/lib" not in (await place.http.get(f"{place.url}/health/ready")).text
        monkeypatch.setattr(ledger, "probe", honest)
        assert (await readiness(place))[0] == 200


async def test_however_many_ask_the_ledger_is_asked_once() -> None:
    asked = 0

    class Counting(MemoryLedger):
        async def probe(self) -> None:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0)

    watch = LedgerWatch(Counting())
    assert await asyncio.gather(*(watch.trouble() for _ in range(50))) == [None] * 50
    assert asked == 1


async def test_a_desk_that_ended_makes_it_not_ready_until_it_is_open_again() -> None:
    stores = open_stores("memory:")
    assert isinstance(stores.ledger, MemoryLedger)
    secrets = await equip(stores)

    def strike(*_: Any) -> None:
        raise LedgerFault("gone")

    async with served(stores, secrets=secrets) as place, place.venue() as venue:
        await venue.send(note(1))
        stores.ledger.fault = strike
        await venue.say({"type": "events", "events": [note(2)]})
        await venue.until_closed()
        assert (await readiness(place)) == (503, ["desk_closed"])
        stores.ledger.fault = None
        await until_ready(place.http, place.url)


async def test_a_file_is_ready_while_it_can_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = SqliteLedger(Lane(tmp_path / "cup.db", busy_timeout_ms=1))
    other = Lane(tmp_path / "cup.db")
    await ledger.probe()
    await other.run(lambda connection: connection.execute("BEGIN IMMEDIATE"))
    with pytest.raises(LedgerFault, match="locked"):
        await ledger.probe()
    await other.run(lambda connection: connection.execute("ROLLBACK"))
    await ledger.probe()
    await other.run(lambda connection: connection.execute("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerFault, match="newer version"):
        await ledger.probe()
    monkeypatch.setattr(sqlite_ledger, "FREE_MIN_BYTES", 1 << 62)
    with pytest.raises(LedgerFault, match="MiB are free"):
        await ledger.probe()
    await other.close()
    await ledger.close()


async def test_postgresql_is_ready_while_it_can_be_written_to(postgres_url: str) -> None:
    stores = await asyncio.to_thread(open_stores, postgres_url)
    await stores.ledger.probe()
    await stores.close()
    with pytest.raises(LedgerFault, match="closed"):
        await stores.ledger.probe()


async def test_every_answer_has_an_id_and_a_proxys_own_is_kept() -> None:
    async with served() as place:

        async def ask(**headers: str) -> httpx.Response:
            return await place.http.get(f"{place.url}/health/live", headers=headers)

        assert (await ask(**{"X-Request-Id": "proxy-17"})).headers["x-request-id"] == "proxy-17"
        first, second = [(await ask()).headers["x-request-id"] for _ in range(2)]
        assert first != second
        assert len((await ask(**{"X-Request-Id": "a b" * 90})).headers["x-request-id"]) == 16
        assert (await place.http.get(f"{place.url}/nothing/here")).headers["x-request-id"]
        assert CUP
