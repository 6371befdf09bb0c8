"""Displays that are written to directly: whoever stalls, comes back, paints late or vanishes, each merges to the board of the fold."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from contest_server.live import broadcasts, slices, stand
from contest_server.live.pouring import best_pourer
from contest_server.live.seats import Seat
from contest_server.web import app, hub, serving
from tests.contests import CUP, document
from tests.live.screens import Screen
from tests.web.places import PATIENCE_S, Client, Place, clear, dialled, served
from tests.web.raw import CLOSE, Raw, frame, socket_at

CONTESTANTS = 40
VIEWS = ("all", "top:5", "venue:yongjia")
SMALL_BYTES = 4_096
ACTS = ("event",) * 12 + ("stall",) * 3 + ("resume",) * 2 + ("vanish", "leave", "join", "back")


@pytest.fixture(params=["by the thread", "in slices"])
def small_buffers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel keeps little for a display, so that one that does not read is soon noticed; and many slices. By either way of writing."""
    if request.param == "in slices":
        monkeypatch.setattr(app, "best_pourer", lambda: None)
    elif best_pourer() is None:
        pytest.skip("nothing was compiled here")
    monkeypatch.setattr(stand, "FEW_DISPLAYS", 0)
    monkeypatch.setattr(serving, "SEND_BUFFER_BYTES", SMALL_BYTES)
    monkeypatch.setattr(broadcasts, "ROW_DISPLAYS", 7)
    monkeypatch.setattr(slices, "SLICE_S", 0.0)


@dataclass
class Watcher:
    """A display: reads while it may, merges, and says what it painted if it is of that kind."""

    socket: ClientConnection
    view: str
    says: bool
    screen: Screen
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    frames: int = 0
    is_over: bool = False

    async def run(self) -> None:
        try:
            while True:
                await self.may_read.wait()
                text = str(await self.socket.recv())
                if json.loads(text)["type"] != "frame":
                    continue
                self.screen.merge(text)
                self.frames += 1
                if self.says:
                    await self.socket.send(json.dumps({"type": "painted", "to": self.screen.position}))
        except ConnectionClosed:
            assert self.is_over, f"closed by the server: {self.socket.close_code} {self.socket.close_reason}"


