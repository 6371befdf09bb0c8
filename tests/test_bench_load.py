"""What loads the servers of `make bench`: the crowd sees every message of every connection, and venues write what a server reads."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.bench.load.displays import Crowd
from tests.bench.load.following import Folding
from tests.bench.load.sights import last_after_first_ms, part_of
from tests.bench.load.venues import Venues, at_ms, clear, events_of, masked
from tests.bench.machine import cpu_us, descriptors, family, settled
from tests.bench.peers.broadcasters import Commanded, bare_send, closing
from tests.bench.plan import PLAN, benchmarks
from tests.bench.rows import OURS, NotDelivered
from tests.bench.servers import FOLD, ONE, less_the_folds

needs_compiler = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc: apt install gcc libc6-dev")
DISPLAYS, FRAMES = 20, 5


def test_every_benchmark_of_the_plan_is_there_and_says_how_long_it_takes() -> None:
    found = benchmarks()
    assert [each.name for each in found] == list(PLAN)
    assert all(each.seconds > 0 and each.topic for each in found)
    assert sum(each.seconds for each in found) <= 14 * 60


def test_only_what_was_asked_for_is_run() -> None:
    assert [each.name for each in benchmarks(["leap", "crowd"])] == ["crowd", "leap"]
    assert [each.name for each in benchmarks(["ingest"])] == ["intake", "positions", "acks"]
    with pytest.raises(LookupError, match="there are crowd"):
        benchmarks(["no such"])


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Commanded]:
    peer = bare_send(tmp_path)
    with closing(peer):
        yield peer


@needs_compiler
@pytest.mark.parametrize("size", [100, 1_000])
def test_the_crowd_keeps_who_got_what_in_order(tmp_path: Path, sender: Commanded, size: int) -> None:
    with Crowd(tmp_path, sender.port, DISPLAYS, sender.request) as crowd:
        sender.broadcast(FRAMES, 0.0, size)
        assert crowd.until(lambda now: now.least >= FRAMES).messages == DISPLAYS * FRAMES
        sight = crowd.sight()
    assert [text.split()[1] for text in sight.messages] == ["1", "2", "3", "4", "5"]
    assert {len(text) for text in sight.messages} == {size}
    assert {track.messages for track in sight.tracks} == {(0, 1, 2, 3, 4)}
    assert all(list(track.at_ns) == sorted(track.at_ns) for track in sight.tracks)
    assert last_after_first_ms(part_of(sight, 0, FRAMES)) >= 0


@needs_compiler
def test_a_crowd_that_waits_for_more_than_comes_says_that_it_was_not_delivered(tmp_path: Path, sender: Commanded) -> None:
    with Crowd(tmp_path, sender.port, DISPLAYS, sender.request) as crowd:
        sender.broadcast(1, 0.0, 100)
        with pytest.raises(NotDelivered):
            crowd.until(lambda now: now.least >= 2, within_s=0.2)


@needs_compiler
def test_who_stalls_is_not_counted(tmp_path: Path, sender: Commanded) -> None:
    with Crowd(tmp_path, sender.port, DISPLAYS, sender.request, stalled=5) as crowd:
        sender.broadcast(1, 0.0, 100)
        assert crowd.until(lambda now: now.least >= 1).connections == DISPLAYS - 5
        assert len(crowd.sight().tracks) == DISPLAYS - 5


@needs_compiler
def test_a_server_that_ends_a_connection_ends_the_benchmark(tmp_path: Path, sender: Commanded) -> None:
    with Crowd(tmp_path, sender.port, DISPLAYS, sender.request) as crowd:
        sender.close()
        with pytest.raises(NotDelivered, match="ended"):
            crowd.until(lambda now: now.least >= 1)


@pytest.mark.parametrize("length", [1, 125, 126, 65_535, 65_536])
async def test_what_a_venue_writes_is_read_by_another_library(length: int) -> None:
    """Lengths at which the head of a frame changes."""
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(socket: ServerConnection) -> None:
        await socket.recv()
        came.set_result(str(await socket.recv()))

    async with serve(answer, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = server.sockets[0].getsockname()[1]

        def venue() -> None:
            with Venues(port, ["/"], [""]) as venues:
                venues.lines[0].socket.setblocking(True)
                venues.lines[0].socket.sendall(masked("x" * length))

        thread = Thread(target=venue)
        thread.start()
        assert await came == "x" * length
        await asyncio.to_thread(thread.join)


async def test_a_refused_event_ends_the_benchmark() -> None:
    async def refuse(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.recv()
        await socket.send('{"type":"refused","seq":1,"code":"bad_event","detail":""}')
        await socket.wait_closed()

    async with serve(refuse, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]

        def venue() -> None:
            with Venues(port, ["/"], [""]) as venues:
                venues.lines[0].send(events_of([clear(1, "c0", "s0")]), 1)
                venues.until(venues.all_acknowledged)

        with pytest.raises(NotDelivered, match="refused"):
            await asyncio.to_thread(venue)


def test_each_event_has_a_time_of_its_own() -> None:
    times = [at_ms(number) for number in range(0, 7_200_000, 999)]
    assert len(set(times)) == len(times)
    assert times == sorted(times)
    assert json.loads(clear(7, "c0", "s0", at=at_ms(3_661_001)))["at"] == "2026-11-22T10:01:01.001Z"


def test_the_cpu_of_a_process_is_that_of_it_and_not_of_others() -> None:
    with subprocess.Popen(["sh", "-c", "echo; read x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as idle:
        assert idle.stdin is not None
        assert idle.stdout is not None
        idle.stdout.readline()
        before = settled([idle.pid])
        sum(number * number for number in range(200_000))
        assert cpu_us([idle.pid]) == before
        assert idle.pid in family(idle.pid)
        idle.stdin.close()


def test_the_fold_alone_shows_what_it_took_in_and_tells_its_cpu() -> None:
    with Folding() as fold:
        assert fold.spent_us() == 0
        fold.take(2)
        fold.take(1)
        assert fold.spent_us() > 0
        board = fold.shown()
    assert [points for _, points in board[:4]] == ["10", "10", "10", "0"]
    assert [who for who, _ in board[:3]] == ["c1", "c2", "c3"], "who cleared first stands first"


def test_what_three_servers_cost_less_the_folds_is_one_server_where_following_is_folding() -> None:
    one = {"event_us": 80.0, "following_us": 0.0, "fold_us": 50.0}
    three = {"event_us": 80.0 + 2 * 50.0, "following_us": 50.0, "fold_us": 0.0}
    runs = less_the_folds({OURS: [three], ONE: [one]})
    assert [runs[name][0]["own_us"] for name in (OURS, ONE)] == [80.0, 80.0]
    assert [runs[name][0]["following_us"] for name in (OURS, FOLD)] == [50.0, 50.0]


def test_a_limit_of_files_is_never_lowered() -> None:
    assert descriptors(16) >= descriptors(8)
