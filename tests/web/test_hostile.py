"""JSON that is meant to hurt, on every route that takes a body and on every socket: refused by name, and others are served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web.app import create_app
from tests.contests import CUP, JUDGES
from tests.web.marking import marked_document
from tests.web.places import EVENTS, REVIEWS, Client, Place, Referee, note, served

DEEP = 20_000
READ_IN_THEIR_OWN_WAY = ("/events", "/contests", "/marks")
"""Routes that meet every body: one for each reader. The others share the last one's, and take turns."""
TURNS = 4
PLACES: dict[str, str] = {"contest": CUP, "venue": "yongjia", "contestant": "A1", "stage": "quiz", "key": "k"}
ODD_VALUES = (
    "1e999",
    "NaN",
    "9" * 5_000,
    '"\\ud800"',
    '"\\u0000"',
    "[" * 900 + "]" * 900,
    '"' + "x" * 100_000 + '"',
    "null",
    "{}",
    "-0.1",
)
WHOLE = {
    "arrays in arrays": b"[" * DEEP,
    "arrays in arrays, whole": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * DEEP,
    "objects in objects, whole": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a huge integer": b"9" * 120_000,
    "a huge integer, in a field": b'{"id":' + b"9" * 120_000 + b"}",
    "a number out of range": b"1e999",
    "no number": b"NaN",
    "ten thousand fields": b"{" + b",".join(b'"%d":0' % number for number in range(10_000)) + b"}",
    "the same field again and again": b"{" + b",".join([b'"id":1'] * 10_000) + b"}",
    "a character NUL": b'{"id":"\x00"}',
    "half a pair": b'{"id":"\\ud800"}',
    "half a pair, as a name": b'{"\\ud800":1}',
    "no UTF-8": b'{"id":"\xff\xfe"}',
    "UTF-16": '{"id":"x"}'.encode("utf-16"),
    "an empty body": b"",
    "spaces": b" " * 120_000,
    "a mark of byte order": b"\xef\xbb\xbf{}",
    "no JSON": b"<xml/>",
}
GOOD: dict[str, dict[str, Any]] = {
    "clock": {"action": "pause"},
    "freeze": {},
    "standings": {"contestant": "A1", "status": "dns", "reason": "not there"},
    "login": {"official": "R1", "password": "no"},
    "fresh": {"password": "no"},
    "appeals": {"id": "a1", "contestant": "A1", "text": "the clock stood still"},
    "moves": {"id": "m1", "to": "admitted", "reason": "in time"},
    "signoffs": {"id": "s1", "contestant": "A1", "role": "referee"},
    "publish": {"id": "p1"},
    "samples": {"id": "n1"},
    "rechecks": {"id": "c1", "contestant": "A1", "right": True},
    "handovers": {"id": "h1", "venue": "yongjia", "counts": {"yongjia/desk": 1}},
    "blind": {"id": "b1", "layer": 1},
    "rulings": {"id": "r1", "contestant": "A1", "action": {"verb": "penalise", "marks": "1"}, "code": "other", "reason": "late"},
    "marks": {"id": "m1", "contestant": "B2", "stage": "wiring", "attempt": "1", "aspect": "order", "value": "2"},
    "second": {"id": "s1", "approve": True},
    "rejudgings": {"changes": {"contest": {}}, "scope": {"contestants": ["A1"]}},
    "apply": {"reason": "the rule was wrong", "digest": "0" * 64},
    "reveal": {"id": "v1", "witness": "R1", "witness_password": "no"},
    "events": {"type": "events", "events": [note(1, contestant="A1", data={"x": 1})]},
}
"""Bodies whose every value is replaced by odd ones, one after the other. `preview` takes what `rulings` takes."""


def routes() -> list[tuple[str, str]]:
    """Every route that takes a body; who logs out could ask no more."""
    app = create_app(open_stores("memory:"), JUDGES, Settings())
    rooms = [getattr(route, "original_router", None) for route in app.routes]
    found = [route for room in rooms if room is not None for route in room.routes if isinstance(route, APIRoute)]
    every = sorted((method, route.path) for route in found for method in (route.methods or set()) & {"POST", "PUT", "PATCH"})
    return [(method, path) for method, path in every if not path.endswith("/logout")]


def address_of(path: str) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: PLACES.get(found[1], "1"), path)


def who_for(path: str) -> str:
    return "yongjia" if path.endswith("/events") else "C1" if "{contest}" in path else "admin"


async def ask(place: Place, method: str, path: str, body: bytes, who: str | None) -> None:
    headers = {**place.bearer(who), "Content-Type": "application/json"}
    answer = await place.http.request(method, place.url + address_of(path), params={"source": "d"}, headers=headers, content=body)
    said = f"{method} {path} as {who}, {body[:60]!r}: {answer.status_code} {answer.text[:200]}"
    assert answer.status_code < 500, said
    if answer.status_code >= 400:
        assert {"code", "detail"} <= set(answer.json()), said
        assert len(answer.content) < 50_000, f"the answer repeats what was sent: {said[:300]}"


async def test_no_body_hurts_any_route() -> None:
    async with served(document_=marked_document()) as place:
        assert len(routes()) > 20
        bodies = list(WHOLE.values())
        for number, (method, path) in enumerate(routes()):
            for body in bodies if path.endswith(READ_IN_THEIR_OWN_WAY) else bodies[number % TURNS :: TURNS]:
                await ask(place, method, path, body, who_for(path))
            await ask(place, method, path, bodies[0], None)
        await all_is_well(place)


