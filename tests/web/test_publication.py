"""What is published and then changes is told as a correction, with its reason; while the board is frozen the public hears nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contest_server.core.acts import Annul, Override, Undo
from contest_server.core.contest import Contest
from contest_server.core.ids import ActId
from contest_server.core.times import text_of_us
from contest_server.web import publication
from tests.contests import CUP, Json
from tests.web.places import EVENTS, Place, batch, clear, served
from tests.web.stating import ALONE, HERE, Clock, everybody_clears_the_quiz, listed, refusal, ruled, said, say, with_policy

NOTHING: Json = {"published": None, "withdrawn": [], "appeals_until": None, "notices": [], "more": 0}


async def withdraw(place: Place, name: str, who: str = "C1", act: str = "p1", reason: str = "the wrong button") -> httpx.Response:
    order = {"id": name, "action": {"verb": "undo", "act": act}, "code": "entry_error", "reason": reason}
    return await place.post(f"{HERE}/rulings", order, who)


async def test_a_publication_by_mistake_is_withdrawn_with_a_reason_that_everybody_reads() -> None:
    clock = Clock(121)
    async with served(document_=with_policy(appeal_minutes=30), clock=clock) as place:
        await everybody_clears_the_quiz(place)
        published = (await said(place, "publish", "C1", id="p1"))["published"]
        until = text_of_us(clock.us + 30 * 60_000_000)
        assert (await listed(place, "corrections", None))["appeals_until"] == until
        clock.to(125)
        assert (await withdraw(place, "w1", reason="")).json()["code"] == "bad_ruling", "not without a reason"
        assert (await withdraw(place, "w1", "R2")).json()["code"] == "not_yours"
        assert (await withdraw(place, "w1")).status_code == 200
        told = await listed(place, "corrections", None)
        by = {"ruling": "w1", "at": text_of_us(clock.us), "official": "C1", "reason": "the wrong button"}
        withdrawn = {name: published[name] for name in ("id", "position", "at")} | {"by": by}
        assert told == NOTHING | {"withdrawn": [withdrawn]}, "there is no result, and so no time for appeals"
        assert "not_published" in [each["code"] for each in (await listed(place, "chief", "C1"))["reasons"]]
        assert (await place.http.get(f"{place.url}{HERE}/conversions")).json()["code"] == "not_published"
        clock.to(140)
        again = await said(place, "publish", "C1", id="p2")
        told = await listed(place, "corrections", None)
        assert (told["published"]["id"], told["withdrawn"], told["notices"]) == ("p2", [withdrawn], [])
        assert told["appeals_until"] == text_of_us(clock.us + 30 * 60_000_000), "counted from the one that stands"
        ledger = await place.stores.ledger.read(CUP, 0)
        assert [type(each.fact).__name__ for each in ledger if each.position in (published["position"], again["position"])] == [
            "Published"
        ] * 2


async def test_a_withdrawal_is_withdrawn_like_everything_else() -> None:
    async with served(clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        published = (await said(place, "publish", "C1", id="p1"))["published"]
        await withdraw(place, "w1")
        assert (await withdraw(place, "w2", act="w1", reason="it was right")).status_code == 200
        assert await listed(place, "corrections", None) == NOTHING | {"published": published}


async def test_a_final_result_is_reopened_before_its_publication_is_withdrawn() -> None:
    async with served(clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        await said(place, "finalise", "C1")
        assert (await withdraw(place, "w1")).json()["code"] == "final"


async def test_nothing_is_told_before_something_is_published() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        assert await listed(place, "corrections", None) == NOTHING


async def test_a_publication_names_the_board_that_it_published() -> None:
    clock = Clock(121)
    async with served(clock=clock) as place:
        await everybody_clears_the_quiz(place)
        digest = (await listed(place, "chief", "C1"))["digest"]
        answer = await said(place, "publish", "C1", id="p1")
        expected = {"id": "p1", "position": answer["position"], "at": text_of_us(clock.us), "official": "C1", "digest": digest}
        expected["judged_otherwise"] = False
        assert answer["published"] == expected
        assert await said(place, "publish", "C1", id="p1") == answer, "sent again"
        assert await listed(place, "corrections", None) == NOTHING | {"published": expected}


async def test_a_ruling_after_publication_is_told_with_before_after_and_reason() -> None:
    clock = Clock(121)
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        clock.to(130)
        await ruled(place, "R2", Override(marks="9.25"), name="r1")
        [notice] = (await listed(place, "corrections", None))["notices"]
        assert (notice["contestant"], notice["because"], notice["at"]) == (
            "A1", {"ruling": "r1", "what": "ruling r1: override", "reason": "seen on video"}, text_of_us(clock.us),
        )  # fmt: skip
        assert (notice["before"]["points"], notice["after"]["points"]) == ("10.5", "9.75")
        assert (notice["before"]["rank"], notice["after"]["rank"]) == (1, 4)
        assert (notice["before"]["medal"], notice["after"]["medal"]) == ("gold", None)
        assert notice["position"] == (await place.stores.ledger.head(CUP)).position
        clock.to(131)
        await ruled(place, "R2", Undo(ActId("r1")), name="r2")
        assert (await listed(place, "corrections", None))["notices"] == [], "as it was published"


async def test_whoever_loses_an_award_because_of_somebody_elses_ruling_hears_why() -> None:
    """A2 becomes the first to clear the quiz: their own work is untouched, and their points change all the same."""
    clock = Clock(121)
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        await ruled(place, "R2", Annul())
        notices = {each["contestant"]: each for each in (await listed(place, "corrections", None))["notices"]}
        assert (notices["A2"]["before"]["points"], notices["A2"]["after"]["points"]) == ("10.3", "10.5")
        assert {each["because"]["ruling"] for each in notices.values()} == {"r1"}


async def test_an_event_that_arrives_after_publication_is_a_correction_too() -> None:
    async with served(clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        late = clear(3, "A2", "final", at="01:50:00Z")
        wired = clear(4, "A2", "wiring", at="01:40:00Z", data={"mohm": "2"})
        await place.post(EVENTS.format(venue="yongjia"), batch(late, wired), "yongjia", source="desk")
        [notice] = (await listed(place, "corrections", None))["notices"]
        assert notice["because"] == {"ruling": None, "what": "clear yongjia/desk#4", "reason": ""}, "nobody wrote a reason"


async def test_a_second_publication_keeps_the_corrections_of_the_first() -> None:
    clock = Clock(121)
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        await ruled(place, "R2", Override(marks="9"), name="r1")
        second = await said(place, "publish", "C1", id="p2")
        shown = await listed(place, "corrections", None)
        assert shown["published"]["position"] == second["position"]
        assert [each["because"]["ruling"] for each in shown["notices"]] == ["r1"]
        await ruled(place, "R2", Override(marks="8"), name="r2")
        shown = await listed(place, "corrections", None)
        assert [(each["because"]["ruling"], each["after"]["points"]) for each in shown["notices"]] == [("r1", "9.5"), ("r2", "8.5")]


async def test_whoever_asks_about_one_contestant_is_told_theirs_alone_before_the_latest_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "NOTICES_MAX", 1)
    clock = Clock(121)
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        await ruled(place, "R2", Annul())
        everything = await listed(place, "corrections", None)
        assert (len(everything["notices"]), everything["more"] > 0) == (1, True)
        for who in ("A1", "A2"):
            alone = await place.get(f"{HERE}/corrections", contestant=who)
            assert [each["contestant"] for each in alone["notices"]] == [who]
            assert (alone["published"], alone["more"]) == (everything["published"], 0)
        assert (await place.get(f"{HERE}/corrections", contestant="nobody"))["notices"] == []


async def test_a_freeze_that_comes_while_corrections_are_found_hides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(document_=ALONE, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        found = publication._told.of

        async def frozen_meanwhile(contest: Contest) -> Any:
            await place.order("freeze", minutes=20)
            return await found(contest)

        monkeypatch.setattr(publication._told, "of", frozen_meanwhile)
        answer = await place.http.get(f"{place.url}{HERE}/corrections", params={"contestant": "A1"})
        assert (answer.status_code, answer.json()["code"]) == (403, "frozen")


async def test_while_the_board_is_frozen_corrections_are_for_officials_and_nothing_is_published() -> None:
    async with served(document_=ALONE, clock=Clock(121)) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        await place.order("freeze", minutes=20)
        answer = await place.http.get(f"{place.url}{HERE}/corrections")
        assert (answer.status_code, answer.json()["code"]) == (403, "frozen")
        for who in ("R2", "C1", "staff"):
            assert (await listed(place, "corrections", who))["published"] is not None
        assert await refusal(place, "publish", "C1", id="p2") == (409, "bad_move")
        await place.order("thaw")
        assert (await listed(place, "corrections", None))["published"] is not None


async def test_only_the_chief_referee_publishes() -> None:
    async with served(clock=Clock(121)) as place:
        assert await refusal(place, "publish", "R2", id="p1") == (403, "not_chief")
        assert await refusal(place, "publish", "staff", id="p1") == (401, "not_logged_in")
        assert (await say(place, "publish", "C1")).json()["code"] == "bad_request"
