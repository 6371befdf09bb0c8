"""Points beside what is made of them, while the contest runs: for staff at once, for everybody once the result is published."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contest_server.core.conversions import figures_of, standing_of
from contest_server.core.judging import Converted
from contest_server.web import conversions
from contest_server.web.converted import Made, made_of
from tests.contests import CUP, Json, document, folded
from tests.web.places import Place, clear, served
from tests.web.screening import HERE
from tests.web.stating import Clock, said

PATH = f"{HERE}/conversions"
LEVEL: Json = {"rule": "venue_fairness", "adjust": "percentile"}
DOCUMENT = document(conversions=[LEVEL, {"rule": "season_points"}, {"rule": "team"}])


async def cleared(place: Place) -> None:
    async with place.venue() as one, place.venue("yueqing") as other:
        await one.send(clear(1, "A1"), clear(2, "A2", at="01:00:09Z"), clear(3, "A2", stage="wiring", at="01:10:00Z", data={"mohm": "2"}))
        await other.send(clear(1, "B1"), clear(2, "G1"))


async def test_raw_and_converted_points_stand_beside_each_other_while_the_contest_runs() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        await place.order("freeze", minutes=20)
        found, board = await place.get(PATH, "staff", audience="staff"), await place.board("staff", audience="staff")
        assert [(row["id"], row["rank"], row["points"]) for row in found["rows"]] == [
            (row["id"], row["rank"], row["points"]) for row in board["rows"]
        ]
        contest = folded(await place.stores.ledger.read(CUP, 0))
        told = {(int(n), row["id"]): each["value"] for row in found["rows"] for n, each in row["conversions"].items() if each}
        told |= {(each["number"], each["who"]): each["value"] for each in found["figures"]}
        assert told == {(each.number, each.who): each.value for each in figures_of(contest)}
        assert [(each["number"], each["rule"]) for each in found["rules"]] == [(1, "venue_fairness"), (2, "season_points"), (3, "team")]
        first = next(row for row in found["rows"] if row["id"] == "A1")["conversions"]["1"]
        assert first == {"value": "50", "told": ["fewer than 30 contestants at a venue say little"]}


async def test_how_one_figure_came_about_is_told_in_both_languages() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        found = await place.get(PATH, "staff", audience="staff", contestant="A1", lang="both")
        [row] = found["rows"]
        assert row["steps"]["1"][0]["what"]["en"].endswith("1 of 2 at yongjia have at most as many")
        assert row["steps"]["1"][0]["what"]["zh"].endswith("yongjia 2 人中有 1 人不高于此分")
        missing = await place.http.get(f"{place.url}{PATH}?audience=staff&contestant=no", headers=place.bearer("staff"))
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_contestant")


async def test_the_public_sees_none_of_it_until_the_result_is_published() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)

        async def public() -> tuple[int, str]:
            answer = await place.http.get(f"{place.url}{PATH}")
            return answer.status_code, answer.json().get("code", "")

        assert await public() == (403, "not_published")
        await said(place, "publish", "C1", id="p1")
        assert await public() == (200, "")
        await place.order("freeze", minutes=20)
        assert await public() == (403, "not_published")


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("yongjia", 403), ("other staff", 403), ("R1", 403), ("C1", 200), ("staff", 200)])
async def test_what_stands_beside_running_points_is_for_staff(who: str | None, status: int) -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        answer = await place.http.get(f"{place.url}{PATH}?audience=staff", headers=place.bearer(who))
        assert answer.status_code == status


async def test_since_when_a_rule_levels_is_told_with_who_enabled_it_and_whether_that_was_late() -> None:
    async with served(document_=document(conversions=[{"rule": "team"}]), clock=Clock()) as place:
        await cleared(place)
        adopted = await place.post("/api/contests", document(2, conversions=[{"rule": "team"}, LEVEL]), "admin")
        assert adopted.status_code == 201, adopted.text
        found = await place.get(PATH, "staff", audience="staff")
        plain, level = (each["adjusts"] for each in found["rules"])
        assert plain is None
        assert (level["late"], level["first_mark"] < level["since"]["position"], bool(level["since"]["by"])) == (True, True, True)
        room = await place.get(f"{HERE}/control-room", "staff")
        assert room["adjustments"] == [{"number": 2, "rule": "venue_fairness", **level}]


async def test_it_is_reckoned_again_only_after_some_seconds_and_says_of_when_it_is() -> None:
    clock = Clock()
    async with served(document_=DOCUMENT, clock=clock) as place:
        before = await place.get(PATH, "staff", audience="staff")
        await cleared(place)
        again = await place.get(PATH, "staff", audience="staff")
        assert again == before, "of the position that it says"
        clock.to(40)
        later = await place.get(PATH, "staff", audience="staff")
        assert later["position"] > before["position"]
        assert [row["id"] for row in later["rows"]] != [row["id"] for row in before["rows"]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done for the answers, each time that it was done: a standing, what rules make of it, and which rules are of contestants."""
    done: list[str] = []

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def count(*given: Any) -> Any:
            done.append(name)
            return work(*given)

        return count

    monkeypatch.setattr(conversions, "standing_of", counted("standing", standing_of))
    monkeypatch.setattr(conversions, "made_of", counted("made", made_of))
    of_contestants: Callable[[Made], dict[int, Mapping[str, Converted]]] = Made.of_contestants
    monkeypatch.setattr(Made, "of_contestants", counted("of contestants", of_contestants))
    return done


async def test_however_many_contestants_there_are_rules_are_told_apart_once_a_reckoning(made: list[str]) -> None:
    """To compare everybody with everybody for each row would hold up every acknowledgement."""
    many = [{"id": f"A{n}", "venue": "yongjia"} for n in range(40)]
    async with served(document_=document(conversions=[LEVEL, {"rule": "team"}], contestants=many), clock=Clock()) as place:
        found = await place.get(PATH, "staff", audience="staff")
        once = made.count("of contestants")
        assert (len(found["rows"]), once <= 2) == (40, True), "for rows, and for the figures of teams"
        assert await place.get(PATH, "staff", audience="staff") == found
        [row] = (await place.get(PATH, "staff", audience="staff", contestant="A7"))["rows"]
        assert {**row, "steps": None} == {**next(each for each in found["rows"] if each["id"] == "A7"), "steps": None}
        assert made.count("of contestants") == once, "nothing of it again for who asks next"


async def test_who_come_all_at_once_have_it_reckoned_once(made: list[str]) -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        found = await asyncio.gather(*(place.get(PATH, "staff", audience="staff") for _ in range(20)))
        assert all(each == found[0] for each in found)
        assert (made.count("standing"), made.count("made")) == (1, 1)


async def test_where_no_rule_converts_nobody_pays_for_it(made: list[str]) -> None:
    async with served(document_=document(), clock=Clock()) as place:
        for asked in ({}, {"contestant": "A1"}):
            found = await place.get(PATH, "staff", audience="staff", **asked)
            assert (found["rules"], found["rows"], found["figures"]) == ([], [], [])
        assert "standing" not in made


@pytest.mark.parametrize(("rules", "adjusts"), [([], False), ([{"rule": "team"}], False), ([{"rule": "team"}, LEVEL], True)])
async def test_the_overview_says_whether_there_is_anything_to_ask_for(rules: list[Json], adjusts: bool) -> None:
    async with served(document_=document(conversions=rules), clock=Clock()) as place:
        assert (await place.get(f"{HERE}/chief", "C1"))["adjusts"] is adjusts