class Hall:
    """Many displays before one board, and the dice that decide what happens to them."""

    def __init__(self, place: Place, dice: Random, tasks: asyncio.TaskGroup, *, deflate: bool) -> None:
        self.place, self.dice, self.tasks, self.deflate = place, dice, tasks, deflate
        self.watchers: list[Watcher] = []
        self.left: list[Watcher] = []
        self.sent = 0

    async def join(self, back: Watcher | None = None) -> None:
        view = back.view if back else self.dice.choice(VIEWS)
        screen = back.screen if back else Screen()
        after = screen.cursor if screen.epoch else ""
        path = f"/api/contests/{CUP}/board?view={view}&after={after}"
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
        raw.setblocking(False)
        host, _, port = self.place.url.removeprefix("http://").partition(":")
        await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
        packing = "deflate" if self.deflate and self.dice.random() < 0.8 else None
        opened = await dialled(self.place.url, path, sock=raw, compression=packing, max_queue=1)
        watcher = Watcher(opened, view, self.dice.random() < 0.5, screen)
        watcher.may_read.set()
        self.watchers.append(watcher)
        self.tasks.create_task(watcher.run())

    async def act(self, act: str, venue: Client) -> None:
        some = [each for each in self.watchers if self.dice.random() < 0.1]
        match act:
            case "event":
                self.sent += 1
                await venue.send(self.event())
            case "stall":
                for each in some:
                    each.may_read.clear()
            case "resume":
                for each in some:
                    each.may_read.set()
            case "vanish" | "leave" if self.watchers:
                await self.end(self.watchers.pop(self.dice.randrange(len(self.watchers))), abruptly=act == "vanish")
            case "join":
                await self.join()
            case "back" if self.left:
                await self.join(self.left.pop())

    async def end(self, watcher: Watcher, *, abruptly: bool) -> None:
        watcher.is_over = True
        watcher.may_read.set()
        if abruptly:
            watcher.socket.transport.abort()
        else:
            await watcher.socket.close()
        self.left.append(watcher)

    def event(self) -> dict[str, Any]:
        contestant, minute, second = self.dice.randrange(CONTESTANTS), self.sent // 60, self.sent % 60
        stage = self.dice.choice(("quiz", "wiring"))
        return clear(self.sent, f"C{contestant:03}", stage, attempt=str(self.sent), at=f"01:{minute:02}:{second:02}Z")

    async def all_reach(self, position: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while any(each.screen.position != position for each in self.watchers):
                for each in self.watchers:
                    each.may_read.set()
                await asyncio.sleep(0.01)

    async def check(self) -> None:
        """Each display shows what the fold says of its view."""
        boards = {view: await self.place.board(view=view) for view in VIEWS}
        for each in self.watchers:
            board = boards[each.view]
            assert each.screen.rows == {row["id"]: {name: row[name] for name in row if name != "rank"} for row in board["rows"]}
            assert (each.screen.position, each.screen.total) == (board["to"], board["total"])
            assert {**each.screen.state, "now": 0, "elapsed_ms": 0} == {**board["state"], "now": 0, "elapsed_ms": 0}


def crowded() -> dict[str, Any]:
    return document(contestants=[{"id": f"C{n:03}", "venue": ("yongjia", "yueqing")[n % 2]} for n in range(CONTESTANTS)])


@pytest.mark.usefixtures("small_buffers")
@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflated"])
@pytest.mark.parametrize(("seed", "displays", "acts"), [(1, 200, 30), (2, 40, 100)])
async def test_every_display_ends_with_the_board_of_the_fold(seed: int, displays: int, acts: int, deflate: bool) -> None:
    dice = Random(seed)
    async with (
        served(document_=crowded(), credit_max_frames=2, beat_interval_ms=200) as place,
        place.venue() as venue,
        asyncio.TaskGroup() as tasks,
    ):
        hall = Hall(place, dice, tasks, deflate=deflate)
        for _ in range(displays):
            await hall.join()
        for _ in range(acts):
            await hall.act(dice.choice(ACTS), venue)
        await hall.all_reach(1 + hall.sent)
        await hall.check()
        assert sum(each.frames for each in hall.watchers) > 3 * len(hall.watchers), "they saw it move"
        for each in list(hall.watchers):
            await hall.end(each, abruptly=False)


@pytest.mark.usefixtures("small_buffers")
async def test_a_display_that_slept_gets_one_merged_frame_and_no_heap_of_old_ones() -> None:
    turns, people = 40, [{"id": f"C{n:03}", "venue": "yongjia"} for n in range(60)]
    async with (
        served(document_=document(contestants=people), unread_timeout_s=600) as place,
        place.venue() as venue,
        asyncio.TaskGroup() as tasks,
        place.display() as watching,
    ):
        hall = Hall(place, Random(5), tasks, deflate=False)
        await hall.join()
        [sleeper] = hall.watchers
        await hall.all_reach(1)
        sleeper.may_read.clear()
        before = sleeper.frames
        for turn in range(turns):
            at = f"01:{59 - turn:02}:00Z"
            ack = await venue.send(*(clear(turn * 60 + n + 1, each["id"], attempt=str(turn), at=at) for n, each in enumerate(people)))
            await watching.reach(ack["position"])
        await hall.all_reach(1 + turns * 60)
        assert sleeper.frames - before < turns / 2, "what lay in buffers, and one merged frame"
        await hall.check()
        await hall.end(sleeper, abruptly=False)


class Reader:
    """A transport whose other side reads on at once, or not before `resume`."""

    def __init__(self, socket_: hub.DisplaySocket, reads: bool) -> None:
        self._socket, self._reads, self.written = socket_, reads, b""

    def write(self, data: bytes) -> None:
        self.written += data
        if not self._reads:
            self._socket.writable.clear()  # as uvicorn's `pause_writing` does


@pytest.mark.parametrize("reads", [True, False])
async def test_a_display_comes_back_in_step_once_what_was_kept_for_it_has_gone(reads: bool) -> None:
    """A large frame goes in part; the rest may go at once, of which no transport tells."""
    cleared: list[bool] = []
    display = hub.DisplaySocket.__new__(hub.DisplaySocket)
    display._unread = cast("Any", SimpleNamespace(resumed=lambda: None))
    display._line = display.pong_timer = None
    display.writable = asyncio.Event()
    display.writable.set()
    display._inner = Reader(display, reads)  # type: ignore[assignment]
    display._seat = cast("Any", SimpleNamespace(cleared=lambda: cleared.append(True)))
    display.keep(b"the rest")
    assert not cleared, "not within the writing itself"
    await asyncio.sleep(0)
    assert cleared == [True] * reads
    if not reads:
        display.resume_writing()
    assert cleared == [True]


async def test_whatever_else_is_written_to_a_display_waits_its_turn() -> None:
    """The answer to its ping must not come into the middle of a frame that is just going out."""
    told: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Seat, "make_way", lambda _: told.append(b"make way"))
        await the_answer_to_a_ping_comes(told)
    assert told == [b"make way"]


