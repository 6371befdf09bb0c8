"""Hours in minutes: venues, displays and referees that come and go at one server, and whether it holds on to anything of them.

    python -m tests.bench.soak --minutes 10
    python -m tests.bench.soak --minutes 2 --events 200

Few events come, so that what grows is what nobody let go. Prints a line a lap, and ends with 1 where memory, descriptors, tasks or objects
went on growing after the warm-up. With many `--events` the contest itself grows, of course: what counts then is the last line, where the
server is held against one that starts anew on the same ledger. Not a row of `make bench`: it takes its time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from contest_server.core.facts import OfficialId
from contest_server.ledger.urls import open_stores
from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.venues import Line, Venues, at_ms, clear, events_of
from tests.bench.machine import dies_with_us, settled
from tests.bench.product import CONTEST, ENVIRONMENT, Product, board_path, document, prepare, venue_path

VENUES, CONTESTANTS, STAGES, REFEREES = 50, 200, 50, 5
STAYING, COMING = 50, 100
WARM_SHARE = 0.4
"""Of the laps: until then caches fill and the allocator finds its size."""
GROWTH_KB_A_LAP = 40.0
GROWTH_TASKS, GROWTH_FILES, GROWTH_OBJECTS_A_LAP = 3, 3, 150.0
KEPT_MAX_KB = 4_096
"""What a server may hold beyond one that starts anew: frames for displays that come back, and what the allocator has in hand."""
EVENT_EVERY_S = 0.005
TOLD_WITHIN_S, GONE_WITHIN_S = 30, 10
PASSWORD = "soaked through"


@dataclass(frozen=True, slots=True)
class Lap:
    """What the server held after everybody who came had left again."""

    lap: int
    memory_kb: float
    files: int
    tasks: int
    objects: int
    events: int


class Counted(Product):
    """A server that tells its tasks and objects (`load/counted.py`)."""

    def __init__(self, db: str, folder: Path) -> None:
        self.db = db
        self._log, self._counts = folder / "server.log", folder / "counts.json"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
        command = [sys.executable, "-m", "tests.bench.load.counted", "serve", "--db", db, "--port", "0"]
        with self._log.open("wb") as log:
            environment = {**kept, **ENVIRONMENT, "BENCH_COUNTS": str(self._counts)}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, preexec_fn=dies_with_us)

    def __enter__(self) -> Counted:
        super().__enter__()
        return self

    def counts(self) -> dict[str, int]:
        self._counts.unlink(missing_ok=True)
        self._process.send_signal(signal.SIGUSR2)
        by_s = time.monotonic() + TOLD_WITHIN_S
        while not self._counts.exists():
            if time.monotonic() > by_s:
                raise TimeoutError("the server does not tell what it holds")
            time.sleep(0.02)
        found: dict[str, int] = json.loads(self._counts.read_text())
        return found

    def files(self) -> int:
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.pids)

    def lap(self, number: int, events: int) -> Lap:
        settled(self.pids, GONE_WITHIN_S)  # goodbyes take a moment
        counts = self.counts()
        return Lap(number, sum(map(own_kb, self.pids)), self.files(), counts["tasks"], counts["objects"], events)


def own_kb(pid: int) -> int:
    """What a process wrote itself. Code that it shares is left out: its share depends on who else runs."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1])
    raise LookupError(f"no memory of process {pid}")


def sessions(db: str) -> list[str]:
    """Each referee logged in once; returns the secrets."""

    async def run() -> list[str]:
        stores, now_us = open_stores(db), time.time_ns() // 1_000
        found = []
        for number in range(REFEREES):
            who = OfficialId(f"R{number}")
            await stores.officials.set_password(CONTEST, who, PASSWORD, now_us)
            begun = await stores.officials.log_in(CONTEST, who, PASSWORD, now_us)
            assert begun is not None, "the password is the one just set"
            found.append(begun.secret)
        await stores.close()
        return found

    return asyncio.run(run())


