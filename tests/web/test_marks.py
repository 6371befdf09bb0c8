"""Referees mark alone: nobody sees another's mark, wherever they look, until all are in; then everybody does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.contests import Json
from tests.web.marking import HERE, given, mark, marked_document, wire
from tests.web.places import Place, served

CANARY, ENTRY = "2.718281", "31337.25"


async def tasks(place: Place, who: str) -> list[Json]:
    return (await place.get(f"{HERE}/marks", who))["tasks"]  # type: ignore[no-any-return]


async def test_what_is_to_be_marked_is_what_was_handed_in_by_others_than_ones_own_people() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        found = await tasks(place, "R2")
        assert [(each["contestant"], each["aspect"], each["kind"], each["panel"], each["maximum"]) for each in found] == [
            ("A1", "order", "panel", 3, "6"), ("A1", "craft", "panel", 3, "5"), ("A1", "length", "double_entry", 2, "2"),
            ("B2", "order", "panel", 3, "6"), ("B2", "craft", "panel", 3, "5"), ("B2", "length", "double_entry", 2, "2"),
        ]  # fmt: skip
        assert {each["contestant"] for each in await tasks(place, "R1")} == {"A1"}, "R1 works for the employer of B2"


async def test_ones_own_mark_is_shown_and_can_be_given_anew_until_all_are_in() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        assert (await given(place, "R2", "1"))["complete"] is False
        assert (await given(place, "R2", "2", name="m2"))["complete"] is False
        [mine] = [each for each in await tasks(place, "R2") if each["contestant"] == "A1" and each["aspect"] == "order"]
        assert (mine["mine"], mine["in"], mine["complete"]) == ("2", 1, False)
        [theirs] = [each for each in await tasks(place, "R3") if each["contestant"] == "A1" and each["aspect"] == "order"]
        assert (theirs["mine"], theirs["in"], theirs["complete"]) == (None, 1, False)
        await given(place, "R1", "3")
        assert (await given(place, "R3", "3"))["complete"] is True
        late = await mark(place, "R2", "3", name="m3")
        assert (late.status_code, late.json()["code"]) == (409, "complete")
        assert (await tasks(place, "R2"))[-1]["complete"], "what is complete comes last"


async def test_what_waits_for_ones_own_mark_comes_first() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        await given(place, "R2", "1")
        shown = [(each["contestant"], each["aspect"]) for each in await tasks(place, "R2")]
        assert shown[0] == ("A1", "craft")
        assert shown[-1] == ("A1", "order")


async def everything(place: Place, who: str | None) -> dict[str, str]:
    """Every answer that may be had about the work of A1, and what the socket of the queue says."""
    paths = [
        "cases", "cases/A1/wiring", "flags", "scores/A1/wiring", "rulings", "marks", "chief", "appeals", "signoffs", "corrections",
        "samples", "board", "board?audience=staff", "roster", "definition", "",
    ]  # fmt: skip
    head = (await place.stores.ledger.head("cup")).position  # type: ignore[arg-type]
    paths += [f"entries/{position}" for position in range(1, head + 1)]
    preview = {"id": "p1", "contestant": "A1", "stage": "wiring", "attempt": "1", "action": {"verb": "annul"}, "code": "other"}
    heard = {}
    for path in paths:
        address = f"{place.url}{HERE}/{path}".rstrip("/")
        heard[path] = (await place.http.get(address, headers=place.bearer(who))).text
    heard["preview"] = (await place.post(f"{HERE}/rulings/preview", {**preview, "reason": "to see"}, who)).text
    stale = {**preview, "basis": "stale", "reason": "to see"}
    heard["changed"] = (await place.post(f"{HERE}/rulings", stale, who)).text
    if who in ("R1", "R2", "R3", "C1"):
        async with place.reviews(who) as referee:
            heard["reviews"] = json.dumps(await referee.hear("queue"))
    return heard


def where(heard: dict[str, str], canary: str) -> set[str]:
    return {path for path, text in heard.items() if canary in text}


async def test_a_mark_is_found_nowhere_by_anybody_else_until_all_are_in() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place, "A1")
        position = (await given(place, "R2", CANARY, aspect="craft"))["position"]
        entry = (await given(place, "R2", ENTRY, aspect="length"))["position"]
        await given(place, "R1", "3", aspect="craft")
        for who in (None, "yongjia", "staff", "admin", "R1", "R3", "C1"):
            heard = await everything(place, who)
            assert where(heard, CANARY) == where(heard, ENTRY) == set(), who
        own = await everything(place, "R2")
        assert where(own, CANARY) == {"cases/A1/wiring", "marks", f"entries/{position}", "changed"}
        assert where(own, ENTRY) == {"cases/A1/wiring", "marks", f"entries/{entry}", "changed"}
        assert (await given(place, "R3", "3", aspect="craft"))["complete"] is True
        seen = await everything(place, "R1")
        assert {"cases/A1/wiring", "scores/A1/wiring", f"entries/{position}"} <= where(seen, CANARY)
        case = await place.get(f"{HERE}/cases/A1/wiring", "R1")
        [craft] = [each for each in case["marks"] if each["aspect"] == "craft"]
        assert craft["marks"] == [{"official": "R1", "value": "3"}, {"official": "R2", "value": CANARY}, {"official": "R3", "value": "3"}]


async def test_of_two_entries_that_differ_nobody_learns_the_other_and_a_third_decides() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place, "A1")
        await given(place, "R2", ENTRY, aspect="length")
        assert (await given(place, "R3", "5", aspect="length"))["complete"] is False
        for who in ("R1", "R3", "C1", "staff", None):
            assert where(await everything(place, who), ENTRY) == set(), who
        flags = (await place.get(f"{HERE}/flags", "R1"))["flags"]
        [asked] = [each for each in flags if each["code"] == "double_entry_mismatch"]
        assert (asked["severity"], asked["seen"]) == ("block", ["mark m-R2-A1-length of R2", "mark m-R3-A1-length of R3"])
        assert (await given(place, "R1", f"{ENTRY}0", aspect="length"))["complete"] is True, "equal numbers are equal"
        assert ENTRY in json.dumps(await place.get(f"{HERE}/scores/A1/wiring", "R3"))


async def test_the_same_mark_sent_again_is_given_once_and_gets_the_same_answer() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        answers = await asyncio.gather(*(given(place, "R2", "2") for _ in range(5)))
        assert len({json.dumps(each) for each in answers}) == 1
        other = await mark(place, "R2", "3")
        assert (other.status_code, other.json()["code"]) == (409, "id_taken")
        assert sum(each["in"] for each in await tasks(place, "R3") if each["aspect"] == "order") == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"value": "4"}, 400, "bad_mark"),
        ({"value": "2.5"}, 400, "bad_mark"),
        ({"value": "1", "aspect": "craft", "attempt": "1", "stage": "quiz"}, 400, "bad_mark"),
        ({"value": "-1"}, 400, "bad_mark"),
        ({"value": "NaN"}, 400, "bad_mark"),
        ({"value": "good"}, 400, "bad_mark"),
        ({"value": ""}, 400, "bad_request"),
        ({"value": "1" * 201}, 400, "bad_request"),
        ({"value": 2}, 400, "bad_request"),
        ({"aspect": "insulation"}, 400, "bad_mark"),
        ({"stage": "attic"}, 404, "unknown_stage"),
        ({"contestant": "Z9"}, 404, "unknown_contestant"),
        ({"attempt": "7"}, 404, "unknown_attempt"),
        ({"attempt": None}, 400, "bad_mark"),
        ({"contestant": None}, 400, "bad_mark"),
        ({"contestant": None, "code": "K1"}, 400, "bad_mark"),
        ({"official": "R3"}, 400, "bad_request"),
        ({"id": ""}, 400, "bad_request"),
    ],
)
async def test_a_mark_that_makes_no_sense_is_refused_by_name(change: dict[str, Any], status: int, code: str) -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        about = {"id": "m1", "contestant": "A1", "stage": "wiring", "attempt": "1", "aspect": "order", "value": "2"}
        answer = await place.post(f"{HERE}/marks", {**about, **change}, "R2")
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert set(answer.json()) == {"code", "detail"}


async def test_nobody_marks_their_own_people_and_that_they_tried_is_told() -> None:
    async with served(document_=marked_document()) as place:
        await wire(place)
        refused = await mark(place, "R1", "3", "B2")
        assert (refused.status_code, refused.json()["code"]) == (403, "recused")
        flags = (await place.get(f"{HERE}/flags", "R2"))["flags"]
        assert [(each["contestant"], each["seen"]) for each in flags if each["code"] == "own_unit"] == [("B2", "R1")]
