"""A case holds everything as it was and as it is; what is sent again after a lost answer is entered once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contest_server.core.facts import Draft, Event, SourceId
from contest_server.core.ids import AttemptId, ContestantId, StageId, VenueId
from tests.contests import CUP, START_US, Json, document
from tests.web.marking import HERE
from tests.web.places import EVENTS, Place, batch, clear, served
from tests.web.stating import ALONE, head, said, say

CODE = {"code": "evidence_reviewed", "reason": "seen on video"}


async def told(place: Place, *events: Json) -> None:
    answer = await place.post(EVENTS.format(venue="yongjia"), batch(*events), "yongjia", source="desk")
    assert answer.status_code == 200, answer.text


async def case_of(place: Place, contestant: str = "A1", stage: str = "quiz", who: str = "R2") -> Json:
    return await place.get(f"{HERE}/cases/{contestant}/{stage}", who)


def about(case: Json, attempt: str | None = "1") -> Json:
    return {"contestant": case["contestant"], "stage": case["stage"], "attempt": attempt, "basis": case["basis"], **CODE}


async def test_the_timeline_tells_when_things_happened_by_the_device_by_the_server_and_when_they_arrived() -> None:
    """A device that is 70 s ahead, measured within 2 ms: its time is corrected by whole steps of 100 ms."""
    ahead = Event(
        SourceId("yongjia/fast"), 1, VenueId("yongjia"), "clear", START_US + 75_000_000, ContestantId("A1"), StageId("quiz"),
        AttemptId("1"), {}, 70_000_250, 2_000,
    )  # fmt: skip
    violation = {"seq": 1, "kind": "violation", "contestant": "A1", "at": "2026-11-22T01:00:02Z", "data": {"code": "helmet"}}
    async with served(document_=document(clock={"correct": True})) as place:
        await place.stores.ledger.append(CUP, [Draft(START_US + 9_000_000, "yongjia", ahead, ahead.source, 1)])
        await told(place, violation)
        case = await case_of(place)
        rows = [
            {key: each[key] for key in ("at", "raw", "received", "offset_ms", "error_ms", "kind", "position")} for each in case["timeline"]
        ]
        assert rows[1] == {
            "at": "2026-11-22T01:00:05.000Z", "raw": "2026-11-22T01:01:15.000Z", "received": "2026-11-22T01:00:09.000Z",
            "offset_ms": 70_000.25, "error_ms": 2.0, "kind": "clear", "position": 2,
        }  # fmt: skip
        assert (rows[0]["kind"], rows[0]["at"], rows[0]["offset_ms"]) == ("violation", "2026-11-22T01:00:02.000Z", None)
        assert case["timeline"][0]["what"] == "helmet"
        assert all(each["position"] for each in case["timeline"])


async def test_every_judgement_stays_in_the_case_and_one_of_each_attempt_is_current() -> None:
    async with served(document_=ALONE) as place:
        await told(place, clear(1))
        await said(place, "rulings", "R2", id="r1", action={"verb": "annul"}, **about(await case_of(place)))
        await said(place, "rulings", "R2", id="u1", action={"verb": "undo", "act": "r1"}, **CODE)
        case = await case_of(place)
        told_ = [
            (each["version"], each["state"], each["points"], each["because"], each["by"], each["current"]) for each in case["judgements"]
        ]
        assert told_ == [
            (1, "clean", "10", "clear yongjia/desk#1", None, False),
            (2, "bad", "0", "ruling r1: annul", "R2", False),
            (3, "clean", "10", "ruling u1 undoes r1", "R2", True),
        ]
        assert [(each["id"], each["state"], each["undone_by"]) for each in case["rulings"]] == [
            ("r1", "undone", "u1"), ("u1", "in_force", None),
        ]  # fmt: skip
        assert [(each["kind"], each["what"]) for each in case["timeline"]][1:] == [
            ("ruled", "ruling r1: annul"),
            ("ruled", "ruling u1 undoes r1"),
        ]


@pytest.mark.parametrize("path", ["A1/quiz", "A1/attic", "Z9/quiz", "A1/%00"])
async def test_where_there_is_no_work_there_is_no_case(path: str) -> None:
    async with served() as place:
        answer = await place.http.get(f"{place.url}{HERE}/cases/{path}", headers=place.bearer("R2"))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_attempt")


async def test_other_peoples_events_do_not_change_what_a_decision_is_based_on_and_ones_own_do() -> None:
    async with served() as place:
        await told(place, clear(1))
        basis = (await case_of(place))["basis"]
        await told(place, clear(2, "A2"), clear(3, "A1", stage="wiring", data={"mohm": "2"}))
        assert (await case_of(place))["basis"] == basis
        await told(place, clear(4, attempt="2"))
        assert (await case_of(place))["basis"] != basis


async def test_a_ruling_whose_answer_was_lost_is_entered_once_and_answered_the_same() -> None:
    """The connection ends right after the ruling was sent; the page sends it again, five times at once."""
    async with served(document_=ALONE) as place:
        await told(place, clear(1))
        order = {"id": "r1", "action": {"verb": "penalise", "marks": "1"}, **about(await case_of(place))}
        before = await head(place)
        await _and_hang_up(place, "rulings", order)
        answers = await asyncio.gather(*(place.post(f"{HERE}/rulings", order, "R2") for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        entered = await place.stores.ledger.read(CUP, before)
        assert [entry.position for entry in entered] == [answers[0].json()["position"]]


async def _and_hang_up(place: Place, path: str, body: Json) -> None:
    host, _, port = place.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    content = json.dumps(body).encode()
    lines = [
        f"POST {HERE}/{path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {place.secrets['R2']}", "Content-Type: application/json",
        f"Content-Length: {len(content)}", "", "",
    ]  # fmt: skip
    writer.write("\r\n".join(lines).encode() + content)
    await writer.drain()
    writer.transport.abort()


async def test_a_hold_from_now_on_that_is_sent_again_begins_when_it_was_sent_first() -> None:
    async with served() as place:
        await told(place, clear(1))
        order = {"id": "h1", "stage": "quiz", "action": {"verb": "hold"}, "code": "venue_stoppage", "reason": "the power went"}
        first = await place.post(f"{HERE}/rulings", order, "C1")
        again = await place.post(f"{HERE}/rulings", order, "C1")
        assert (first.status_code, again.status_code) == (200, 200), again.text
        assert first.json() == again.json()
        assert first.json()["ruling"]["action"] == {"verb": "hold", "from": first.json()["ruling"]["at"]}


@pytest.mark.parametrize(
    "action",
    [
        {"verb": "hold", "from": "0001-01-01T00:00:00+14:00"},
        {"verb": "hold", "from": "9999-12-31T23:59:59-14:00"},
        {"verb": "hold", "from": 5},
        {"verb": "hold", "from": "2026-11-22T01:00:00"},
        {"verb": "hold", "from_us": 5},
        {"verb": "remove", "from": "2026-11-22T01:00:00Z", "to": "2300-01-01T00:00:00Z"},
        {"verb": "remove", "from": "2026-11-22T01:00:00Z"},
        {"verb": "confirm", "marks": "1"},
        {"verb": "undo", "act": "x" * 65},
        {"marks": "1"},
        [],
        None,
    ],
    ids=range(12),
)
async def test_an_action_that_is_no_action_is_refused_by_field_and_enters_nothing(action: Any) -> None:
    async with served() as place:
        await told(place, clear(1))
        before = await head(place)
        answer = await say(place, "rulings", "C1", id="r1", stage="quiz", action=action, **CODE)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert answer.json()["detail"].startswith("body.action")
        assert await head(place) == before


async def test_times_of_a_ruling_travel_as_text_and_come_back_as_they_were_meant() -> None:
    async with served() as place:
        await told(place, clear(1, at="01:30:00Z"))
        action = {"verb": "remove", "from": "2026-11-22T09:10:00+08:00", "to": "2026-11-22T01:20:00.5Z", "venue": "yongjia"}
        preview = await said(place, "rulings/preview", "C1", id="r1", action=action, **CODE)
        answer = await said(place, "rulings", "C1", id="r1", action=action, **CODE)
        assert answer["ruling"]["action"] == {
            "verb": "remove", "from": "2026-11-22T01:10:00.000Z", "to": "2026-11-22T01:20:00.500Z", "venue": "yongjia",
        }  # fmt: skip
        assert answer["ruling"]["state"] == "in_force"
        assert (await case_of(place))["explanation"]["attempts"][0]["time_ms"] == (30 * 60 - 10 * 60) * 1_000 - 500
        assert [each["after"]["time_ms"] for each in preview["effect"]["rows"]] == [1_199_500]


async def test_a_referee_stops_the_clock_of_a_contestant_now_and_another_starts_it() -> None:
    async with served() as place:
        await told(place, clear(1))
        order = {"id": "s1", "contestant": "A1", "action": {"verb": "stop_clock"}, "code": "device_fault", "reason": "set up again"}
        stop = await place.post(f"{HERE}/rulings", order, "R1")
        assert stop.status_code == 200, stop.text
        assert stop.json()["ruling"]["action"] == {"verb": "stop_clock", "from": stop.json()["ruling"]["at"], "to": None}
        assert "clock_stopped" in [each["code"] for each in (await place.get(f"{HERE}/chief", "C1"))["reasons"]]
        start = {**order, "id": "s2", "action": {"verb": "start_clock"}}
        answer = await place.post(f"{HERE}/rulings", start, "R2")
        assert answer.json()["ruling"]["action"] == {"verb": "start_clock", "at": answer.json()["ruling"]["at"]}
        assert (await place.post(f"{HERE}/rulings", start, "R2")).json() == answer.json(), "sent again, it is the same"
        again = (await place.post(f"{HERE}/rulings", order, "R1")).json()["ruling"]
        assert again["action"] == {"verb": "stop_clock", "from": again["at"], "to": answer.json()["ruling"]["at"]}
        refused = await place.post(f"{HERE}/rulings", {**start, "id": "s3"}, "R2")
        assert (refused.status_code, refused.json()["code"]) == (409, "changed")
        assert "clock_stopped" not in [each["code"] for each in (await place.get(f"{HERE}/chief", "C1"))["reasons"]]


async def test_a_clock_that_stood_still_a_while_ago_is_for_the_chief() -> None:
    """A referee stops it now; time that is over is taken out by the chief, as by `remove`."""
    async with served() as place:
        await told(place, clear(1))
        base = {"contestant": "A1", "code": "device_fault", "reason": "it had stood still"}
        for verb, moment, second in (("stop_clock", "from", 1), ("start_clock", "at", 5)):
            order = {**base, "id": verb, "action": {"verb": verb, moment: f"2026-11-22T09:00:0{second}Z"}}
            refused = await place.post(f"{HERE}/rulings", order, "R1")
            assert (refused.status_code, refused.json()["code"]) == (403, "not_chief"), refused.text
            assert (await place.post(f"{HERE}/rulings", order, "C1")).status_code == 200


async def test_an_answer_to_questions_that_are_gone_says_so_also_where_there_is_no_case_to_show() -> None:
    async with served() as place:
        answer = await say(
            place, "rulings", "R2", id="c1", contestant="A1", stage="quiz", action={"verb": "confirm"}, flags=["0" * 16], **CODE
        )
        assert (answer.status_code, answer.json()["code"], answer.json()["case"]) == (409, "changed", None)


async def test_a_whole_device_is_answered_by_the_keys_of_its_case() -> None:
    """Twelve attempts of one device whose clock is off are one case; one answer to all its questions closes it."""
    people = [{"id": f"C{n:02}", "venue": "yongjia"} for n in range(12)]
    drafts = []
    for n, person in enumerate(people):
        who = ContestantId(person["id"])
        fact = Event(
            SourceId("yongjia/slow"), n + 1, VenueId("yongjia"), "clear", START_US + n * 9_000_000, who, StageId("quiz"),
            AttemptId("1"), {}, -70_000_000, 2_000,
        )  # fmt: skip
        drafts.append(Draft(START_US, "yongjia", fact, fact.source, fact.seq))
    async with served(document_=document(contestants=people)) as place:
        await place.stores.ledger.append(CUP, drafts)
        async with place.reviews("R2") as referee:
            queue = await referee.until(lambda queue: any(each["source"] for each in queue["cases"]))
            [device] = [each for each in queue["cases"] if each["source"]]
            assert (device["source"], device["count"], device["contestant"]) == ("yongjia/slow", len(device["keys"]), None)
            assert device["count"] >= 12
            await said(place, "rulings", "R2", id="c1", action={"verb": "confirm"}, flags=device["keys"], **{**CODE, "code": "clock_fault"})
            after = await referee.until(lambda queue: not any(each["source"] for each in queue["cases"]))
            assert after["counts"]["block"] <= queue["counts"]["block"]


async def test_of_many_rows_that_a_ruling_moves_200_are_shown_and_the_others_counted() -> None:
    people = [{"id": f"C{n:03}", "venue": "yongjia"} for n in range(230)]
    async with served(document_=document(contestants=people)) as place:
        await told(place, *(clear(n + 1, f"C{n:03}", at="01:30:00Z") for n in range(230)))
        action = {"verb": "remove", "from": "2026-11-22T01:10:00Z", "to": "2026-11-22T01:20:00Z"}
        effect = (await said(place, "rulings/preview", "C1", id="r1", action=action, **CODE))["effect"]
        assert (len(effect["rows"]), effect["more"]) == (200, 30)
