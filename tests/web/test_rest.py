"""The way without a socket, and what officials order: answered by name, entered with its author, refused with every reason."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core.facts import ContestId
from contest_server.ledger.memory import MemoryLedger
from tests.contests import CUP, Json, adopted, document, drafts
from tests.web.places import EVENTS, Place, batch, clear, note, served

DESK = EVENTS.format(venue="yongjia")


async def test_a_post_is_answered_once_it_is_durable_and_says_where_to_go_on() -> None:
    async with served() as place:
        for _ in range(2):
            answer = await place.post(DESK, batch(note(1), clear(2)), "yongjia", source="desk")
            assert answer.status_code == 200
            assert answer.json() == {"seq": 2, "position": 3, "after": 2, "refused": []}
        assert (await place.get(DESK, "yongjia", source="desk"))["after"] == 2
        async with place.venue() as venue:
            assert venue.welcome["after"] == 2


POSTS: list[tuple[Any, int, str | None, int]] = [
    (batch(note(1), note(2, at="noon"), note(3)), 207, "bad_event", 3),
    (batch(note(1), note(3)), 409, "gap", 1),
    (batch(note(7)), 409, "gap", 0),
    (batch({"seq": "x"}, note(1)), 207, "bad_event", 1),
    (batch(), 200, None, 0),
]


@pytest.mark.parametrize(("body", "status", "code", "after"), POSTS)
async def test_a_post_in_which_something_was_refused_says_so_by_its_status(body: Any, status: int, code: str | None, after: int) -> None:
    async with served() as place:
        answer = await place.post(DESK, body, "yongjia", source="desk")
        assert (answer.status_code, answer.json()["after"]) == (status, after)
        assert [each["code"] for each in answer.json()["refused"]] == ([code] if code else [])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_json"),
        ("", 400, "bad_json"),
        (b"\xff\xff", 400, "bad_json"),
        ("[]", 400, "bad_message"),
        ('{"type":"hello","source":"x"}', 400, "bad_message"),
        ('{"type":"time","t":1,"at":1}', 400, "bad_message"),
        ("x" * 10_000_000, 413, "too_large"),
        (batch(*(note(seq) for seq in range(1, 502))), 400, "too_many_events"),
    ],
    ids=range(8),
)
async def test_a_post_that_cannot_be_read_is_refused_by_name_and_nothing_of_it_is_taken(body: Any, status: int, code: str) -> None:
    async with served() as place:
        answer = await place.post(DESK, body, "yongjia", source="desk")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await place.post(DESK, batch(note(1)), "yongjia", source="desk")).json()["after"] == 1


async def test_a_source_needs_a_name() -> None:
    async with served() as place:
        for params in ({}, {"source": ""}, {"source": "a/b"}, {"source": "desk\n"}):
            answer = await place.post(DESK, batch(), "yongjia", **params)
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_the_clock_is_an_officials_and_moves_every_time() -> None:
    async with served() as place:
        await place.post(DESK, batch(clear(1, at="01:00:30Z")), "yongjia", source="desk")
        for action, second in (("start", 10), ("pause", 15), ("resume", 20)):
            answer = await place.order("clock", action=action, at=f"2026-11-22T01:00:{second}Z")
            assert answer.status_code == 200, answer.text
        board = await place.board()
        assert board["rows"][0]["stages"]["quiz"]["ms"] == 15_000
        assert (board["state"]["started"], board["state"]["duration_ms"]) == ("2026-11-22T01:00:10.000Z", 7_200_000)
        assert (await place.order("clock", action="extend", minutes=5)).status_code == 200
        assert (await place.board())["state"]["duration_ms"] == 7_500_000
        authors = {entry.author for entry in await place.stores.ledger.read(CUP, 3)}
        [token] = [each for each in await place.stores.tokens.all(CUP) if each.role == "director"]
        assert authors == {f"token:{token.id}"}


BAD_ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("clock", {"action": "dance"}),
    ("clock", {"action": "start", "at": "0001-01-01T00:00:00+14:00"}),
    ("clock", {"action": "start", "at": "2026-11-22T01:00:00"}),
    ("clock", {"action": "extend", "minutes": 1e9}),
    ("clock", {}),
    ("freeze", {"minutes": -1}),
    ("freeze", {"minute": 5}),
    ("standings", {"contestant": "A1", "status": "tired", "reason": "no idea"}),
    ("standings", {"contestant": "A1", "status": "dsq", "reason": ""}),
]


@pytest.mark.parametrize(("path", "body"), BAD_ORDERS)
async def test_an_order_that_makes_no_sense_is_refused_and_enters_nothing(path: str, body: dict[str, Any]) -> None:
    async with served() as place:
        answer = await place.order(path, **body)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert (await place.board())["to"] == 1


ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("clock", {"action": "start"}),
    ("freeze", {"minutes": 5}),
    ("thaw", {}),
    ("finalise", {}),
    ("standings", {"contestant": "A1", "status": "dsq", "reason": "ruled"}),
    ("standings", {"contestant": "Z9", "status": "dsq", "reason": "ruled"}),
]


@pytest.mark.parametrize("who", [None, "yongjia", "other staff", "cs_wrong"])
@pytest.mark.parametrize(("path", "body"), ORDERS)
async def test_only_staff_of_this_contest_gives_orders(path: str, body: dict[str, Any], who: str | None) -> None:
    async with served() as place:
        answer = await place.post(f"/api/contests/{CUP}/{path}", body, who)
        assert answer.status_code == (401 if who is None else 403)
        assert (await place.board())["to"] == 1


async def test_a_freeze_shows_the_exact_phrase_and_a_second_one_is_refused() -> None:
    async with served() as place:
        position = (await place.order("freeze", minutes=20)).json()["position"]
        frozen = (await place.board())["state"]["frozen"]
        assert frozen["position"] == position
        assert frozen["phrase"]["en"] == (
            "The scoreboard was frozen with 20 minutes remaining - "
            "submissions in the last 20 minutes of the contest are still shown as pending."
        )
        again = await place.order("freeze", minutes=10)
        assert (again.status_code, again.json()["code"]) == (409, "frozen_already")
        assert (await place.order("thaw")).status_code == 200
        assert (await place.board())["state"]["frozen"] is None


async def test_finalising_is_refused_with_every_reason_until_there_is_none() -> None:
    async with served() as place:
        pending = {**clear(1), "kind": "attempt", "data": {"outcome": "pending"}}
        await place.post(DESK, batch(pending), "yongjia", source="desk")
        await place.order("clock", action="start")
        await place.order("freeze", minutes=20)
        refused = await place.order("finalise")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_yet_final")
        for reason in ("the contest has not ended", "1 attempt is unjudged", "the public board is still frozen"):
            assert reason in refused.json()["detail"]
        await place.post(DESK, batch({**clear(2), "kind": "attempt", "data": {"outcome": "accepted"}}), "yongjia", source="desk")
        await place.order("thaw")
        await place.order("clock", action="start", at="2020-01-01T00:00:00Z")
        answer = await place.order("finalise")
        assert answer.status_code == 200, answer.text
        assert (await place.board())["state"]["final"] is True


async def test_what_is_final_takes_no_more_orders() -> None:
    async with served() as place:
        await place.order("clock", action="start", at="2020-01-01T00:00:00Z")
        assert (await place.order("finalise")).status_code == 200
        for path, body in ORDERS[:-1]:
            refused = await place.order(path, **body)
            assert (refused.status_code, refused.json()["code"]) == (409, "final"), path


@pytest.mark.parametrize("at", ["2026", 5, "2026-11-22", "2026-11-22T09:00:00", "1900-01-01T00:00:00Z"])
async def test_the_time_of_an_order_is_a_date_a_time_and_a_zone(at: Any) -> None:
    async with served() as place:
        answer = await place.order("clock", action="pause", at=at)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert (await place.board())["to"] == 1


async def test_a_standing_moves_its_contestant_and_an_unknown_one_is_named() -> None:
    async with served() as place:
        await place.post(DESK, batch(clear(1)), "yongjia", source="desk")
        assert (await place.order("standings", contestant="A1", status="dsq", reason="unplugged a rival")).status_code == 200
        row = (await place.board())["rows"][-1]
        assert (row["id"], row["status"], row["rank"]) == ("A1", "dsq", None), "who is disqualified has no rank"
        unknown = await place.order("standings", contestant="Z9", status="dsq", reason="unknown")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_contestant")


async def test_names_are_in_the_roster_and_in_no_entry_of_the_ledger() -> None:
    async with served() as place:
        roster = await place.get(f"/api/contests/{CUP}/roster")
        assert {each["id"]: each["name"]["en"] for each in roster["contestants"]}["A1"] == "Canary Chen"
        assert isinstance(place.stores.ledger, MemoryLedger)
        assert not [each for each in await place.stores.ledger.sealed(CUP, 0) if b"Canary" in each.body]


@pytest.mark.parametrize(
    ("ties", "medals"),
    [
        (None, {"counts": [1, 1, 1], "delta": "0"}),
        ({"medals": [1, 2, 3]}, {"counts": [1, 2, 3], "delta": "0"}),
        ({"medals": [2, 2], "medal_delta": 0.50}, {"counts": [2, 2], "delta": "0.5"}),
    ],
)
async def test_a_display_is_told_how_medals_are_given(ties: Json | None, medals: Json) -> None:
    """So that a ceremony shows those of the results table."""
    async with served(document_=document(ties=ties) if ties else None) as place:
        assert (await place.get(f"/api/contests/{CUP}"))["medals"] == medals


async def test_a_score_explains_itself_back_to_the_raw_events() -> None:
    async with served() as place:
        await place.post(DESK, batch(clear(1, stage="wiring", data={"mohm": "2.4"})), "yongjia", source="desk")
        score = await place.get(f"/api/contests/{CUP}/scores/A1/wiring")
        assert score["points"] == "18"
        insulation = next(line for line in score["lines"] if line["subject"] == "aspect insulation")
        assert (insulation["rule"], insulation["version"], insulation["marks"], insulation["used"]) == (
            "threshold",
            "1",
            "5",
            {"mohm": "2.4"},
        )
        assert insulation["steps"] == [{"what": "2.4 >= 1", "result": "true"}]
        assert set(score["aspects"]) >= {"insulation"}, "pages call an aspect by its name"
        assert [(each["source"], each["seq"], each["position"]) for each in score["events"]] == [("yongjia/desk", 1, 2)]
        missing = await place.http.get(f"{place.url}/api/contests/{CUP}/scores/A1/attic")
        assert (missing.status_code, missing.json()["code"]) == (404, "no_attempt")


async def test_every_error_has_one_shape() -> None:
    async with served() as place:
        for method, path, status, code in (
            ("GET", "/api/contests/none", 404, "unknown_contest"),
            ("GET", "/api/contests/none/board", 404, "unknown_contest"),
            ("GET", "/api/nowhere", 404, "not_found"),
            ("PUT", f"/api/contests/{CUP}/board", 405, "method_not_allowed"),
            ("GET", f"/api/contests/{CUP}/board?audience=jury", 400, "bad_request"),
            ("GET", f"/api/contests/{CUP}/board?audience=staff", 401, "not_logged_in"),
        ):
            answer = await place.http.request(method, f"{place.url}{path}")
            assert (answer.status_code, answer.json()["code"]) == (status, code), path
            assert set(answer.json()) == {"code", "detail"}


async def test_a_contest_that_cannot_be_opened_does_not_hide_the_others() -> None:
    async with served() as place:
        broken = document() | {"stages": [{"id": "quiz", "rules": [{"rule": "not_installed"}]}]}
        await place.stores.ledger.open(ContestId("broken"))
        await place.stores.ledger.append(ContestId("broken"), drafts([adopted(broken)]))
        assert [each["id"] for each in (await place.get("/api/contests"))["contests"]] == [CUP]
        answer = await place.http.get(f"{place.url}/api/contests/broken")
        assert (answer.status_code, answer.json()["code"]) == (503, "restarting")
        assert await _ready(place) == {"status": "ready", "contests": 2, "unusable": ["broken"]}


async def _ready(place: Place) -> Any:
    assert await place.get("/health/live") == {"status": "live"}
    return await place.get("/health/ready")
