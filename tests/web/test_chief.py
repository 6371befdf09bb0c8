"""From the end of the contest to the final result: every reason against it is told, and goes when what it asks for is done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from contest_server.core.acts import Annul, Override
from contest_server.core.facts import ContestId, Draft, Finalised
from contest_server.ledger.memory import MemoryLedger, MemoryStore, Moment
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, document
from tests.core.stated import appealed
from tests.web.places import EVENTS, PATIENCE_S, Place, batch, clear, equip, password_of, served
from tests.web.stating import (
    ALONE,
    Clock,
    everybody_clears_the_quiz,
    head,
    listed,
    refusal,
    ruled,
    said,
    say,
    turned_away,
    with_policy,
)

STRICT = with_policy(appeal_minutes=30, sign_off=["referee", "chief"], recheck_required=True, handover_required=True)


async def reasons(place: Place, who: str = "C1") -> list[str]:
    """Why finalising is refused, once for each reason, in order; the overview says the same."""
    answer = await say(place, "finalise", who)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yet_final")
    found = answer.json()["reasons"]
    assert all({*each} == {"code", "detail", "detail_zh", "about"} for each in found)
    assert answer.json()["detail"] == "; ".join(each["detail"] for each in found)
    assert (await listed(place, "chief", "C1"))["reasons"] == found
    return [each["code"] for each in found]


async def freshly(place: Place, *officials: str) -> None:
    for each in officials:
        await said(place, "login/fresh", each, password=password_of(each))


async def signed_by_both(place: Place, *contestants: str, again: str = "") -> None:
    for each in contestants:
        await said(place, "signoffs", "R2", id=f"s-{each}-referee{again}", contestant=each, role="referee")
        await said(place, "signoffs", "C1", id=f"s-{each}-chief{again}", contestant=each, role="chief")


async def test_from_the_end_of_the_contest_to_the_final_result_and_back() -> None:
    clock = Clock()
    async with served(document_=STRICT, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        nothing_done = ["not_published", "not_handed_over", "not_handed_over", "recheck", "sign_off", "sign_off"]
        assert await reasons(place) == ["running", *nothing_done]
        clock.to(121)
        assert await reasons(place) == nothing_done

        drawn = (await said(place, "samples", "C1", id="n1"))["sample"]
        for each in drawn["members"]:
            await said(place, "samples/n1/rechecks", "R2", id=f"c-{each['contestant']}", contestant=each["contestant"], right=True)
        await signed_by_both(place, "A1", "A2", "B1", "B2")
        await said(place, "handovers", "yongjia", id="h1", venue="yongjia", counts={"yongjia/desk": 2})
        await said(place, "handovers", "yueqing", id="h2", venue="yueqing", counts={"yueqing/desk": 3})
        assert await reasons(place) == ["not_published"]
        await said(place, "publish", "C1", id="p1")
        assert await reasons(place) == ["appeal_window"]

        clock.to(125)
        appeal = {"contestant": "A1", "stage": "quiz", "attempt": "1", "text": "the lamp was lit a second later"}
        deadline = (await said(place, "appeals", "R2", id="a1", **appeal))["appeal"]["deadline"]
        assert deadline.startswith("2026-11-22T03:31:00"), "half an hour after the publication"
        assert await reasons(place) == ["appeal_open", "appeal_window"]
        await said(place, "appeals/a1/moves", "C1", id="m1", to="admitted", reason="in time")
        await said(place, "appeals/a1/moves", "C1", id="m2", to="under_review", reason="the video is looked at")
        await freshly(place, "R2", "C1")
        ruling = await ruled(place, "R2", Override(marks="9.75"), appeal="a1")
        assert ruling["state"] == "waiting"
        assert await reasons(place) == ["waiting_second", "appeal_open", "appeal_window"]
        assert (await listed(place, "corrections", None))["notices"] == [], "nothing has changed yet"
        await said(place, "rulings/r1/second", "C1", id="x1", approve=True, reason="seen, too")
        [notice] = (await listed(place, "corrections", None))["notices"]
        assert notice["contestant"] == "A1"
        assert notice["because"] == {"ruling": "r1", "what": "ruling r1 approved", "reason": "seen on video"}
        upheld = await said(place, "appeals/a1/moves", "C1", id="m3", to="upheld", reason="as seen", panel=["R3"], rulings=["r1"])
        assert (upheld["appeal"]["state"], upheld["appeal"]["rulings"]) == ("upheld", ["r1"])
        await said(place, "appeals/a1/moves", "C1", id="m4", to="final", reason="nobody takes it further")

        assert await reasons(place) == ["appeal_window", "sign_off", "sign_off"]
        await signed_by_both(place, "A1", again="-again")
        assert await reasons(place) == ["appeal_window"]
        clock.to(151.1)
        assert (await listed(place, "chief", "C1"))["reasons"] == []
        final = await said(place, "finalise", "C1")
        assert (await place.board())["state"]["final"] is True
        assert (await listed(place, "chief", "C1"))["final"] is True
        entry = (await place.stores.ledger.read(CUP, final["position"] - 1))[0]
        assert (entry.author, entry.fact) == ("official:C1", Finalised())

        late = {"contestant": "A2", "text": "I was faster than that"}
        assert await refusal(place, "appeals", "R2", id="a2", **late) == (409, "final")
        assert await refusal(place, "finalise", "C1") == (409, "final")
        await freshly(place, "R2", "C1")
        reopen = {"action": {"verb": "reopen"}, "code": "evidence_reviewed", "reason": "another video turned up"}
        assert (await said(place, "rulings", "C1", id="r9", **reopen))["ruling"]["state"] == "waiting"
        assert (await listed(place, "chief", "C1"))["final"] is True, "until a second person agrees"
        assert (await turned_away(place, "rulings/r9/second", "C1", id="x8", approve=True))[:2] == (403, "own_decision")
        await said(place, "rulings/r9/second", "R2", id="x9", approve=True)
        assert (await listed(place, "chief", "C1"))["final"] is False
        clock.to(152)
        assert (await said(place, "appeals", "R2", id="a2", **late))["appeal"]["state"] == "late"
        assert await reasons(place) == ["appeal_open"]
        await said(place, "appeals/a2/moves", "C1", id="m5", to="dismissed", reason="too late, and nothing to it")
        await said(place, "finalise", "C1")


async def test_other_reasons_are_told_and_go() -> None:
    """Unjudged attempts, blocking questions, the freeze, codes, missing events."""
    async with served(clock=Clock(121)) as place:
        desk = EVENTS.format(venue="yongjia")
        pending = {**clear(1), "kind": "attempt", "data": {"outcome": "pending"}}
        await place.post(desk, batch(pending, clear(2, "A2", "final")), "yongjia", source="desk")
        await place.order("freeze", minutes=20)
        await said(place, "blind", "C1", id="b1", layer=1)
        await said(place, "handovers", "R2", id="h1", venue="yongjia", counts={"yongjia/desk": 4})
        assert await reasons(place) == ["unjudged", "frozen", "blind_codes", "blocking_flags", "unsynced"]
        settled = {**clear(3), "kind": "attempt", "data": {"outcome": "rejected"}}
        wired = clear(4, "A2", "wiring", at="00:59:59Z", data={"mohm": "2"})
        await place.post(desk, batch(settled, wired), "yongjia", source="desk")
        assert await reasons(place) == ["frozen", "blind_codes"]
        await place.order("thaw")
        await said(place, "blind/1/reveal", "C1", id="v1", witness="R2", witness_password=password_of("R2"))
        await said(place, "finalise", "staff")


async def test_only_the_chief_referee_and_staff_finalise_and_see_the_overview() -> None:
    async with served(clock=Clock(121)) as place:
        for who, status in ((None, 401), ("R2", 403), ("yongjia", 403), ("other staff", 403)):
            assert (await say(place, "finalise", who)).status_code == status
            assert (await place.http.get(f"{place.url}/api/contests/{CUP}/chief", headers=place.bearer(who))).status_code == status
        assert await head(place) == 1
        assert (await listed(place, "chief", "admin"))["final"] is False


async def test_the_overview_counts_what_there_is() -> None:
    clock = Clock()
    async with served(document_=ALONE, clock=clock) as place:
        assert (await listed(place, "chief", "C1"))["phase"] == "running"
        await everybody_clears_the_quiz(place)
        pending = {**clear(3, "A2", "wiring"), "kind": "attempt", "data": {"outcome": "pending"}}
        gated = clear(4, "A2", "final")
        await place.post(EVENTS.format(venue="yongjia"), batch(pending, gated), "yongjia", source="desk")
        await ruled(place, "R2", Override(marks="9"), name="r1")
        await ruled(place, "R2", Annul(), name="r2")
        await ruled(place, "C1", Override(marks="8"), name="r3", contestant="B1")
        await said(place, "appeals", "R3", id="a1", contestant="B1", text="it was right before")
        clock.to(200)
        overview = await listed(place, "chief", "C1")
        assert {key: overview[key] for key in ("phase", "position", "final")} == {
            "phase": "ended", "position": await head(place), "final": False,
        }  # fmt: skip
        counts: dict[str, Any] = overview["counts"]
        assert (counts["rulings"], counts["overrides"], counts["appeals_open"], counts["waiting_second"]) == (3, 2, 1, 0)
        assert (counts["unjudged"], counts["blocking"]) == (1, 1)
        assert counts["cases"] >= counts["blocking"]
        assert overview["officials"] == [
            {"id": "R1", "looking": None, "rulings": 0}, {"id": "R2", "looking": None, "rulings": 2},
            {"id": "R3", "looking": None, "rulings": 0}, {"id": "C1", "looking": None, "rulings": 1},
        ]  # fmt: skip
        assert len(overview["digest"]) == 64


async def test_the_overview_shows_who_looks_at_what() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        async with place.socket(f"/api/contests/{CUP}/reviews", "R2") as socket:
            await socket.send('{"type":"look","contestant":"A1","stage":"quiz"}')
            async with asyncio.timeout(PATIENCE_S):
                while (looking := await looked_at(place))["R2"] is None:
                    await socket.recv()
            assert looking == {"R1": None, "R2": "A1/quiz", "R3": None, "C1": None}


async def looked_at(place: Place) -> dict[str, str | None]:
    return {each["id"]: each["looking"] for each in (await listed(place, "chief", "C1"))["officials"]}


async def test_what_another_server_enters_at_the_same_moment_is_not_overlooked() -> None:
    """An appeal gets into the ledger after this server looked for reasons, and before it declared the result final."""
    store: MemoryStore = {}
    clock = Clock(121)

    def meanwhile(moment: Moment, contest: ContestId) -> None:
        if moment == "before_store":
            ledger.fault = None
            at_once(MemoryLedger(store), Draft(clock(), "official:R2", appealed(at_s=7_000)))

    ledger = MemoryLedger(store)
    stores = replace(open_stores("memory:"), ledger=ledger)
    async with served(stores, secrets=await equip(stores, document(), clock()), clock=clock) as place:
        await everybody_clears_the_quiz(place)
        ledger.fault = meanwhile
        assert await reasons(place, "staff") == ["appeal_open"]
    await stores.close()


def at_once(ledger: MemoryLedger, draft: Draft) -> None:
    """Append without letting anybody else run."""
    appending = ledger.append(CUP, [draft])
    try:
        while True:
            appending.send(None)
    except StopIteration:
        pass


async def test_a_reason_names_what_it_is_about() -> None:
    async with served(clock=Clock(121)) as place:
        await place.post(EVENTS.format(venue="yongjia"), batch(clear(1, "A2", "final")), "yongjia", source="desk")
        [reason] = (await say(place, "finalise", "C1")).json()["reasons"]
        assert (reason["code"], reason["about"]) == ("blocking_flags", {"contestant": "A2", "stage": "final"})
