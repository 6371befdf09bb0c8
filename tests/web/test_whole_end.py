"""The end of a contest in which much goes wrong, on two servers of one PostgreSQL: each refusal says why, and both show the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from contest_server.core.auditing import Auditor
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, JUDGES, Json, document
from tests.web.places import EVENTS, Place, batch, clear, equip, served
from tests.web.stating import HERE, Clock, listed, refusal, said, say
from tests.web.test_chief import freshly, reasons

PEOPLE = [("A1", "yongjia"), ("A2", "yongjia"), ("B1", "yueqing"), ("B2", "yueqing"), ("B3", "yueqing")]
BENCH = {
    "contestants": [*({"id": who, "venue": venue} for who, venue in PEOPLE), {"id": "G1", "venue": "yueqing", "status": "guest"}],
    "officials": [{"id": "R1", "recused": ["A1"]}, {"id": "R2"}, {"id": "R3"}, {"id": "R4"}, {"id": "C1", "role": "chief"}],
    "stages": [
        {"id": "quiz", "points": 10, "rules": [{"rule": "lives", "count": 2}]},
        {"id": "bench", "aspects": [{"id": "finish", "rule": "judgement_0_3", "max": 9, "field": "finish", "panel": 3}]},
    ],
    "ranking": [{"by": "points"}],
    "ties": {"medals": [1, 1, 1]},
    "referees": {"appeal_minutes": 30, "sign_off": ["referee"], "handover_required": True, "second_points": None, "second_ranks": None},
}


@asynccontextmanager
async def hall(url: str, clock: Clock) -> AsyncIterator[tuple[Place, Place]]:
    async with AsyncExitStack() as stack:
        opened = [open_stores(url) for _ in range(2)]
        for stores in opened:
            stack.push_async_callback(stores.close)
        secrets = await equip(opened[0], document() | BENCH, clock())
        here, there = [
            await stack.enter_async_context(served(stores, secrets=secrets, follow_interval_ms=50, clock=clock)) for stores in opened
        ]
        yield here, there


async def tell(place: Place, who: str, seq: int, stage: str, at: str, **more: Any) -> None:
    venue = dict(PEOPLE)[who]
    answer = await place.post(EVENTS.format(venue=venue), batch(clear(seq, who, stage, at=at, **more)), venue, source="desk")
    assert answer.status_code == 200, answer.text


async def give(place: Place, who: str, **marks: str) -> None:
    for official, value in marks.items():
        about = {"contestant": who, "stage": "bench", "attempt": "1", "aspect": "finish", "value": value}
        await said(place, "marks", official, id=f"m-{who}-{official}", **about)


async def override(place: Place, name: str, who: str, marks: str, by: str = "C1", **more: Any) -> Json:
    case = await listed(place, f"cases/{who}/bench", by)
    about = {
        "contestant": who,
        "stage": "bench",
        "attempt": "1",
        "basis": case["basis"],
        "code": "appeal_upheld",
        "reason": "seen on video",
    }
    answer = await said(place, "rulings", by, id=name, action={"verb": "override", "aspect": "finish", "marks": marks}, **about, **more)
    return answer["ruling"]  # type: ignore[no-any-return]


async def medals(place: Place) -> dict[str, str | None]:
    found = await place.get(f"{HERE}/results", "staff")
    return {row["id"]: row["medal"] for row in found["rows"]}


async def alike(here: Place, there: Place) -> str:
    """Both servers show the same board; returns its digest."""
    async with asyncio.timeout(10):
        while True:
            boards = [await place.board("staff") for place in (here, there)]
            if boards[0]["to"] == boards[1]["to"]:
                assert boards[0]["digest"] == boards[1]["digest"]
                return str(boards[0]["digest"])
            await asyncio.sleep(0.02)


async def test_from_the_last_mark_to_a_final_result_that_was_opened_once_more(postgres_url: str) -> None:
    clock = Clock(60)
    async with hall(postgres_url, clock) as (here, there):
        for number, (who, _) in enumerate(PEOPLE):
            await tell(here if number % 2 else there, who, (1, 2, 1, 2, 3)[number], "bench", f"01:0{number}:00Z")
        for who, marks in {"A1": "333", "A2": "322", "B1": "322", "B2": "111"}.items():
            names = ("R2", "R3", "R4")
            await give(there, who, **dict(zip(names, marks, strict=True)))
        await give(here, "B3", R2="1", R3="1")
        clock.to(121)
        await alike(here, there)

        # a mark is missing: told by name, also by the other server, and nobody finalises meanwhile
        assert await reasons(there) == ["missing_mark", "not_published", "not_handed_over", "not_handed_over", "sign_off"]
        [missing] = [each for each in (await listed(here, "chief", "C1"))["reasons"] if each["code"] == "missing_mark"]
        assert missing["detail"] == "B3 at bench: finish: 2 of 3 marks are in, given by R2, R3"
        await give(there, "B3", R4="1")

        # published by mistake, withdrawn, published; two contestants share the silver
        await said(here, "publish", "C1", id="p1")
        undo = {"action": {"verb": "undo", "act": "p1"}, "code": "entry_error", "reason": "the marks of B3 were not read out yet"}
        await freshly(there, "C1")
        await said(there, "rulings", "C1", id="w1", **undo)
        await said(there, "publish", "C1", id="p2")
        await alike(here, there)
        told = await listed(here, "corrections", None)
        assert (told["published"]["id"], [each["by"]["reason"] for each in told["withdrawn"]]) == ("p2", [undo["reason"]])
        assert await medals(here) == {"A1": "gold", "A2": "silver", "B1": "silver", "B2": None, "B3": None, "G1": None}

        # an appeal that parts them; whoever is recused, or a party, does not decide
        clock.to(140)
        await said(there, "appeals", "R2", id="a1", contestant="B1", stage="bench", text="the third mark is of another bench")
        assert "appeal_open" in await reasons(here)
        await said(here, "appeals/a1/moves", "C1", id="v1", to="admitted", reason="in time")
        await said(here, "appeals/a1/moves", "C1", id="v2", to="under_review", reason="the panel looks at the video")
        await freshly(here, "C1")
        await override(here, "r1", "B1", "8", appeal="a1")
        waiting = (await listed(here, "rulings", "C1"))["rulings"][0]
        assert waiting["state"] == "waiting", "it moves a medal"
        await alike(here, there)
        await freshly(there, "R3")
        await said(there, "rulings/r1/second", "R3", id="x1", approve=True, reason="seen as well")
        await said(there, "appeals/a1/moves", "C1", id="v3", to="upheld", reason="as seen", panel=["R3", "R4"], rulings=["r1"])
        await alike(here, there)
        assert await medals(there) == {"A1": "gold", "A2": "bronze", "B1": "silver", "B2": None, "B3": None, "G1": None}
        [notice] = (await listed(here, "corrections", None))["notices"]
        assert (notice["contestant"], notice["because"]["ruling"]) == ("B1", "r1")

        # signed, handed over, and finalised from two tabs at two servers
        due = (await listed(there, "signoffs"))["due"]
        assert due == ["A1", "A2", "B1", "B2", "B3"]
        for number, who in enumerate(due):
            await said(here, "signoffs", "R2", id=f"s{number}", contestant=who, role="referee")
        for venue, count in (("yongjia", 2), ("yueqing", 3)):
            await said(there, "handovers", "R2", id=f"h-{venue}", venue=venue, counts={f"{venue}/desk": count})
        assert await reasons(here) == ["appeal_window"]
        clock.to(152)
        await alike(here, there)
        both = await asyncio.gather(say(here, "finalise", "C1"), say(there, "finalise", "staff"))
        assert sorted(each.status_code for each in both) == [200, 409]
        assert [each.json()["code"] for each in both if each.status_code == 409] == ["final"]
        await alike(here, there)

        # disqualified after the ceremony: nothing moves before two people opened the result again
        out = {"contestant": "A1", "code": "conduct", "reason": "somebody else's work"}
        await freshly(there, "C1", "R2")
        assert await refusal(there, "rulings", "C1", id="d1", action={"verb": "disqualify"}, **out) == (409, "final")
        assert await refusal(there, "standings", "staff", contestant="A1", status="dsq", reason="somebody else's work") == (409, "final")
        reopen = {"action": {"verb": "reopen"}, "code": "conduct", "reason": "somebody else's work"}
        await said(there, "rulings", "C1", id="o1", **reopen)
        await said(there, "rulings/o1/second", "R2", id="o2", approve=True)
        await said(there, "rulings", "C1", id="d1", action={"verb": "disqualify"}, **out)
        await said(there, "rulings/d1/second", "R2", id="d2", approve=True)
        digest = await alike(here, there)
        assert await medals(here) == {"A1": None, "A2": "silver", "B1": "gold", "B2": "bronze", "B3": "bronze", "G1": None}
        notices = {each["contestant"]: each for each in (await listed(here, "corrections", None))["notices"]}
        assert {*notices} == {"A1", "B1"}
        assert notices["A1"]["because"]["ruling"] == "d1"
        assert await reasons(here) == ["sign_off"]
        signed = {each["contestant"] for each in (await listed(here, "signoffs"))["signoffs"] if each["valid"]}
        assert {*due} - signed == {"A1", "A2"}, "A2 is the first at the bench now, which stands in what is signed"
        for who in ("A1", "A2"):
            await said(here, "signoffs", "R2", id=f"again-{who}", contestant=who, role="referee")
        await said(here, "finalise", "C1")
        await alike(here, there)

        auditor = Auditor(JUDGES)
        for entry in await here.stores.ledger.read(CUP, 0):
            auditor.take(entry)
        assert (auditor.faults, auditor.digest(), auditor.contest.final) == ([], digest, True)
