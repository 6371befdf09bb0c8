"""Two servers on one PostgreSQL: whoever asks either of them sees one contest. The database wakes them; intervals are the net below."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from contest_server.core.facts import Event
from contest_server.ledger.urls import open_stores
from tests.contests import CUP
from tests.web.places import EVENTS, Place, batch, clear, equip, password_of, served
from tests.web.test_rejudging import PATH, apply, quiz_worth, rehearsed

NEVER_MS = 3_600_000
HERE = f"/api/contests/{CUP}"


@asynccontextmanager
async def two(url: str, interval_ms: int = 100) -> AsyncIterator[tuple[Place, Place]]:
    """Two servers with stores of their own, which know the same secrets. With NEVER_MS they hear of each other only by the database."""
    async with AsyncExitStack() as stack:
        opened = [open_stores(url) for _ in range(2)]
        for stores in opened:
            stack.push_async_callback(stores.close)
        secrets = await equip(opened[0])
        here = await stack.enter_async_context(served(opened[0], secrets=secrets, follow_interval_ms=interval_ms))
        there = await stack.enter_async_context(served(opened[1], secrets=secrets, follow_interval_ms=interval_ms))
        yield here, there


async def test_what_one_server_acknowledged_the_other_shows_at_the_same_position_with_the_same_digest(postgres_url: str) -> None:
    async with two(postgres_url, NEVER_MS) as (here, there), there.display() as display, here.display() as beside:
        await display.frame()
        async with here.venue("yongjia") as venue, there.venue("yueqing") as other:
            for seq in range(1, 11):
                one, two_ = await asyncio.gather(
                    venue.send(clear(seq, attempt=str(seq))), other.send(clear(seq, contestant="B1", attempt=str(seq)))
                )
                assert one["position"] != two_["position"] or one["seq"] == two_["seq"]
        for each in (display, beside):  # each server is woken in its own time
            await each.reach(1 + 20)
        boards = [await place.board() for place in (here, there)]
        assert boards[0]["to"] == boards[1]["to"] == 21
        assert boards[0]["digest"] == boards[1]["digest"]
        assert display.screen.rows["A1"] == next(
            {name: value for name, value in row.items() if name != "rank"} for row in boards[0]["rows"] if row["id"] == "A1"
        )


async def test_a_venue_goes_on_at_the_other_server_by_its_number_and_nothing_is_stored_twice(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        async with here.venue() as venue:
            await venue.send(*(clear(seq, attempt=str(seq)) for seq in (1, 2, 3)))
        async with there.venue() as venue:
            assert venue.welcome["after"] in range(4)
            await venue.send(*(clear(seq, attempt=str(seq)) for seq in range(venue.welcome["after"] + 1, 6)))
        answer = await here.post(
            EVENTS.format(venue="yongjia"), batch(*(clear(seq, attempt=str(seq)) for seq in range(1, 7))), "yongjia", source="desk"
        )
        assert answer.status_code == 200
        stored = [entry.fact.seq for entry in await here.stores.ledger.read(CUP, 0) if isinstance(entry.fact, Event)]
        assert stored == [1, 2, 3, 4, 5, 6]


async def test_a_display_goes_on_at_the_other_server_and_never_goes_back(postgres_url: str) -> None:
    """Its cursor is ahead of what the other server has seen, which waits until it has caught up."""
    async with two(postgres_url, NEVER_MS) as (here, there):
        await there.board()
        async with here.venue() as venue, here.display() as display:
            await venue.send(*(clear(seq, attempt=str(seq)) for seq in range(1, 30)))
            await display.reach(30)
        async with there.display(after=display.screen.cursor) as again:
            again.screen = display.screen
            await here.order("freeze")
            await again.reach(31)
        assert again.screen.state["frozen"] is not None
        assert again.screen.position == 31


async def test_who_looks_at_a_case_is_known_on_both(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        answer = await here.post(EVENTS.format(venue="yongjia"), batch(clear(1)), "yongjia", source="desk")
        assert answer.status_code == 200
        async with here.reviews("R2") as one, there.reviews("R3") as other:
            await one.look("A1", "quiz")
            await other.until(lambda queue: [each["official"] for each in queue["leases"]] == ["R2"])
            await one.say({"type": "leave"})
            await other.until(lambda queue: queue["leases"] == [])


async def test_a_rejudging_begun_on_one_server_is_looked_at_and_applied_on_the_other(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        answer = await here.post(EVENTS.format(venue="yongjia"), batch(clear(1)), "yongjia", source="desk")
        assert answer.status_code == 200
        found = await rehearsed(here, **await quiz_worth(here, 90))
        applied = await apply(there, found)
        assert applied.status_code == 200, applied.text
        assert applied.json()["digest"] == found["effect"]["digest"]
        while (await here.board())["to"] < applied.json()["position"]:
            pass
        assert (await here.board("staff", audience="staff"))["digest"] == (await there.board("staff", audience="staff"))["digest"]


async def test_a_rejudging_dropped_on_one_server_is_dropped_on_the_other(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        found = await rehearsed(here, **await quiz_worth(here, 90))
        assert [each["id"] for each in (await there.get(PATH, "C1"))["rejudgings"]] == [found["id"]]
        dropped = await there.http.delete(f"{there.url}{PATH}/{found['id']}", headers=there.bearer("C1"))
        assert dropped.json()["state"] == "cancelled"
        answer = await apply(here, found)
        assert answer.status_code == 409, answer.text
        assert (await here.get(PATH, "C1"))["rejudgings"][0]["state"] == "cancelled"


async def test_who_logs_out_on_one_server_is_logged_out_on_the_other(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        begun = await here.post(f"{HERE}/login", {"official": "R2", "password": password_of("R2")})
        there.secrets["R2 again"] = begun.json()["token"]
        assert (await there.get(f"{HERE}/me", "R2 again"))["official"]["id"] == "R2"
        assert (await there.post(f"{HERE}/logout", {}, "R2 again")).status_code == 200
        gone = await here.http.get(f"{here.url}{HERE}/me", headers=here.bearer(begun.json()["token"]))
        assert gone.status_code == 401


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_officials_who_decide_at_once_on_two_servers_decide_one_after_the_other(postgres_url: str, seed: int) -> None:
    """One is taken, the other is refused with what changed: a decision holds at the position it was taken on."""
    async with two(postgres_url) as (here, there):
        await here.post(EVENTS.format(venue="yongjia"), batch(clear(1)), "yongjia", source="desk")
        cases = [await place.get(f"{HERE}/cases/A1/quiz", who) for place, who in ((here, "R2"), (there, "R3"))]
        orders = [
            {
                "id": f"r{number}", "contestant": "A1", "stage": "quiz", "attempt": "1", "code": "evidence_reviewed",
                "reason": "seen on video", "basis": case["basis"], "action": {"verb": "penalise", "marks": "0.5"},
            }
            for number, case in enumerate(cases)
        ]  # fmt: skip
        answers = await asyncio.gather(here.post(f"{HERE}/rulings", orders[0], "R2"), there.post(f"{HERE}/rulings", orders[1], "R3"))
        assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
