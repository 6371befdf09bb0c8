"""Hours in minutes: venues, displays and referees that come and go at one server, and whether it holds on to anything of them.

    python -m tests.bench.soak --minutes 10

Few events come, so that what grows is what nobody let go. Prints a line a lap, and ends with 1 where memory, descriptors, tasks or objects
went on growing after the warm-up. Not a row of `make bench`: it takes its time.
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
        return Lap(number, self.memory_bytes() / 1024, self.files(), counts["tasks"], counts["objects"], events)


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
    def __init__(self, server: Product, scratch: Path, tokens: Sequence[str], secrets: Sequence[str]) -> None:
        self._server, self._scratch, self._tokens, self._secrets = server, scratch, tokens, secrets
        self._chance, self._seqs, self.events = random.Random(1), [0] * VENUES, 0

    def go_round(self) -> None:
        """Everybody comes, does a little, and goes: some politely, some not."""
        port, scratch = self._server.port, self._scratch
        board = upgrade(board_path(self._chance.choice(["top:10", "all", "top:50", f"venue:v{self._chance.randrange(VENUES)}"])))
        with Crowd(scratch, port, COMING, board) as displays, Crowd(scratch, port, COMING // 10, board, stalled=COMING // 20):
            displays.until(lambda now: now.least >= 1)
            with Venues(port, [venue_path(n) for n in range(VENUES)], self._tokens) as venues:
                for secret in self._secrets:
                    self._referee(secret)
                venue = self._chance.randrange(VENUES)
                self._send(venues.lines[venue], venue)
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


def faults(laps: Sequence[Lap]) -> list[str]:
    """What went on growing after the warm-up, in words."""
    late = laps[int(len(laps) * WARM_SHARE) :]
    found = []
    for what, limit in (("memory_kb", GROWTH_KB_A_LAP), ("objects", GROWTH_OBJECTS_A_LAP)):
        grows = slope([float(getattr(each, what)) for each in late])
        if grows > limit:
            found.append(f"{what}: {grows:.1f} more a lap, at most {limit:g}")
    for what, most in (("files", GROWTH_FILES), ("tasks", GROWTH_TASKS)):
        grown = getattr(late[-1], what) - getattr(late[0], what)
        if grown > most:
            found.append(f"{what}: {grown} more than after the warm-up")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args()
    laps: list[Lap] = []
    with tempfile.TemporaryDirectory(prefix="contest-soak-") as folder:
        scratch = Path(folder)
        db = f"sqlite:///{scratch / 'soak.db'}"
        officials = [{"id": f"R{number}", "name": f"R{number}"} for number in range(REFEREES)]
        tokens = prepare(db, document(VENUES, CONTESTANTS, STAGES, officials=officials))
        secrets = sessions(db)
        with Counted(db, scratch) as server, Crowd(scratch, server.port, STAYING, upgrade(board_path("top:50"))):
            soak, by_s = Soak(server, scratch, tokens, secrets), time.monotonic() + asked.minutes * 60
            while time.monotonic() < by_s or len(laps) < 5:
                soak.go_round()
                laps.append(server.lap(len(laps) + 1, soak.events))
                print(json.dumps(asdict(laps[-1])), flush=True)
    found = faults(laps)
    print("\n".join(found) if found else f"{len(laps)} laps: nothing went on growing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
