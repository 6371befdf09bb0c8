"""An appeal has a deadline, goes from state to state, and is decided by people who had no part in the matter."""

from __future__ import annotations

from typing import Any

from contest_server.core.acts import Annul, TurnedAway
from contest_server.core.times import text_of_us
from tests.contests import CUP, START_US
from tests.web.places import Place, served
from tests.web.stating import (
    ALONE,
    MINUTE_US,
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

APPEAL: dict[str, Any] = {"contestant": "A1", "stage": "quiz", "text": "the clock stood still for a minute"}


async def appealed(place: Place, name: str = "a1", who: str = "R2", **more: Any) -> dict[str, Any]:
    return (await said(place, "appeals", who, id=name, **APPEAL, **more))["appeal"]  # type: ignore[no-any-return]


async def moved(place: Place, *states: str, name: str = "a1", panel: tuple[str, ...] = ("R3",)) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for state in states:
        own = {"panel": panel} if state in ("upheld", "dismissed") else {}
        answer = await said(place, f"appeals/{name}/moves", "C1", id=f"{name}-{await head(place)}", to=state, reason="as heard", **own)
    return answer["appeal"]  # type: ignore[no-any-return]


async def test_an_appeal_is_listed_with_everything_that_was_said() -> None:
    clock = Clock()
    async with served(document_=with_policy(appeal_minutes=30), clock=clock) as place:
        await everybody_clears_the_quiz(place)
        filed = await appealed(place, attempt="1", evidence=["video 3", "witness R3"])
        assert {key: filed[key] for key in ("id", "state", "official", "at", "deadline", "moves", "rulings")} == {
            "id": "a1", "state": "filed", "official": "R2", "at": text_of_us(clock.us), "deadline": None, "moves": [], "rulings": [],
        }  # fmt: skip
        assert (filed["attempt"], filed["ruling"], filed["evidence"]) == ("1", None, ["video 3", "witness R3"])
        await moved(place, "admitted", "under_review", "dismissed")
        [shown] = (await listed(place, "appeals"))["appeals"]
        assert [(each["to"], each["official"], each["panel"]) for each in shown["moves"]] == [
            ("admitted", "C1", []), ("under_review", "C1", []), ("dismissed", "C1", ["R3"]),
        ]  # fmt: skip
        assert shown["state"] == "dismissed"
        entry = (await place.stores.ledger.read(CUP, shown["position"] - 1))[0]
        assert (entry.author, entry.received_us) == ("official:R2", clock.us)


async def test_an_appeal_after_the_deadline_is_taken_and_says_that_it_is_late() -> None:
    clock = Clock(121)
    async with served(document_=with_policy(appeal_minutes=30), clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "publish", "C1", id="p1")
        clock.to(151)
        in_time = await appealed(place, "a1")
        clock.to(151.01)
        late = await appealed(place, "a2")
        assert (in_time["state"], late["state"]) == ("filed", "late")
        assert in_time["deadline"] == late["deadline"] == text_of_us(START_US + 151 * MINUTE_US)
        assert (await moved(place, "admitted", name="a2"))["state"] == "admitted", "who is late may be heard all the same"


async def test_sending_an_appeal_or_a_move_again_changes_nothing() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        for path, who, body in (
            ("appeals", "R2", {"id": "a1", **APPEAL}),
            ("appeals/a1/moves", "C1", {"id": "m1", "to": "admitted", "reason": "in time"}),
        ):
            other = {"text": "something else"} if "text" in body else {"reason": "something else"}
            first = await said(place, path, who, **body)
            assert await said(place, path, who, **body) == first
            assert await refusal(place, path, who, **body | other) == (409, "id_taken")


BAD_APPEALS: list[tuple[str | None, dict[str, Any], tuple[int, str]]] = [
    (None, {}, (401, "not_logged_in")),
    ("yongjia", {}, (401, "not_logged_in")),
    ("R2", {"contestant": "Z9"}, (404, "unknown_contestant")),
    ("R2", {"stage": "attic"}, (404, "unknown_stage")),
    ("R2", {"attempt": "7"}, (404, "unknown_attempt")),
    ("R2", {"ruling": "r9"}, (404, "unknown_act")),
    ("R2", {"text": ""}, (400, "bad_request")),
    ("R2", {"id": "a b"}, (400, "bad_request")),
    ("R2", {"id": "x" * 65}, (400, "bad_request")),
    ("R2", {"evidence": "video"}, (400, "bad_request")),
    ("R2", {"anything": 1}, (400, "bad_request")),
]
BAD_MOVES: list[tuple[str, str, dict[str, Any], tuple[int, str]]] = [
    ("a1", "R2", {}, (403, "not_chief")),
    ("a9", "C1", {}, (404, "unknown_act")),
    ("a1", "C1", {"to": "upheld"}, (409, "bad_move")),
    ("a1", "C1", {"to": "filed"}, (409, "bad_move")),
    ("a1", "C1", {"to": "nowhere"}, (400, "bad_request")),
    ("a1", "C1", {"reason": "  "}, (409, "bad_move")),
    ("a1", "C1", {"rulings": ["r9"]}, (404, "unknown_act")),
    ("a1", "C1", {"panel": ["R9"]}, (409, "bad_move")),
]


async def test_an_appeal_about_nothing_and_a_move_that_is_none_are_refused() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        for who, body, expected in BAD_APPEALS:
            assert await refusal(place, "appeals", who, **{"id": "a1", **APPEAL, **body}) == expected, body
        await appealed(place)
        for name, who, body, expected in BAD_MOVES:
            move = {"id": "m1", "to": "admitted", "reason": "in time", **body}
            assert await refusal(place, f"appeals/{name}/moves", who, **move) == expected, body


async def test_nobody_decides_on_an_appeal_about_their_own_ruling_and_that_somebody_tried_is_entered() -> None:
    clock = Clock()
    async with served(document_=ALONE, clock=clock) as place:
        await everybody_clears_the_quiz(place)
        await ruled(place, "R3", Annul())
        await appealed(place)
        await moved(place, "admitted", "under_review")
        decision = {"to": "upheld", "reason": "as heard", "panel": ["R2", "R3"]}
        status, code, entry = await turned_away(place, "appeals/a1/moves", "C1", id="m1", **decision)
        assert (status, code) == (403, "own_decision")
        assert (entry["type"], entry["author"], entry["verb"]) == ("turned_away", "official:C1", "decide on an appeal")
        assert (await say(place, "appeals/a1/moves", "C1", id="m1", **decision)).json()["code"] == "own_decision"
        assert len([each for each in await place.stores.ledger.read(CUP, 0) if isinstance(each.fact, TurnedAway)]) == 1
        assert (await moved(place, "upheld", panel=("R2",)))["state"] == "upheld"


async def test_who_is_recused_from_a_contestant_decides_on_none_of_their_appeals() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        await said(place, "appeals", "R2", id="a1", **APPEAL | {"contestant": "B2"})
        await moved(place, "admitted", "under_review")
        move = {"id": "m1", "to": "dismissed", "reason": "as heard", "panel": ["R1", "R3"]}
        assert (await turned_away(place, "appeals/a1/moves", "C1", **move))[:2] == (403, "recused")


async def test_a_second_level_is_there_once_and_decided_by_others() -> None:
    async with served(clock=Clock()) as place:
        await everybody_clears_the_quiz(place)
        await appealed(place)
        assert (await moved(place, "admitted", "under_review", "dismissed", "second_level"))["next"] == ["upheld", "dismissed"]
        again = {"id": "m9", "to": "upheld", "reason": "as heard again"}
        assert (await turned_away(place, "appeals/a1/moves", "C1", **again, panel=["R3"]))[:2] == (403, "own_decision")
        assert (await moved(place, "upheld", panel=("R2",)))["next"] == ["final"]
        assert (await moved(place, "final"))["next"] == []
        assert await refusal(place, "appeals/a1/moves", "C1", id="m10", to="upheld", reason="once more") == (409, "bad_move")
