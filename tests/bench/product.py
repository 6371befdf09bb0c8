"""The product as a process of its own, as `contest-server serve` runs it, its contest adopted, tokens issued. Ends with its context."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, Entry, VenueId
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import adopt
from contest_server.live.judges_loading import load_judges
from tests.bench.machine import cpu_us, dies_with_us, family, memory_bytes

CONTEST = ContestId("bench")
STARTS = "2026-11-22T09:00:00Z"
LARGE = 1_000_000
ENDS_WITHIN_S = 30
ANSWERS_WITHIN_S = 60
ENVIRONMENT = {
    "CONTEST_LOG": "json",
    "CONTEST_ADDRESS_REQUESTS_PER_S": str(LARGE),
    "CONTEST_ADDRESS_CONNECTIONS_MAX": str(LARGE),
    "CONTEST_ADDRESS_CONNECTIONS_PER_S": str(LARGE),
    "CONTEST_ADDRESS_SOCKETS_MAX": str(LARGE),
    "CONTEST_ADDRESS_SOCKETS_PER_S": str(LARGE),
    "CONTEST_TOKEN_REQUESTS_PER_S": str(LARGE),
    "CONTEST_TOKEN_SOCKETS_MAX": str(LARGE),
    "CONTEST_VENUE_RATE_PER_S": str(LARGE),
    "CONTEST_PING_INTERVAL_S": "600",
    "CONTEST_PING_TIMEOUT_S": "600",
}
"""All load comes from one address here: the limits of addresses would be what is measured. Pings, which come to all displays within a
moment, would fall into some rounds and not into others."""


def document(venues: int, contestants: int, stages: int, **changes: Any) -> dict[str, Any]:
    """A contest where each stage brings 10 points: contestant cN is of venue v(N mod venues)."""
    return {
        "format": 1,
        "contest": {"id": CONTEST, "name": "bench", "starts": STARTS},
        "clock": {"correct": False},
        "venues": [{"id": f"v{n}"} for n in range(venues)],
        "contestants": [{"id": f"c{n}", "venue": f"v{n % venues}"} for n in range(contestants)],
        "stages": [{"id": f"s{n}", "points": 10} for n in range(stages)],
        **changes,
    }


def prepare(db: str, definition: Mapping[str, Any]) -> list[str]:
    """Adopt the contest in this database; returns a token for each venue."""

    async def run() -> list[str]:
        stores = open_stores(db)
        try:
            await adopt(stores, compile_rulebook(read_definition(dict(definition)), load_judges()), "bench", 1)
            venues = [VenueId(each["id"]) for each in definition["venues"]]
            return [(await stores.tokens.issue("venue", 1, CONTEST, venue)).secret for venue in venues]
        finally:
            await stores.close()

    return asyncio.run(run())


def entries_of(db: str) -> list[Entry]:
    """Everything in the ledger of the contest, verified on the way as every reader does."""

    async def run() -> list[Entry]:
        stores = open_stores(db, create=False)
        found: list[Entry] = []
        try:
            while more := await stores.ledger.read(CONTEST, found[-1].position if found else 0):
                found += more
            return found
        finally:
            await stores.close()

    return asyncio.run(run())


class Product:
    """A server of one database. `settings` are environment variables without CONTEST_. `sampled`: it looks at its own stack
    (`load/sampled.py`)."""

    def __init__(self, db: str, folder: Path, *, sampled: bool = False, **settings: object) -> None:
        self.db = db
        self._samples = folder / f"samples-{id(self)}.json"
        self._log = folder / f"server-{id(self)}.log"
        own = {f"CONTEST_{name.upper()}": str(value) for name, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
        with self._log.open("wb") as log:
            module = "tests.bench.load.sampled" if sampled else "contest_server"
            command = [sys.executable, "-m", module, "serve", "--db", db, "--port", "0"]
            environment = {**kept, **ENVIRONMENT, **own, "BENCH_SAMPLES": str(self._samples)}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, preexec_fn=dies_with_us)

    def __enter__(self) -> Product:
        self.port = self._announced()
        self.pids = family(self._process.pid)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def look(self) -> dict[str, int]:
        """The nanoseconds of CPU that each step has taken so far. For a sampled server only."""
        before = self._samples.stat().st_mtime_ns if self._samples.exists() else 0
        self._process.send_signal(signal.SIGUSR1)
        by_s = time.monotonic() + ANSWERS_WITHIN_S
        while not self._samples.exists() or self._samples.stat().st_mtime_ns == before:
            if time.monotonic() > by_s:
                raise TimeoutError("the sampled server does not tell its samples")
            time.sleep(0.02)
        return cast(dict[str, int], json.loads(self._samples.read_text()))

    def cpu_us(self) -> float:
        return cpu_us(self.pids)

    def memory_bytes(self) -> int:
        return memory_bytes(self.pids)

    def get(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_S) as answer:
            return json.load(answer)

    def board(self, view: str = "all") -> dict[str, Any]:
        """What the fold says of this view."""
        return cast(dict[str, Any], self.get(f"/api/contests/{CONTEST}/board?view={view}"))

    def has(self, position: int) -> bool:
        """Whether this entry is folded: asked for a quarter of what the board costs, whose digest is of all rows."""
        try:
            self.get(f"/api/contests/{CONTEST}/entries/{position}")
        except urllib.error.HTTPError as error:
            if error.code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
                raise
            return error.code == HTTPStatus.FORBIDDEN  # it is there, and no event
        return True

    def _announced(self) -> int:
        """The port, once it serves. Raises RuntimeError with its log when it ends instead."""
        while self._process.poll() is None:
            for line in self._log.read_text(errors="replace").splitlines():
                if '"server started"' in line:
                    return int(json.loads(line)["url"].rstrip("/").rpartition(":")[2])
            try:
                self._process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
        raise RuntimeError(f"the server ended: {self._log.read_text(errors='replace')[-2_000:]}")


def board_path(view: str) -> str:
    return f"/api/contests/{CONTEST}/board?view={view}"


def venue_path(venue: int) -> str:
    return f"/api/contests/{CONTEST}/venues/v{venue}/events"