class Soak:
    def __init__(self, server: Product, scratch: Path, tokens: Sequence[str], secrets: Sequence[str], events_a_lap: int) -> None:
        self._server, self._scratch, self._tokens, self._secrets = server, scratch, tokens, secrets
        self._events_a_lap = events_a_lap
        self._chance, self._seqs, self.events = random.Random(1), [0] * VENUES, 0

    def go_on_at(self, server: Product) -> None:
        """Look at another server of the same ledger, and tell nothing more."""
        self._server, self._events_a_lap = server, 0

    def go_round(self) -> None:
        """Everybody comes, does a little, and goes: some politely, some not."""
        port, scratch = self._server.port, self._scratch
        board = upgrade(board_path(self._chance.choice(["top:10", "all", "top:50", f"venue:v{self._chance.randrange(VENUES)}"])))
        with Crowd(scratch, port, COMING, board) as displays, Crowd(scratch, port, COMING // 10, board, stalled=COMING // 20):
            displays.until(lambda now: now.least >= 1)
            with Venues(port, [venue_path(n) for n in range(VENUES)], self._tokens) as venues:
                for secret in self._secrets:
                    self._referee(secret)
                for _ in range(self._events_a_lap):
                    venue = self._chance.randrange(VENUES)
                    self._send(venues.lines[venue], venue)
                    venues.pump(EVENT_EVERY_S)
                venues.until(venues.all_acknowledged)

    def _send(self, line: Line, venue: int) -> None:
        self._seqs[venue] += 1
        self.events += 1
        contestant = f"c{self._chance.randrange(CONTESTANTS)}"
        text = clear(
            self._seqs[venue], contestant, f"s{self._chance.randrange(STAGES)}", f"{venue}-{self._seqs[venue]}", at_ms(self.events)
        )
        line.send(events_of([text]), self._seqs[venue])

    def _referee(self, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        request = upgrade(f"/api/contests/{CONTEST}/reviews", headers=headers)
        with Crowd(self._scratch, self._server.port, 1, request) as referee:
            referee.until(lambda now: now.least >= 1)
        self._server.get(f"/api/contests/{CONTEST}/cases", secret)


def slope(values: Sequence[float]) -> float:
    """Of a straight line through these, by least squares: growth a lap."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((at - middle) ** 2 for at in range(count))
    return sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread if spread else 0.0


def faults(laps: Sequence[Lap], anew: Lap, *, grows_itself: bool) -> list[str]:
    """What went on growing after the warm-up, and what is beyond what the ledger explains, in words."""
    late = laps[int(len(laps) * WARM_SHARE) :]
    found = []
    kept_kb = laps[-1].memory_kb - anew.memory_kb
    if kept_kb > KEPT_MAX_KB:
        found.append(f"{kept_kb:.0f} KB more than a server that starts anew, at most {KEPT_MAX_KB:,}")
    for what, limit in () if grows_itself else (("memory_kb", GROWTH_KB_A_LAP), ("objects", GROWTH_OBJECTS_A_LAP)):
        grows = slope([float(getattr(each, what)) for each in late])
        if grows > limit:
            found.append(f"{what}: {grows:.1f} more a lap, at most {limit:g}")
    for what, most in (("files", GROWTH_FILES), ("tasks", GROWTH_TASKS)):
        grown = getattr(late[-1], what) - getattr(late[0], what)
        if grown > most:
            found.append(f"{what}: {grown} more than after the warm-up")
    return found


def started_anew(db: str, scratch: Path, soak: Soak) -> Lap:
    """What a server holds that starts on the same ledger, once one round of everybody has come and gone without an event."""
    with Counted(db, scratch) as server:
        server.board()  # once it has read everything, displays come in by their own door
        with Crowd(scratch, server.port, STAYING, upgrade(board_path("top:50"))):
            soak.go_on_at(server)
            soak.go_round()
            return server.lap(0, soak.events)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--events", type=int, default=1, help="in each lap")
    asked = parser.parse_args()
    laps: list[Lap] = []
    with tempfile.TemporaryDirectory(prefix="contest-soak-") as folder:
        scratch = Path(folder)
        db = f"sqlite:///{scratch / 'soak.db'}"
        officials = [{"id": f"R{number}", "name": f"R{number}"} for number in range(REFEREES)]
        tokens = prepare(db, document(VENUES, CONTESTANTS, STAGES, officials=officials))
        secrets = sessions(db)
        with Counted(db, scratch) as server, Crowd(scratch, server.port, STAYING, upgrade(board_path("top:50"))):
            soak, by_s = Soak(server, scratch, tokens, secrets, asked.events), time.monotonic() + asked.minutes * 60
            while time.monotonic() < by_s or len(laps) < 5:
                soak.go_round()
                laps.append(server.lap(len(laps) + 1, soak.events))
                print(json.dumps(asdict(laps[-1])), flush=True)
        anew = started_anew(db, scratch, soak)
    print(json.dumps({"anew": asdict(anew)}))
    found = faults(laps, anew, grows_itself=asked.events > 1)
    print("\n".join(found) if found else f"{len(laps)} laps: nothing went on growing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
