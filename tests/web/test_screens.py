"""Screens are directed: they show what was ordered, take their role again after a restart of anything, and say what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, START_US, Json
from tests.web.places import clear, equip, served
from tests.web.screening import HERE, assign, order, pair, screen
from tests.web.test_two_servers import two


async def test_a_screen_is_told_what_to_show_at_once_and_whenever_that_changes() -> None:
    async with served() as place:
        left = await pair(place)
        async with screen(place) as paired:
            told = await paired.program()
            assert (told["screen"], told["name"], told["program"], told["follows"]) == (left, "hall 2, left", {"scene": "ranking"}, True)
            answer = await assign(place, left, "duel", left="yongjia", right="yueqing", lang="en")
            told = await paired.program()
            assert told["program"] == {"scene": "duel", "left": "yongjia", "right": "yueqing", "lang": "en"}
            assert told["position"] >= answer.json()["position"]
            assert not told["follows"]


async def test_a_browser_says_hello_with_its_token() -> None:
    async with served() as place:
        await pair(place)
        async with screen(place, by_hello=True) as paired:
            assert (await paired.program())["name"] == "hall 2, left"


async def test_a_screen_has_its_role_again_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cup.db'}"
    stores = open_stores(url)
    secrets = await equip(stores)
    async with served(stores, secrets=secrets) as place:
        left = await pair(place)
        await assign(place, left, "lanes")
        await order(place, left, "hide")
    await stores.close()
    stores = open_stores(url)
    async with served(stores, secrets=secrets) as place, screen(place) as paired:
        told = await paired.program()
        assert (told["program"], told["hidden"]) == ({"scene": "lanes"}, True)
    await stores.close()


async def test_a_sequence_is_told_step_by_step_by_the_time_alone_and_stops_when_somebody_intervenes() -> None:
    now = [START_US]
    async with served(clock=lambda: now[0], beat_interval_ms=100) as place:
        left = await pair(place)
        async with screen(place) as paired:
            await paired.program()
            steps = [{"program": {"scene": scene}, "seconds": 10} for scene in ("lanes", "ticker")]
            await order(place, left, "sequence", steps=steps)
            assert (await paired.program())["program"] == {"scene": "lanes"}
            now[0] += 10_000_000
            assert (await paired.program())["program"] == {"scene": "ticker"}
            await assign(place, left, "auto")
            assert (await paired.program())["program"] == {"scene": "auto"}
            now[0] += 10_000_000
            await paired.hear("beat")
            seen = await place.get(f"{HERE}/screens", "staff")
            assert seen["screens"][0]["sequence"] is None


async def test_all_that_can_be_ordered_reaches_the_screen() -> None:
    async with served() as place:
        left = await pair(place)
        async with screen(place) as paired:
            first = await paired.program()
            await order(place, left, "identify")
            assert (await paired.program())["identify"] == first["identify"] + 1
            await order(place, "default", "reload")
            assert (await paired.program())["reload"] == first["reload"] + 1
            await order(place, left, "message", zh="请就座", en="Please be seated", seconds=60)
            message = (await paired.program())["message"]
            assert (message["zh"], message["en"]) == ("请就座", "Please be seated")
            await order(place, left, "hide")
            assert (await paired.program())["hidden"]
            await order(place, left, "undo")
            assert not (await paired.program())["hidden"]
            await order(place, left, "at", time="2020-01-01T00:00:00Z", program={"scene": "notice", "zh": "到点", "en": "Now"})
            assert (await paired.program())["program"]["en"] == "Now"


async def test_the_control_room_sees_what_every_screen_says_that_it_shows() -> None:
    async with served() as place:
        left = await pair(place)
        await pair(place, "hall 1")
        async with screen(place) as paired:
            await paired.program()
            await paired.say({"type": "shown", "scene": "ranking", "position": 1, "width": 3840, "height": 2160})
            while not (seen := {each["id"]: each for each in (await place.get(f"{HERE}/screens", "staff"))["screens"]})[left]["reported"]:
                pass
            reported = seen[left]["reported"]
            assert (reported["scene"], reported["position"], reported["width"], reported["height"]) == ("ranking", 1, 3840, 2160)
            assert reported["age_s"] < 15
            assert [each["reported"] for each in seen.values() if each["name"] == "hall 1"] == [None]


async def test_who_ordered_what_is_in_the_log_and_the_last_order_can_be_taken_back() -> None:
    async with served() as place:
        left = await pair(place)
        await assign(place, left, "lanes")
        await assign(place, left, "ticker")
        await order(place, left, "undo", who="admin")
        seen = await place.get(f"{HERE}/screens", "staff")
        assert seen["screens"][0]["program"] == {"scene": "lanes"}
        assert [each["order"]["verb"] for each in seen["log"]] == ["undo", "assign", "assign"]
        assert len({each["author"] for each in seen["log"]}) == 2
        await order(place, left, "undo")
        refused = await order(place, left, "undo")
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_undo")


async def test_an_order_sent_twice_is_given_once() -> None:
    async with served() as place:
        left = await pair(place)
        first = await order(place, left, "identify", id_="same")
        again = await order(place, left, "identify", id_="same")
        assert first.json() == again.json()
        async with screen(place) as paired:
            assert (await paired.program())["identify"] == 1


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("left", "assign", {"program": {"scene": "cinema"}}, 400, "bad_order"),
    ("left", "assign", {"program": {"scene": "lanes", "speed": 3}}, 400, "bad_order"),
    ("left", "assign", {"program": {"scene": "notice", "image": "https://elsewhere/x.png"}}, 400, "bad_order"),
    ("left", "assign", {"program": {"scene": "notice", "image": "../secret.png"}}, 400, "bad_order"),
    ("left", "assign", {"program": {"scene": "spotlight", "contestant": "nobody"}}, 404, "unknown_contestant"),
    ("left", "assign", {"program": {"scene": "duel", "left": "atlantis"}}, 404, "unknown_venue"),
    ("left", "dance", {}, 400, "bad_order"),
    ("left", "sequence", {"steps": []}, 400, "bad_order"),
    ("left", "sequence", {"steps": [{"program": {"scene": "lanes"}, "seconds": 0}]}, 400, "bad_order"),
    ("left", "at", {"time": "at noon", "program": {"scene": "lanes"}}, 400, "bad_order"),
    ("left", "at", {"program": {"scene": "lanes"}}, 400, "bad_order"),
    ("default", "follow", {}, 400, "bad_order"),
    ("nothing", "hide", {}, 404, "unknown_screen"),
]


@pytest.mark.parametrize(("screen_", "verb", "more", "status", "code"), REFUSED)
async def test_what_makes_no_sense_is_refused_by_name_and_enters_nothing(
    screen_: str, verb: str, more: Json, status: int, code: str
) -> None:
    async with served() as place:
        left = await pair(place)
        before = (await place.stores.ledger.head(CUP)).position
        answer = await order(place, left if screen_ == "left" else screen_, verb, **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await place.stores.ledger.head(CUP)).position == before


async def test_a_screen_of_another_contest_is_no_screen_here() -> None:
    async with served() as place:
        elsewhere = await pair(place, "elsewhere", "other")
        answer = await order(place, elsewhere, "hide")
        assert answer.json()["code"] == "unknown_screen"
        async with screen(place, "elsewhere") as paired:
            assert await paired.until_closed() == (4501, "not_allowed")


async def test_a_screen_whose_token_is_revoked_is_sent_away() -> None:
    async with served() as place:
        left = await pair(place)
        async with screen(place) as paired:
            await paired.program()
            await place.stores.tokens.revoke(left, START_US)
            assert await paired.until_closed() == (4501, "not_allowed")


async def test_a_screen_that_talks_nonsense_is_sent_away() -> None:
    async with served(bad_messages_max=3) as place:
        await pair(place)
        async with screen(place) as paired:
            for _ in range(3):
                await paired.say({"type": "dance"})
            assert await paired.until_closed() == (4504, "bad_messages")


async def test_the_default_is_public_and_says_nothing_of_single_screens() -> None:
    async with served() as place:
        left = await pair(place)
        await assign(place, "default", "countdown", to="end")
        await assign(place, left, "notice", zh="只在左屏", en="left only")
        seen = await place.get(f"{HERE}/direction")
        assert seen["program"] == {"scene": "countdown", "to": "end"}
        assert "left only" not in str(seen)


async def test_on_two_servers_a_screen_shows_the_same(postgres_url: str) -> None:
    async with two(postgres_url) as (here, there):
        left = await pair(here)
        there.secrets.update(here.secrets)
        async with screen(there) as paired:
            await paired.program()
            steps = [{"program": {"scene": scene}, "seconds": 1} for scene in ("lanes", "ticker")]
            await order(here, left, "sequence", steps=steps, loop=False)
            assert (await paired.until(lambda told: told["program"] == {"scene": "ticker"}))["screen"] == left
            await paired.say({"type": "shown", "scene": "ticker", "position": 2, "width": 1920, "height": 1080})
            while (await here.get(f"{HERE}/screens", "staff"))["screens"][0]["reported"] is None:
                pass


async def test_the_reveal_is_made_step_by_step_and_shows_nothing_of_others() -> None:
    async with served() as place, place.venue() as venue:
        await order_clock(place, "start")
        await venue.send(clear(1, "A1"), clear(2, "B1"), clear(3, "B2"))
        await place.order("freeze", minutes=20)
        await venue.send(clear(4, "A2", stage="wiring", data={"mohm": "2"}), clear(5, "A1", stage="wiring", data={"mohm": "2"}))
        early = await place.post(f"{HERE}/reveal", {"id": "s0", "step": 1}, "staff")
        assert (early.status_code, early.json()["code"]) == (409, "not_ended")
        await order_clock(place, "end")
        state = await place.get(f"{HERE}/reveal", "staff")
        assert (state["next"]["contestant"], state["next"]["passed"], state["next"]["pending"]) == ("A2", 1, 1)
        before = {row["id"]: row for row in (await place.board())["rows"]}
        step = (await place.post(f"{HERE}/reveal", {"id": "s1", "step": 1, "next": "A2"}, "staff")).json()
        assert (step["last"], step["next"]["contestant"]) == ("A2", "B2")
        board = await place.board()
        after = {row["id"]: row for row in board["rows"]}
        assert after["A2"]["cleared"] == 1
        assert after["A1"] | {"rank": 0} == before["A1"] | {"rank": 0}
        assert board["state"]["frozen"]["revealed"]["last"][-1] == "A2"
        other = await place.post(f"{HERE}/reveal", {"id": "s2", "step": 1, "next": "A2"}, "staff")
        assert (other.status_code, other.json()["code"]) == (409, "next_is_another")
        await place.post(f"{HERE}/reveal", {"id": "s3", "step": -1}, "staff")
        assert {row["id"]: row for row in (await place.board())["rows"]} == before


async def order_clock(place: Any, action: str) -> None:
    answer = await place.order("clock", action=action)
    assert answer.status_code == 200, answer.text


async def test_screens_of_a_contest_are_listed_oldest_first() -> None:
    async with served() as place:
        names = ["north", "south", "east"]
        for at, name in enumerate(names):
            await place.stores.tokens.issue("display", START_US + at, ContestId(CUP), None, name)
        assert [each["name"] for each in (await place.get(f"{HERE}/screens", "staff"))["screens"]] == names
