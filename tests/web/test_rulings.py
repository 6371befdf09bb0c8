"""Referees look at a case and decide on it: once, on what they saw, never on their own people, never alone where two are needed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from contest_server.core import contest_flags
from tests.contests import CUP, Json, document
from tests.web.places import Place, batch, clear, served

PATH = f"/api/contests/{CUP}"


async def told(place: Place) -> None:
    """A1 and A2 cleared the quiz at Yongjia, B2 at Yueqing; A1 pressed twice."""
    here = batch(clear(1), clear(2, contestant="A2", at="01:00:30Z"), clear(3, attempt="2", at="01:00:09Z"))
    there = batch(clear(1, contestant="B2", at="01:01:00Z"))
    for venue, events in (("yongjia", here), ("yueqing", there)):
        answer = await place.post(f"{PATH}/venues/{venue}/events", events, venue, source="desk")
        assert answer.status_code == 200, answer.text


async def case_of(place: Place, contestant: str = "A1", stage: str = "quiz", who: str = "R2") -> Json:
    return await place.get(f"{PATH}/cases/{contestant}/{stage}", who)


def wish(case: Json | None, name: str = "r1", verb: str = "annul", attempt: str | None = "1", **more: Any) -> Json:
    action = {"verb": verb, **more.pop("does", {})}
    about = {} if case is None else {"contestant": case["contestant"], "stage": case["stage"], "basis": case["basis"]}
    return {"id": name, **about, "attempt": attempt, "action": action, "code": "evidence_reviewed", "reason": "seen on video", **more}


async def rule(place: Place, order: Json, who: str = "R2", path: str = "rulings") -> httpx.Response:
    return await place.post(f"{PATH}/{path}", order, who)


async def test_a_case_says_everything_that_a_decision_needs() -> None:
    async with served() as place:
        await told(place)
        case = await case_of(place)
        assert case["explanation"]["points"] == "10.5"
        assert [flag["code"] for flag in case["flags"]] == ["duplicate"]
        assert case["flags"][0]["suggestion"]
        assert case["judgement"] == {
            "state": "questionable", "life": "provisional", "progress": "scored", "attempts": {"1": "clean", "2": "questionable"},
        }  # fmt: skip
        assert [(each["kind"], each["source"], each["seq"]) for each in case["timeline"]] == [
            ("clear", "yongjia/desk", 1), ("clear", "yongjia/desk", 3),
        ]  # fmt: skip
        assert [(each["attempt"], each["version"], each["current"]) for each in case["judgements"]] == [("1", 1, True), ("2", 1, True)]


async def test_a_preview_changes_nothing_and_says_what_the_ruling_then_does() -> None:
    async with served() as place:
        await told(place)
        case = await case_of(place, "A2")
        before = await place.board("staff")
        seen = (await rule(place, wish(case, does={"outcome": "rejected"}, verb="override"), path="rulings/preview")).json()
        assert (await place.board("staff"))["to"] == before["to"]
        answer = (await rule(place, wish(case, does={"outcome": "rejected"}, verb="override"))).json()
        assert answer["ruling"]["needs"] == seen["needs"] != []
        assert (answer["ruling"]["state"], (await place.board("staff"))["digest"]) == ("waiting", before["digest"])
        approved = await rule(place, {"id": "s1", "approve": True}, "R3", "rulings/r1/second")
        assert approved.json()["ruling"]["state"] == "in_force"
        after = await place.board("staff")
        assert after["digest"] == seen["effect"]["digest"]
        ranks = {row["id"]: row["rank"] for row in after["rows"]}
        assert {row["contestant"]: row["after"]["rank"] for row in seen["effect"]["rows"]}.items() <= ranks.items()


async def test_of_two_referees_who_decide_on_the_same_case_one_is_shown_what_changed() -> None:
    async with served() as place:
        await told(place)
        case = await case_of(place)
        first, second = await asyncio.gather(
            rule(place, wish(case, "r1"), "R2"), rule(place, wish(case, "r2", "penalise", does={"marks": "1"}), "R3")
        )
        codes = sorted([first.status_code, second.status_code])
        assert codes == [200, 409]
        refused = next(each for each in (first, second) if each.status_code == 409).json()
        assert refused["code"] == "changed"
        assert refused["case"]["basis"] != case["basis"]
        assert len(refused["case"]["rulings"]) == 1
        again = await rule(place, wish(refused["case"], "r9", "confirm", attempt="1"), "R3")
        assert again.status_code == 200, again.text


async def test_sending_a_ruling_again_gives_the_same_answer_and_enters_it_once() -> None:
    async with served() as place:
        await told(place)
        order = wish(await case_of(place), verb="penalise", does={"marks": "0.25"})
        first, again = (await rule(place, order)).json(), (await rule(place, order)).json()
        assert first["position"] == again["position"]
        other = await rule(place, {**order, "reason": "another reason"})
        assert (other.status_code, other.json()["code"]) == (409, "id_taken")
        undone = await rule(place, wish(None, "u1", "undo", None, does={"act": "r1"}))
        assert undone.status_code == 200, undone.text
        assert (await rule(place, order)).json()["ruling"]["state"] == "undone", "sent again after it was undone, it stays undone"


async def test_nobody_rules_on_their_own_people_and_that_they_tried_is_told() -> None:
    async with served() as place:
        await told(place)
        case = await case_of(place, "B2", who="R1")
        assert case["recused"] is True
        refused = await rule(place, wish(case), "R1")
        assert (refused.status_code, refused.json()["code"]) == (403, "recused")
        flags = (await place.get(f"{PATH}/flags", "staff"))["flags"]
        assert [(each["code"], each["contestant"], each["seen"]) for each in flags if each["rule"] == "recusal"] == [
            ("own_unit", "B2", "R1")
        ]
        assert (await rule(place, wish(await case_of(place, "B2")), "R2")).status_code == 200


async def test_nobody_approves_their_own_decision() -> None:
    async with served() as place:
        await told(place)
        assert (await rule(place, wish(await case_of(place, "A2")))).json()["ruling"]["state"] == "waiting"
        own = await rule(place, {"id": "s1", "approve": True}, "R2", "rulings/r1/second")
        assert (own.status_code, own.json()["code"]) == (403, "own_decision")
        rejected = await rule(place, {"id": "s2", "approve": False, "reason": "the video shows it"}, "C1", "rulings/r1/second")
        assert rejected.json()["ruling"]["state"] == "rejected"
        late = await rule(place, {"id": "s3", "approve": True}, "R3", "rulings/r1/second")
        assert (late.status_code, late.json()["code"]) == (409, "changed")


@pytest.mark.parametrize(
    ("about", "action"),
    [
        ("A2", {"verb": "disqualify"}),
        ("A2", {"verb": "status", "status": "dnf"}),
        ("A2", {"verb": "stop_clock", "from": "2026-11-22T01:00:01Z"}),
        (None, {"verb": "undo", "act": "r1"}),
    ],
    ids=lambda each: each["verb"] if isinstance(each, dict) else None,
)
async def test_the_second_person_sees_what_waits_for_them_though_they_may_not_order_it(about: str | None, action: Json) -> None:
    """The page sends back what the list of rulings says of it."""
    policy = {"second_points": "0.1"}
    async with served(document_=document(referees=policy)) as place:
        await told(place)
        assert (await rule(place, wish(await case_of(place, "A2"), "r1", "penalise", None, does={"marks": "3"}), "R3")).status_code == 200
        assert (await rule(place, {"id": "s1", "approve": True}, "R2", "rulings/r1/second")).status_code == 200
        order = wish(None, "w1", attempt=None, contestant=about) | {"action": action}
        waits = (await rule(place, order, "C1")).json()["ruling"]
        assert waits["state"] == "waiting"
        look = {name: waits[name] for name in ("contestant", "stage", "attempt", "action", "code", "reason", "flags")}
        seen = await rule(place, {"id": "look", **look, "basis": None, "appeal": None}, "R2", "rulings/preview")
        assert seen.status_code == 200, seen.text
        assert seen.json()["effect"]["rows"]
        assert (await rule(place, {"id": "s2", "approve": True}, "R2", "rulings/w1/second")).status_code == 200


async def test_a_stop_that_waits_says_nothing_of_another_that_is_in_force_since_the_same_moment() -> None:
    """Until when that one lasts is not what the one that waits would order."""
    async with served(document_=document(referees={"second_points": "0.1"})) as place:
        await told(place)
        order = wish(None, "w1", attempt=None, contestant="A2") | {"action": {"verb": "stop_clock", "from": "2026-11-22T01:00:01Z"}}
        for name in ("w1", "w2"):
            assert (await rule(place, {**order, "id": name}, "C1")).json()["ruling"]["state"] == "waiting"
        assert (await rule(place, {"id": "s1", "approve": True}, "R2", "rulings/w1/second")).status_code == 200
        rulings = {each["id"]: each for each in (await place.get(f"{PATH}/rulings", "R2"))["rulings"]}
        assert [rulings[name]["state"] for name in ("w1", "w2")] == ["in_force", "waiting"]
        assert ["to" in rulings[name]["action"] for name in ("w1", "w2")] == [True, False]


async def test_no_survey_is_asked_while_the_desk_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(*_: Any) -> Any:
        raise AssertionError("asked at once")

    monkeypatch.setattr(contest_flags, "_survey_flags", at_once)
    async with served() as place:
        await told(place)
        case = await case_of(place)
        unknown = await rule(place, wish(case, "r1", "confirm", None, flags=["0" * 16]))
        assert (unknown.status_code, unknown.json()["code"]) == (409, "changed")
        keys = [flag["key"] for flag in case["flags"]]
        assert (await rule(place, wish(case, "r2", "confirm", None, flags=keys))).status_code == 200


async def test_a_questions_answer_takes_it_off_the_list_until_it_is_undone() -> None:
    async with served() as place:
        await told(place)
        case = await case_of(place)
        keys = [flag["key"] for flag in case["flags"]]
        assert (await rule(place, wish(case, "r1", "confirm", None, flags=keys))).status_code == 200
        answered = await case_of(place)
        assert answered["flags"][0]["answer"]["official"] == "R2"
        assert (answered["judgement"]["state"], answered["judgement"]["life"]) == ("clean", "accepted")
        unknown = await rule(place, wish(answered, "r2", "confirm", None, flags=["0" * 16]))
        assert (unknown.status_code, unknown.json()["code"]) == (409, "changed")
        foreign = await rule(place, wish(None, "u1", "undo", None, does={"act": "r1"}), "R3")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "not_yours")
        await rule(place, wish(None, "u1", "undo", None, does={"act": "r1"}), "C1")
        assert (await case_of(place))["judgement"]["state"] == "questionable"


async def test_the_report_counts_overrides() -> None:
    async with served() as place:
        await told(place)
        order = wish(await case_of(place), verb="override", does={"marks": "9.5"})
        assert (await rule(place, order)).status_code == 200
        report = await place.get(f"{PATH}/rulings", "C1")
        waiting = report["rulings"][0]["state"] == "waiting"
        if waiting:
            await rule(place, {"id": "s1", "approve": True}, "R3", "rulings/r1/second")
        report = await place.get(f"{PATH}/rulings", "C1", verb="override")
        assert report["overrides"]["by_official"] == {"R2": 1}
        assert report["overrides"]["by_rule"] == {"stage": 1}
        assert report["overrides"]["judgements"] == 3
        assert report["rulings"][0]["summary"]["zh"] == "改判：9.5 分"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "x"}, "bad_ruling"),
        ({"basis": None}, "bad_ruling"),
        ({"attempt": "7"}, "unknown_attempt"),
        ({"contestant": "Z9"}, "unknown_contestant"),
        ({"stage": "attic"}, "unknown_stage"),
        ({"action": {"verb": "override", "marks": "99"}}, "bad_ruling"),
        ({"action": {"verb": "override", "marks": "1", "outcome": "free"}}, "bad_ruling"),
        ({"action": {"verb": "override", "marks": "1e3"}}, "bad_request"),
        ({"action": {"verb": "penalise"}}, "bad_ruling"),
        ({"action": {"verb": "explode"}}, "bad_request"),
        ({"action": {"verb": "status", "status": "dnf"}, "stage": None, "attempt": None}, "not_chief"),
        ({"action": {"verb": "hold"}, "contestant": None, "attempt": None}, "not_chief"),
        ({"action": {"verb": "reopen"}, "contestant": None, "stage": None, "attempt": None}, "not_final"),
        ({"code": "because"}, "bad_request"),
        ({"id": "a b"}, "bad_request"),
        ({"action": {"verb": "undo", "act": "none"}, "contestant": None, "stage": None, "attempt": None}, "unknown_act"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name_and_enters_nothing(change: Json, code: str) -> None:
    async with served() as place:
        await told(place)
        order = {**wish(await case_of(place)), **change}
        position = (await place.board("staff"))["to"]
        answer = await rule(place, order)
        assert (answer.json()["code"], answer.status_code >= 400) == (code, True), answer.text
        assert (await place.board("staff"))["to"] == position


@pytest.mark.parametrize("who", [None, "yongjia", "staff", "admin"])
async def test_only_officials_look_at_cases_and_rule(who: str | None) -> None:
    async with served() as place:
        await told(place)
        order = wish(await case_of(place))
        for answer in (await rule(place, order, who or "nobody"), await rule(place, order, who or "nobody", "rulings/preview")):
            assert answer.status_code == 401
        got = await place.http.get(f"{place.url}{PATH}/cases/A1/quiz", headers=place.bearer(who))
        assert got.status_code == 401
