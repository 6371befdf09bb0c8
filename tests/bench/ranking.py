"""One more event among 100,000 contestants: its new rank, and a top-50 page with its difference; beside sorting, and beside Redis."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from contest_server.core.facts import ContestantId
from contest_server.core.packing import Key
from contest_server.core.ranking import Ranking
from tests.bench.machine import cpu_us, dies_with_us
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import OURS, NotDelivered, Readings, Row, Target, row_of
from tests.postgres import free_port
from tests.ranks import competition_ranks

SECONDS = 45
CONTESTANTS, CONTESTANTS_QUICK = 100_000, 10_000
UPDATES, CHUNK, PAGES, SORTS, ASKED = 20_000, 250, 2_000, 2, 2_000
PAGE = 50
SORTING, REDIS = "sorting everything", "a Redis sorted set over loopback"
Move = tuple[ContestantId, Key]


class Ours:
    """A ranking, and the moves that make its rounds. Keys are as a chain of points and time makes them."""

    def __init__(self, contestants: int) -> None:
        self._chance = random.Random(7)
        self.names = [ContestantId(f"c{n}") for n in range(contestants)]
        self.keys = {name: self.key() for name in self.names}
        self.ranking = Ranking()
        self.differing = 0
        for name, key in self.keys.items():
            self.ranking.place(name, key)

    def key(self) -> Key:
        return 0, -self._chance.randrange(10**5) * 1_000_000, self._chance.randrange(10**7)

    def moves(self, count: int) -> list[Move]:
        return [(self.names[self._chance.randrange(len(self.names))], self.key()) for _ in range(count)]

    def round(self) -> Readings:
        """Moves are made in small lots right before they are timed, as the fold makes a key right before it is placed."""
        update_us = sum(self._lot() for _ in range(UPDATES // CHUNK)) / (UPDATES // CHUNK)
        page_us, (cpu, wall) = self._page(), self._together()
        self._check()
        return {"update_us": update_us, "page_us": page_us, "cpu_us": cpu, "wall_us": wall}

    def _lot(self) -> float:
        lot, place = self.moves(CHUNK), self.ranking.place
        began = time.process_time_ns()
        for contestant, key in lot:
            place(contestant, key)
        used_us = (time.process_time_ns() - began) / CHUNK / 1_000
        self.keys.update(lot)
        return used_us

    def _together(self) -> tuple[float, float]:
        """µs of CPU, and of time, of an update with its rank and the first names."""
        lot, place, top = self.moves(PAGES), self.ranking.place, self.ranking.top
        began, began_wall = time.process_time_ns(), time.perf_counter_ns()
        for contestant, key in lot:
            place(contestant, key)
            top(PAGE)
        used = (time.process_time_ns() - began) / PAGES / 1_000, (time.perf_counter_ns() - began_wall) / PAGES / 1_000
        self.keys.update(lot)
        return used

    def _page(self) -> float:
        """µs of CPU of a page with what came, went and moved since the one before."""
        used_ns, before = 0, set(self.ranking.top(PAGE))
        for contestant, key in self.moves(PAGES // CHUNK):
            self.ranking.place(contestant, key)
            self.keys[contestant] = key
            began = time.process_time_ns()
            for _ in range(CHUNK):
                shown = set(self.ranking.top(PAGE))
                differing = (shown - before) | (before - shown) | ({contestant} & shown)
                before = shown
                self.differing += len(differing)
            used_ns += time.process_time_ns() - began
        return used_ns / PAGES / 1_000

    def _check(self) -> None:
        """The order and all ranks are those of a sort."""
        order = sorted(self.keys, key=lambda name: (self.keys[name], name))
        if list(self.ranking) != order:
            raise NotDelivered("the ranking is in another order than a sort")
        if [self.ranking.rank_of(name) for name in order] != competition_ranks([self.keys[name] for name in order]):
            raise NotDelivered("the ranks are other ones than a sort gives")

    def sort(self) -> Readings:
        keys = list(self.keys.values())
        began = time.process_time_ns()
        for _ in range(SORTS):
            competition_ranks(sorted(keys))
        return {"update_us": (time.process_time_ns() - began) / SORTS / 1_000}


class Redis:
    """A sorted set of as many members. One round trip an update: set the score, ask for the rank and the first fifty."""

    def __init__(self, program: str, folder: Path, names: Sequence[ContestantId]) -> None:
        self._names, self._chance = names, random.Random(8)
        port = free_port()
        words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(words, stdout=silent, stderr=silent, preexec_fn=dies_with_us)
        self._socket = _connected(port)
        self._held = b""

    def __enter__(self) -> Redis:
        for at in range(0, len(self._names), 1_000):
            self._ask(b"".join(_command("ZADD", "board", str(self._score()), name) for name in self._names[at : at + 1_000]), 1_000)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)

    def round(self) -> Readings:
        used_us, began, began_wall = cpu_us([self._process.pid]), time.process_time_ns(), time.perf_counter_ns()
        for _ in range(ASKED):
            name = self._names[self._chance.randrange(len(self._names))]
            commands = _command("ZADD", "board", str(self._score()), name) + _command("ZRANK", "board", name)
            self._ask(commands + _command("ZRANGE", "board", "0", str(PAGE - 1), "WITHSCORES"), 3)
        wall_us = (time.perf_counter_ns() - began_wall) / ASKED / 1_000
        own_us = (time.process_time_ns() - began) / ASKED / 1_000
        return {"cpu_us": own_us + (cpu_us([self._process.pid]) - used_us) / ASKED, "wall_us": wall_us}

    def _score(self) -> int:
        return -self._chance.randrange(10**5) * 1_000_000 + self._chance.randrange(10**6)

    def _ask(self, commands: bytes, answers: int) -> None:
        """Send commands in one write, and read as many answers as they have."""
        self._socket.sendall(commands)
        for _ in range(min(answers, commands.count(b"*"))):
            self._answer()

    def _answer(self) -> None:
        line = self._line()
        if line[:1] == b"*":
            for _ in range(int(line[1:])):
                self._answer()
        elif line[:1] == b"$":
            self._line()
        elif line[:1] == b"-":
            raise NotDelivered(f"Redis answered {line.decode()}")

    def _line(self) -> bytes:
        while b"\r\n" not in self._held:
            self._held += self._socket.recv(65_536)
        line, _, self._held = self._held.partition(b"\r\n")
        return line


def _command(*words: str) -> bytes:
    return f"*{len(words)}\r\n".encode() + b"".join(f"${len(word.encode())}\r\n{word}\r\n".encode() for word in words)


def _connected(port: int, within_s: float = 10.0) -> socket.socket:
    by_s = time.monotonic() + within_s
    while True:
        try:
            found = socket.create_connection(("127.0.0.1", port), timeout=within_s)
        except ConnectionRefusedError:
            if time.monotonic() > by_s:
                raise
            time.sleep(0.05)
        else:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return found


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    count = options.sized(CONTESTANTS, CONTESTANTS_QUICK)
    progress.say(f"a ranking of {count:,} contestants")
    ours = Ours(count)
    contenders: dict[str, Callable[[], Readings]] = {OURS: ours.round, SORTING: ours.sort}
    with ExitStack() as stack:
        program = shutil.which("redis-server")
        if program is None:
            progress.skip("Redis", "apt install redis-server")
        else:
            contenders[REDIS] = stack.enter_context(Redis(program, options.scratch, ours.names)).round
        runs = race("ranking", contenders, options, progress, options.rounds_cheap)
    among, checked = f"among {count:,}", "after each round the order and every rank are those of a sort"
    page = f"ranking: a top-{PAGE} page with its difference, {among}"
    yield row_of(runs, f"ranking: one more event and its rank, {among}", "update_us", "µs", target=Target("≤", 5, "ours"), checked=checked)
    yield row_of(runs, page, "page_us", "µs", target=Target("≤", 20, "ours"), checked=checked)
    yield row_of(
        {name: runs[name] for name in (OURS, SORTING)},
        f"ranking: beside sorting everything anew, {among}",
        "update_us",
        "µs",
        bare=SORTING,
        target=Target("≤", 0.01),
        checked=checked,
    )
    if REDIS in runs:
        for metric, what in (("wall_us", "time"), ("cpu_us", "CPU")):
            aim = Target("≤", 0.02) if metric == "wall_us" else None
            yield row_of(
                {name: runs[name] for name in (OURS, REDIS)},
                f"ranking: {what} of event, rank and top-{PAGE} page, {among}",
                metric,
                "µs",
                bare=REDIS,
                target=aim,
                checked=checked,
            )
