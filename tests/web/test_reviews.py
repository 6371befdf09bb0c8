"""An official's queue over a socket: who is let in, what is told and how often, who looks at what, and when it ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, OfficialId
from contest_server.ledger.port import LedgerFault
from contest_server.live.adopting import adopt
from contest_server.live.leases import LEASE_US
from contest_server.live.now import now_us
from contest_server.web.access import COOKIE
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.web.places import EVENTS, PATIENCE_S, REVIEWS, Place, Referee, batch, clear, dialled, note, password_of, served
from tests.web.stating import HERE, Clock, said

OTHER = "/api/contests/other/reviews"


async def told(place: Place, *events: Json, venue: str = "yongjia") -> None:
    answer = await place.post(EVENTS.format(venue=venue), batch(*events), venue, source="desk")
    assert answer.status_code == 200, answer.text


async def twice(place: Place) -> None:
    """A1 and B2 cleared the quiz twice: two cases."""
    for venue, who in (("yongjia", "A1"), ("yueqing", "B2")):
        await told(place, clear(1, who), clear(2, who, attempt="2", at="01:00:09Z"), venue=venue)


def keys(queue: Json) -> list[str]:
    return [each["key"] for each in queue["cases"]]


async def test_the_queue_comes_with_the_welcome_and_again_after_a_change() -> None:
    async with served() as place, place.reviews("R2") as referee:
        assert referee.welcome["official"] == {"id": "R2", "role": "referee"}
        assert referee.welcome["contest"] == CUP
        first = await referee.hear("queue")
        assert (first["total"], first["cases"], first["counts"]) == (0, [], {"block": 0, "review": 0, "waiting": 0, "appeals": 0})
        await twice(place)
        queue = await referee.until(lambda queue: queue["total"] == 2)
        assert queue["revision"] > first["revision"]
        assert sorted(keys(queue)) == ["A1 quiz", "B2 quiz"]
        assert {(each["codes"][0], each["flags"], each["severity"]) for each in queue["cases"]} == {("duplicate", 1, "review")}
        assert queue["counts"]["review"] == 2
        assert {**await place.get(f"{HERE}/cases", "R1"), "revision": 0, "leases": []} == {**queue, "revision": 0, "leases": []}


async def test_what_blocks_the_most_is_looked_at_first_over_http_as_over_the_socket() -> None:
    async with served() as place:
        await twice(place)
        await told(place, clear(3, "A2", stage="final"), clear(4, "A2", attempt="1"))
        queue = await place.get(f"{HERE}/cases", "R2")
        weights = [each["weight"] for each in queue["cases"]]
        assert weights == sorted(weights, reverse=True)
        assert keys(queue)[0] == "A2 final", "a held attempt keeps the result from being final"
        assert queue["cases"][0]["blocks"][0] == "finalise"
        async with place.reviews("R2") as referee:
            assert (await referee.hear("queue"))["cases"] == queue["cases"]


async def test_every_referee_is_told_the_same_and_a_change_reaches_all() -> None:
    async with served() as place, place.reviews("R1") as one, place.reviews("R2") as two, place.reviews("C1") as chief:
        await twice(place)
        heard = [await each.until(lambda queue: queue["total"] == 2) for each in (one, two, chief)]
        assert heard[0] == heard[1] == heard[2]


async def test_a_ruling_that_waits_is_in_the_queue_until_a_second_person_answers() -> None:
    async with served() as place, place.reviews("R3") as referee:
        await twice(place)
        case = await place.get(f"{HERE}/cases/A1/quiz", "R2")
        about = {"contestant": "A1", "stage": "quiz", "attempt": "1", "basis": case["basis"], "code": "other", "reason": "seen on video"}
        await said(place, "rulings", "R2", id="r1", action={"verb": "override", "outcome": "rejected"}, **about)
        queue = await referee.until(lambda queue: queue["counts"]["waiting"] == 1)
        [waiting] = queue["waiting"]
        assert (waiting["id"], waiting["state"], bool(waiting["needs"])) == ("r1", "waiting", True)
        await said(place, "rulings/r1/second", "R3", id="s1", approve=True)
        assert (await referee.until(lambda queue: queue["counts"]["waiting"] == 0))["waiting"] == []


async def test_it_says_something_at_most_twice_a_second_and_only_if_it_is_something_else() -> None:
    async with served(beat_interval_ms=400) as place, place.reviews("R2") as referee, place.venue() as venue:
        await referee.until(lambda queue: queue["total"] == 0)
        before_s, changes = asyncio.get_running_loop().time(), 0
        for seq in range(1, 40):
            await venue.send(note(seq))
        assert (await referee.next())["type"] == "beat", "notes move the position, and nothing else"
        for seq in range(40, 80):
            await venue.send(clear(seq, attempt=str(seq), at=f"01:00:{seq - 20}Z"))
        while (await referee.hear("queue"))["cases"][0]["flags"] < 39:
            changes += 1
        assert changes <= 2 * (asyncio.get_running_loop().time() - before_s) + 1


async def test_when_nothing_happens_there_are_beats() -> None:
    async with served(beat_interval_ms=100) as place, place.reviews("R2") as referee:
        for _ in range(3):
            beat = await referee.hear("beat")
            assert beat["position"] == 1


async def test_who_looks_at_a_case_is_shown_to_all_until_they_leave_or_say_nothing_for_thirty_seconds() -> None:
    clock = Clock()
    async with served(clock=clock) as place, place.reviews("R1") as one, place.reviews("R2") as two:
        await twice(place)
        await one.look()
        lease = {"official": "R1", "contestant": "A1", "stage": "quiz"}
        for each in (one, two):
            assert (await each.until(lambda queue: bool(queue["leases"])))["leases"] == [lease]
        assert (await place.get(f"{HERE}/cases/A1/quiz", "R3"))["looking"] == ["R1"]
        await two.look()
        await one.until(lambda queue: len(queue["leases"]) == 2)
        await two.say({"type": "leave"})
        await one.until(lambda queue: queue["leases"] == [lease])
        clock.us += LEASE_US - 1
        await two.look("B2")
        await one.until(lambda queue: len(queue["leases"]) == 2)
        clock.us += 1
        assert (await one.until(lambda queue: len(queue["leases"]) == 1))["leases"][0]["official"] == "R2"
        assert (await place.get(f"{HERE}/cases/A1/quiz", "R3"))["looking"] == []


async def test_a_lost_connection_does_not_let_go_of_what_is_looked_at_but_the_end_of_the_session_does() -> None:
    async with served() as place, place.reviews("R2") as other:
        async with place.reviews("R1") as lost:
            await lost.look()
            await other.until(lambda queue: bool(queue["leases"]))
        async with place.reviews("R1") as back:
            assert (await back.hear("queue"))["leases"] == [{"official": "R1", "contestant": "A1", "stage": "quiz"}]
            await said(place, "logout", "R1")
            assert await back.until_closed() == (4501, "not_allowed")
        assert (await other.until(lambda queue: not queue["leases"]))["leases"] == []


async def test_an_official_is_let_in_by_header_cookie_or_first_message() -> None:
    async with served() as place:
        secret = place.secrets["R2"]
        async with dialled(place.url, REVIEWS, {"Cookie": f"{COOKIE}={secret}", "Origin": place.url}) as socket:
            by_cookie = Referee(socket)
            await by_cookie.say({"type": "hello", "token": None})
            assert (await by_cookie.hear("welcome"))["official"]["id"] == "R2"
            await by_cookie.hear("queue")
        async with place.socket(REVIEWS) as socket:
            by_hello = Referee(socket)
            await by_hello.say({"type": "hello", "token": secret})
            assert (await by_hello.hear("welcome"))["official"]["id"] == "R2"
        elsewhere = {"Cookie": f"{COOKIE}={secret}", "Origin": "https://elsewhere.example"}
        async with dialled(place.url, REVIEWS, elsewhere) as socket:
            foreign = Referee(socket)
            await foreign.say({"type": "hello", "token": None})
            assert await foreign.until_closed() == (4501, "not_allowed"), "a page of another site"


@pytest.mark.parametrize(
    ("hello", "expected"),
    [
        ({"type": "hello", "token": None}, (4501, "not_allowed")),
        ({"type": "hello", "token": "os_wrong"}, (4501, "not_allowed")),
        ({"type": "look", "contestant": "A1", "stage": "quiz"}, (4506, "bad_hello")),
        ("{", (4506, "bad_hello")),
        (b"\xff", (4506, "bad_hello")),
        ("x" * 5_000, (4506, "bad_hello")),
    ],
    ids=range(6),
)
async def test_who_does_not_say_who_they_are_is_sent_away_by_name(hello: Any, expected: Any) -> None:
    async with served() as place, place.socket(REVIEWS) as socket:
        stranger = Referee(socket)
        await stranger.say(hello)
        assert await stranger.until_closed() == expected


@pytest.mark.parametrize("who", ["yongjia", "staff", "admin"])
async def test_tokens_of_machines_and_staff_are_no_officials(who: str) -> None:
    async with served(hello_timeout_s=0.2) as place, place.socket(REVIEWS, who) as socket:
        assert await Referee(socket).until_closed() == (4001, "hello_timeout")
    async with served() as place, place.socket(REVIEWS) as socket:
        told_ = Referee(socket)
        await told_.say({"type": "hello", "token": place.secrets[who]})
        assert await told_.until_closed() == (4501, "not_allowed")


async def test_an_official_of_another_contest_is_a_stranger_here() -> None:
    async with served() as place:
        there = ContestId("other")
        await place.stores.officials.set_password(there, OfficialId("R2"), password_of("R2"), START_US)
        begun = await place.stores.officials.log_in(there, OfficialId("R2"), password_of("R2"), now_us())
        assert begun is not None
        for path in (REVIEWS, OTHER):
            async with place.socket(path) as socket:
                stranger = Referee(socket)
                await stranger.say({"type": "hello", "token": begun.secret if path == REVIEWS else place.secrets["R2"]})
                assert await stranger.until_closed() == (4501, "not_allowed")


async def test_who_is_no_official_any_more_loses_the_socket() -> None:
    async with served() as place, place.reviews("R2") as referee, place.reviews("C1") as chief:
        await referee.hear("queue")
        without = document(2)
        without["officials"] = [each for each in without["officials"] if each["id"] != "R2"]
        await adopt(place.stores, compile_rulebook(read_definition(without), JUDGES), "test", START_US)
        await twice(place)
        assert await referee.until_closed() == (4501, "not_allowed")
        assert (await chief.until(lambda queue: queue["total"] == 2))["total"] == 2


async def test_an_official_who_talks_nonsense_is_told_to_leave() -> None:
    async with served(bad_messages_max=3) as place, place.reviews("R2") as referee:
        for text in ("{", b"\xff", json.dumps({"type": "rule", "verb": "annul"})):
            await referee.say(text)
        assert await referee.until_closed() == (4504, "bad_messages")


async def test_more_sockets_than_the_server_keeps_are_sent_away_to_come_back() -> None:
    async with served(review_sockets_max=1) as place, place.reviews("R2"), place.socket(REVIEWS, "R3") as socket:
        assert await Referee(socket).until_closed() == (4003, "too_many_sockets")


async def test_who_says_nothing_but_looks_quickly_is_read_more_slowly_and_not_sent_away() -> None:
    async with served() as place, place.reviews("R2") as referee, place.reviews("R3") as other:
        for turn in range(30):
            await referee.look("A1" if turn % 2 else "A2")
        await referee.look("B1")
        await other.until(lambda queue: [each["contestant"] for each in queue["leases"]] == ["B1"])


async def test_a_desk_that_ends_sends_its_officials_away_to_come_back() -> None:
    async with served() as place, place.venue() as venue, place.reviews("R2") as referee:
        await referee.hear("queue")

        def strike(moment: str, contest: str) -> None:
            raise LedgerFault("the disk is gone")

        place.stores.ledger.fault = strike  # type: ignore[attr-defined]
        await venue.say(batch(note(1)))
        async with asyncio.timeout(PATIENCE_S):
            assert await referee.until_closed() == (4002, "restarting")
