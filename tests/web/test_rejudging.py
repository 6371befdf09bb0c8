"""A chief referee edits the rulebook, sees what would change, and lets it hold at one position, or drops it with nothing entered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contests import CUP, Json
from tests.web.places import Place, batch, clear, served

PATH = f"/api/contests/{CUP}/rejudgings"


async def told(place: Place) -> None:
    events = batch(clear(1), clear(2, contestant="A2", at="01:00:30Z"))
    answer = await place.post(f"/api/contests/{CUP}/venues/yongjia/events", events, "yongjia", source="desk")
    assert answer.status_code == 200, answer.text


async def rehearsed(place: Place, who: str = "C1", **order: Any) -> Json:
    """A rejudging that is ready to be looked at."""
    answer = await place.post(PATH, order, who)
    assert answer.status_code == 202, answer.text
    while (found := await place.get(f"{PATH}/{answer.json()['id']}", who))["state"] == "running":
        pass
    return found


async def apply(place: Place, found: Json, who: str = "C1", **order: Any) -> httpx.Response:
    body = {"reason": "the quiz was worth more", "digest": found["effect"]["digest"], **order}
    return await place.post(f"{PATH}/{found['id']}/apply", body, who)


async def quiz_worth(place: Place, points: int) -> Json:
    stages = (await place.get(f"/api/contests/{CUP}/definition", "C1"))["definition"]["stages"]
    return {"changes": {"stages": [{**each, "points": points} if each["id"] == "quiz" else each for each in stages]}}


async def test_what_was_shown_is_what_holds_after_applying() -> None:
    async with served() as place:
        await told(place)
        before = await place.board("staff")
        found = await rehearsed(place, **(await quiz_worth(place, 30)))
        assert (await place.board("staff"))["digest"] == before["digest"], "a preview changes nothing"
        assert {row["contestant"] for row in found["effect"]["rows"]} == {"A1", "A2"}
        assert found["effect"]["rows"][0]["after"]["points"] == "31.5"
        answer = await apply(place, found)
        assert answer.status_code == 200, answer.text
        after = await place.board("staff")
        assert answer.json()["digest"] == found["effect"]["digest"] == after["digest"]
        entry = (await place.get(f"/api/contests/{CUP}/definition", "C1"))["versions"][-1]
        assert (entry["version"], entry["official"], entry["reason"]) == (2, "C1", "the quiz was worth more")
        again = await apply(place, found)
        assert (again.status_code, again.json()["digest"]) == (200, after["digest"]), "sending it again changes nothing"
        back = await rehearsed(place, version=1)
        assert (await apply(place, back)).status_code == 200
        assert (await place.board("staff"))["digest"] == before["digest"], "an earlier version can hold again"


async def test_a_filter_leaves_the_rest_as_it_was_and_says_so() -> None:
    async with served() as place:
        await told(place)
        found = await rehearsed(place, **(await quiz_worth(place, 30)), scope={"contestants": ["A2"], "from": "2026-11-22T01:00:00Z"})
        assert [row["contestant"] for row in found["effect"]["rows"] if row["before"]["points"] != row["after"]["points"]] == ["A2"]
        assert [(each["stage"], each["count"]) for each in found["left_out"]] == [("quiz", 1)]
        assert (await apply(place, found)).json()["digest"] == found["effect"]["digest"]


async def test_what_would_change_something_else_by_now_is_refused_with_the_change() -> None:
    async with served() as place:
        await told(place)
        found = await rehearsed(place, **(await quiz_worth(place, 30)))
        more = batch(clear(3, contestant="A2", at="01:00:02Z", attempt="0"))
        await place.post(f"/api/contests/{CUP}/venues/yongjia/events", more, "yongjia", source="desk")
        refused = await apply(place, found)
        assert (refused.status_code, refused.json()["code"]) == (409, "changed")
        now = refused.json()["effect"]
        assert now["digest"] != found["effect"]["digest"]
        agreed = await apply(place, found, digest=now["digest"])
        assert agreed.json()["digest"] == now["digest"]


async def test_only_one_of_two_rejudgings_of_the_same_version_is_applied() -> None:
    async with served() as place:
        await told(place)
        one, other = [await rehearsed(place, **(await quiz_worth(place, points))) for points in (30, 50)]
        assert (await apply(place, one)).status_code == 200
        late = await apply(place, other)
        assert (late.status_code, late.json()["code"]) == (409, "changed")
        assert (await place.get(f"{PATH}/{other['id']}", "C1"))["state"] == "cancelled"


async def test_a_cancelled_one_cannot_be_applied_and_makes_room() -> None:
    async with served() as place:
        await told(place)
        order = await quiz_worth(place, 30)
        found = [await rehearsed(place, **order) for _ in range(4)]
        full = await place.post(PATH, order, "C1")
        assert (full.status_code, full.json()["code"]) == (409, "too_many_rejudgings")
        dropped = await place.http.delete(f"{place.url}{PATH}/{found[0]['id']}", headers=place.bearer("C1"))
        assert dropped.json()["state"] == "cancelled"
        assert (await apply(place, found[0])).json()["code"] == "not_ready"
        assert (await place.post(PATH, order, "C1")).status_code == 202


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"changes": {}, "version": 1}, 400, "bad_request"),
        ({"changes": {"total": {"rule": "no_such_rule"}}}, 400, "bad_definition"),
        ({"toml": "format = "}, 400, "bad_definition"),
        ({"toml": "format = " + "9" * 5_000}, 400, "bad_definition"),
        ({"version": 9}, 404, "unknown_version"),
        ({"changes": {}, "scope": {"planet": "x"}}, 400, "bad_request"),
    ],
)
async def test_what_cannot_be_adopted_is_refused_with_its_faults(order: Json, status: int, code: str) -> None:
    async with served() as place:
        answer = await place.post(PATH, order, "C1")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_toml_keeps_who_takes_part() -> None:
    async with served() as place:
        await told(place)
        toml = """
            format = 1
            [contest]
            id = "cup"
            name = "Cup"
            starts = 2026-11-22T01:00:00Z
            minutes = 120
            [[venues]]
            id = "yongjia"
            [[venues]]
            id = "yueqing"
            [[stages]]
            id = "quiz"
            points = 40
        """
        found = await rehearsed(place, toml=toml)
        assert {row["contestant"]: row["after"]["points"] for row in found["effect"]["rows"]} == {"A1": "40", "A2": "40"}


@pytest.mark.parametrize("who", [None, "yongjia", "staff", "R1"])
async def test_only_the_chief_referee_rejudges(who: str | None) -> None:
    async with served() as place:
        await told(place)
        answer = await place.post(PATH, {"changes": {}}, who)
        assert answer.status_code == (403 if who == "R1" else 401)
        found = await rehearsed(place, **(await quiz_worth(place, 30)))
        assert (await apply(place, found, who or "nobody")).status_code in (401, 403)
        assert (await place.board("staff"))["state"]["definition"] == 1