def odd_bodies(good: Any) -> Iterator[bytes]:
    """The body with each of its values replaced by odd ones, every other of them in turns."""
    for number, path in enumerate(path for path in _paths(good) if path):
        text = json.dumps(_replaced(good, path, "@@"))
        yield from (text.replace('"@@"', value).encode() for value in ODD_VALUES[number % 2 :: 2])


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from _paths(each, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    if isinstance(value, list):
        return [_replaced(each, path[1:], by) if index == path[0] else each for index, each in enumerate(value)]
    return {key: _replaced(each, path[1:], by) if key == path[0] else each for key, each in value.items()}


async def test_no_value_in_a_body_hurts_any_route() -> None:
    tried = set()
    async with served(document_=marked_document()) as place:
        for method, path in routes():
            name = path.rpartition("/")[2].replace("preview", "rulings")
            for body in odd_bodies(GOOD.get(name, {})):
                await ask(place, method, path, body, who_for(path))
            tried.add(name)
        assert set(GOOD) <= tried
        await all_is_well(place)


async def all_is_well(place: Place) -> None:
    """The contest goes on: everybody can read everything that has been entered."""
    assert (await place.board())["total"] == 5
    for path, who in (("flags", "C1"), ("cases", "C1"), ("marks", "C1"), ("roster", None), ("board?audience=staff", "C1")):
        await place.get(f"/api/contests/{CUP}/{path}", who)
    async with place.venue(source="other") as venue:
        assert (await venue.send(note(1)))["seq"] == 1


async def test_no_message_hurts_any_socket() -> None:
    async with served(document_=marked_document(), bad_messages_max=2) as place, place.venue() as well:
        for body in WHOLE.values():
            for message in (body, body.decode("utf-8", errors="replace")):
                await _hurt_a_venue(place, message)
                await _hurt_a_reader(place, message)
        assert (await well.send(note(1)))["seq"] == 1


async def _hurt_a_venue(place: Place, message: bytes | str) -> None:
    """Before its hello the socket ends; after it nothing is lost."""
    async with place.socket(EVENTS.format(venue="yongjia"), "yongjia") as socket:
        hello = Client(socket)
        await hello.say(message)
        assert (await hello.until_closed())[0] == 4506
    async with place.venue(source="hostile") as venue:
        await venue.say(message)
        assert (await venue.hear("refused"))["seq"] is None
        assert (await venue.send(note(venue.welcome["after"] + 1)))["type"] == "ack"


async def _hurt_a_reader(place: Place, message: bytes | str) -> None:
    """Displays and officials, who end after two such messages; and a stranger, who ends after one."""
    async with place.display() as display:
        await display.frame()
        await display.say(message)
        await display.say(message)
        assert (await display.until_closed())[0] in (4504, 1009)
    async with place.reviews("R2") as referee:
        await referee.say(message)
        await referee.say(message)
        assert (await referee.until_closed())[0] in (4504, 1009)
    async with place.socket(REVIEWS) as socket:
        stranger = Referee(socket)
        await stranger.say(message)
        assert (await stranger.until_closed())[0] in (4506, 1009)


async def test_an_odd_value_in_an_event_is_stored_or_refused_and_never_lost() -> None:
    async with served(document_=marked_document()) as place, place.venue() as venue:
        seq = 0
        for value in ODD_VALUES:
            for kind in ("note", "clear", "evidence", "violation"):
                data = {"code": "x", "value": "@@"}
                event = {**note(seq + 1, contestant="B2", stage="wiring", attempt="1", data=data), "kind": kind}
                await venue.say(json.dumps({"type": "events", "events": [event]}).replace('"@@"', value))
                answer = await venue.hear("ack", "refused")
                if answer["type"] == "refused" and answer["seq"] is None:
                    assert answer["code"] in ("bad_json", "too_large"), "no number was used up"
                    continue
                seq += 1
                assert answer["seq"] == seq
                if answer["type"] == "refused":
                    assert answer["code"] == "bad_event"
                    assert (await venue.hear("ack"))["seq"] == seq
        assert seq > len(ODD_VALUES)
        await all_is_well(place)


async def test_of_a_field_that_is_sent_twice_the_last_one_holds_whichever_way_it_is_read() -> None:
    """The fast reader and the careful one, which reads what the fast one cannot, must not see different events."""
    twice = '{"seq":%d,"kind":"note","at":"2026-11-22T01:00:01Z","contestant":"A1","contestant":"A2","data":{"a":1,"a":2}}'
    bad = '{"seq":3,"kind":"dance","at":"2026-11-22T01:00:01Z"}'
    async with served() as place, place.venue() as venue:
        await venue.say(f'{{"type":"events","events":[{twice % 1}]}}')
        await venue.hear("ack")
        await venue.say(f'{{"type":"events","events":[{twice % 2},{bad}]}}')
        await venue.hear("refused")
        await venue.hear("ack")
        entries = await place.stores.ledger.read(CUP, 0)
        read = [(entry.fact.contestant, entry.fact.data) for entry in entries if type(entry.fact).__name__ == "Event"]  # type: ignore[union-attr]
        assert read == [("A2", {"a": 2})] * 2


async def test_a_name_that_no_database_keeps_is_a_bad_request_and_no_fault_of_the_ledger() -> None:
    """PostgreSQL would fail on it; who was told to come again would come for ever."""
    async with served(document_=marked_document()) as place:
        for name in ("\0", "a\0b"):
            answer = await place.http.post(f"{place.url}/api/login", json={"account": name, "password": "x" * 12})
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), answer.text
            assert "holds a character that no database keeps" in answer.json()["detail"]