async def the_answer_to_a_ping_comes(told: list[bytes]) -> None:
    async with served() as place, socket_at(place, f"/api/contests/{CUP}/board") as raw:
        await raw.frame()
        assert not told
        await raw.say(frame(b"are you there", 0x9))
        while (await raw.frame()) != (0xA, b"are you there"):
            pass


async def test_what_a_display_says_in_pieces_or_all_at_once_is_understood() -> None:
    """Short messages are read without the library's parser: it must not matter how the network cuts them, nor what stands between them."""
    painted = frame(b'{"type":"painted","to":1}')
    said = frame(b'{"type":"dance"}') + painted + frame(b"x", 0xA) + painted + frame(b'{"type":"pain', flags=0) + frame(b'ted","to":1}', 0)
    async with served(bad_messages_max=2, document_=crowded()) as place:
        for cut in range(1, len(said), 3):
            async with socket_at(place, f"/api/contests/{CUP}/board") as raw:
                await raw.frame()
                await raw.say(said[:cut])
                await raw.say(said[cut:] + frame(b"{") + frame(b"["))
                assert await first_close_code(raw) == 4504, "two bad ones in a row, and no more, end it"


async def first_close_code(raw: Raw) -> int:
    """The code of the close frame, without waiting for the end of the connection."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            opcode, payload = await raw.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2])


@pytest.mark.parametrize("make", [lambda text: frame(text), lambda text: frame(b"\xff" + text), lambda text: frame(text, 0x2)])
async def test_a_display_may_say_what_it_painted_in_text_or_bytes_and_broken_text_ends_it(make: Callable[[bytes], bytes]) -> None:
    async with served() as place, socket_at(place, f"/api/contests/{CUP}/board") as raw:
        await raw.frame()
        await raw.say(make(b'{"type":"painted","to":1}') + (b"" if b"\xff" in make(b"") else frame((1000).to_bytes(2), CLOSE)))
        assert await first_close_code(raw) == (1007 if b"\xff" in make(b"") else 1000)


async def test_broken_text_from_who_has_closed_already_is_no_fault_of_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as place, socket_at(place, f"/api/contests/{CUP}/board") as raw:
        await raw.frame()
        await raw.say(frame(b"\xff") + frame((1000).to_bytes(2), CLOSE))
        assert await first_close_code(raw) == 1000
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


async def test_ordinary_servers_serve_displays_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the socket that can be written to directly, the application writes every frame itself."""
    monkeypatch.setattr("contest_server.web.displays.display_socket", lambda _: None)
    async with served(credit_max_frames=2) as place, place.venue() as venue, asyncio.TaskGroup() as tasks:
        hall = Hall(place, Random(7), tasks, deflate=True)
        for _ in range(6):
            await hall.join()
        ack = await venue.send(clear(1, "A1"), clear(2, "B1", at="01:00:09Z"))
        await hall.all_reach(ack["position"])
        await hall.check()
        for each in list(hall.watchers):
            await hall.end(each, abruptly=False)
