"""A display's socket: cursors that outlive the server, credit, beats; a slow screen holds up nobody, and the gate holds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket as sockets
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from contest_server.ledger.urls import open_stores
from contest_server.wire.messages import UNKNOWN_CONTEST
from tests.contests import CUP, document
from tests.web.places import EVENTS, PATIENCE_S, Client, Place, batch, clear, equip, note, served

CANARY_MS = 3_777_777
CANARY_AT = "02:02:57.777Z"


async def test_a_cursor_is_good_after_the_server_was_restarted(tmp_path: Path) -> None:
    """Same file, new process: who has everything is sent no row again, who missed something gets the whole, a stranger too."""
    url = f"sqlite:///{tmp_path / 'cup.db'}"
    stores = open_stores(url)
    secrets = await equip(stores)
    async with served(stores, secrets=secrets) as place, place.venue() as venue, place.display() as display:
        ack = await venue.send(clear(1))
        await display.reach(ack["position"])
        cursor, rows, old = display.screen.cursor, dict(display.screen.rows), ack["position"]
    await stores.close()
    stores = open_stores(url)
    async with served(stores, secrets=secrets) as place:
        async with place.display(after=cursor) as display:
            frame = await display.hear("frame")
            assert (frame["from"], frame["to"], frame["rows"], frame["gone"]) == (old, old, [], [])
            assert (await place.board())["epoch"] == frame["epoch"]
        async with place.venue() as venue:
            assert venue.welcome["after"] == 1
            ack = await venue.send(clear(2, "B1"))
        for after in (cursor, "other:1", "", f"{cursor}0"):
            async with place.display(after=after) as display:
                await display.reach(ack["position"])
                assert display.screen.wholes == 1
                assert display.screen.rows["A1"] == rows["A1"]
                assert display.screen.rows["B1"]["cleared"] == 1
    await stores.close()


async def test_a_display_that_comes_back_gets_only_what_changed() -> None:
    async with served() as place, place.venue() as venue, place.display() as watching:
        await watching.reach(1)
        cursor = watching.screen.cursor
        ack = await venue.send(clear(1), clear(2, "B1"))
        await watching.reach(ack["position"])
        async with place.display(after=cursor) as back:
            frame = await back.hear("frame")
        assert (frame["from"], frame["to"], [row["id"] for row in frame["rows"]]) == (1, ack["position"], ["A1", "B1"])


async def test_when_nothing_happens_there_are_beats() -> None:
    async with served(beat_interval_ms=100) as place, place.display() as display:
        await display.frame()
        for _ in range(2):
            beat = await display.hear("beat")
            assert beat["to"] == display.screen.position


async def test_who_says_painted_and_then_stops_gets_no_more_than_its_credit_and_later_the_newest() -> None:
    async with (
        served(credit_max_frames=2, beat_interval_ms=100) as place,
        place.venue() as venue,
        place.display() as display,
        place.display() as quick,
    ):
        await display.frame()
        await display.say({"type": "painted", "to": display.screen.position})
        await display.say({"type": "dance"})
        sent = 0
        for seq in range(1, 30):
            await quick.reach((await venue.send(note(seq)))["position"])
        beats = 0  # in a row, once the first frame is there: on a slow machine some come before it
        while not sent or beats < 3:
            message = await display.next()
            beats = beats + 1 if message["type"] == "beat" else 0
            if not beats:
                display.screen.merge(json.dumps(message))
                sent += 1
        assert sent <= 2
        await display.say({"type": "painted", "to": display.screen.position})
        await display.reach(30)
        assert display.screen.rows == quick.screen.rows


async def test_a_screen_that_never_reads_holds_up_nobody() -> None:
    people = [{"id": f"C{n:03}", "venue": "yongjia"} for n in range(200)]
    async with served(document_=document(contestants=people)) as place, place.venue() as venue:
        stuck = [await _deaf(place) for _ in range(5)]
        async with place.display(view="top:3") as display:
            for turn in range(40):
                ack = await venue.send(
                    *(clear(turn * 200 + n + 1, f"C{n:03}", attempt=str(turn), at=f"01:00:{59 - turn}Z") for n in range(200))
                )
                await display.reach(ack["position"])
            assert len(display.screen.rows) == 3
        for writer in stuck:
            writer.transport.abort()


async def _deaf(place: Place) -> asyncio.StreamWriter:
    """Asks for the board with the smallest of buffers, and never looks."""
    host, _, port = place.url.removeprefix("http://").partition(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 1_024)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    _, writer = await asyncio.open_connection(sock=raw, limit=1_024)
    writer.write(
        f"GET /api/contests/{CUP}/board HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    return writer


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"view": "upside-down"}, (4505, "bad_view")),
        ({"view": "top:0"}, (4505, "bad_view")),
        ({"view": "top:0000500000"}, (4505, "bad_view")),
        ({"view": "contestants:" + ",".join(map(str, range(501)))}, (4505, "bad_view")),
        ({"audience": "jury"}, (4505, "bad_view")),
        ({"audience": "staff"}, (4501, "not_allowed")),
    ],
)
async def test_what_a_display_may_not_have_is_refused_by_name(query: dict[str, str], expected: Any) -> None:
    async with served() as place, place.display(**query) as display:
        assert await display.until_closed() == expected


async def test_a_display_that_talks_nonsense_is_told_to_leave() -> None:
    async with served(bad_messages_max=3) as place, place.display() as display:
        for text in ("{", b"\xff", "[]"):
            await display.say(text)
        assert await display.until_closed() == (4504, "bad_messages")
        async with place.socket("/api/contests/none/board") as socket:
            assert await Client(socket).until_closed() == (UNKNOWN_CONTEST.status, "unknown_contest")


async def test_more_different_views_than_the_server_keeps_are_refused_and_shared_ones_are_not() -> None:
    async with served(display_views_max=1) as place, place.display(view="top:1") as one, place.display(view="top:1") as same:
        await one.frame()
        await same.frame()
        async with place.display(view="top:2") as other:
            assert await other.until_closed() == (4003, "too_many_sockets")
        async with place.display() as whole, place.display("staff", audience="staff", view="top:2") as staff:
            assert len((await whole.frame())["rows"]) == 5, "somebody who opens all sorts of views keeps nobody from the whole board"
            assert len((await staff.frame())["rows"]) == 2, "nor the staff from theirs"


async def test_one_address_keeps_no_more_different_views_than_it_leaves_to_all_others() -> None:
    """By the door and by the long way; a hall, whose displays share an address, is let in beside who opens all they can."""
    async with served(trusted_proxies="127.0.0.1", display_views_max=16) as place, contextlib.AsyncExitStack() as halls:
        await place.open()

        async def let_in(address: str, view: str) -> bool:
            more = {"X-Forwarded-For": address}
            path = f"ws{place.url.removeprefix('http')}/api/contests/{CUP}/board?view={view}"
            socket = await halls.enter_async_context(connect(path, additional_headers=more, subprotocols=[Subprotocol("contest.v1")]))
            heard = await Client(socket).next()
            assert heard["type"] == "frame" or heard["code"] == "too_many_sockets"
            return bool(heard["type"] == "frame")

        stranger = [await let_in("10.6.6.6", f"top:{rows}") for rows in range(1, 17)]
        assert stranger == [True] * 8 + [False] * 8
        assert await let_in("10.6.6.6", "all"), "the whole board is for everybody"
        assert [await let_in("10.0.0.1", f"venue:{name}") for name in "abcd"] == [True] * 4, "in another hall"
        assert await let_in("10.0.0.1", "top:1"), "what is there already takes no room"


async def test_what_happens_after_the_freeze_appears_nowhere_in_public() -> None:
    """A canary: a time that only exists after the freeze. The public finds it in no frame, board, score or list; staff does."""
    async with served() as place, place.venue() as venue, place.display() as public, place.display("staff", audience="staff") as staff:
        await public.frame()
        await venue.send(clear(1, "B1", at="01:00:09Z"))
        frozen = (await place.order("freeze", minutes=20)).json()["position"]
        await public.reach(frozen)
        heard = []
        ack = await venue.send(clear(2, "A1", at=CANARY_AT), clear(3, "A2", at=CANARY_AT, data={"canary": CANARY_MS}))
        while public.screen.position != ack["position"]:
            message = await public.hear("frame")
            public.screen.merge(json.dumps(message))
            heard.append(json.dumps(message))
        await staff.reach(ack["position"])
        assert staff.screen.rows["A1"]["stages"]["quiz"]["ms"] == CANARY_MS
        assert public.screen.rows["A1"]["stages"]["quiz"] == {"state": "pending", "pending": 1}
        for view in ("all", "top:2", "venue:yongjia", "contestants:A1"):
            heard.append(json.dumps(await place.board(view=view)))
            async with place.display(view=view) as late:
                heard.append(json.dumps(await late.hear("frame")))
        for path in ("", f"/{CUP}", f"/{CUP}/roster", f"/{CUP}/scores/A1/quiz", f"/{CUP}/scores/A2/quiz", f"/{CUP}/flags"):
            answer = await place.http.get(f"{place.url}/api/contests{path}")
            heard.append(answer.text)
            assert answer.status_code == (403 if "scores" in path else 401 if "flags" in path else 200)
        assert not [text for text in heard if str(CANARY_MS) in text]
        assert str(CANARY_MS) in json.dumps(await place.board("staff", audience="staff"))
        assert str(CANARY_MS) in json.dumps(await place.get(f"/api/contests/{CUP}/scores/A2/quiz", "staff"))
        assert (await place.order("thaw")).status_code == 200
        while "ms" not in public.screen.rows["A1"]["stages"]["quiz"]:
            await public.frame()
        assert public.screen.rows == staff.screen.rows
        assert (await place.board())["digest"] == (await place.board("staff", audience="staff"))["digest"]


async def test_the_whole_board_for_people_with_curl_has_ranks() -> None:
    async with served() as place:
        cleared = batch(clear(1, "A1"), clear(2, "B1"), clear(3, "G1"))
        posted = await place.post(EVENTS.format(venue="yongjia"), cleared, "yongjia", source="desk")
        assert posted.status_code == 200
        board = await place.board(view="top:4")
        assert [(row["id"], row["rank"]) for row in board["rows"]] == [("A1", 1), ("B1", 1), ("G1", None), ("A2", 3)]
        assert (board["from"], board["to"], board["total"], board["gone"]) == (0, 4, 5, [])
        refused = await place.http.get(f"{place.url}/api/contests/{CUP}/board", params={"view": "top:x"})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_view")


async def test_a_desk_that_ends_sends_its_displays_away_to_come_back() -> None:
    async with served() as place, place.venue() as venue, place.display() as display:
        await display.frame()

        def strike(moment: str, contest: str) -> None:
            from contest_server.ledger.port import LedgerFault

            raise LedgerFault("the disk is gone")

        place.stores.ledger.fault = strike  # type: ignore[attr-defined]
        await venue.say(batch(note(1)))
        async with asyncio.timeout(PATIENCE_S):
            assert await display.until_closed() == (4002, "restarting")
