"""A real server for the pages: in a thread with a loop of its own, or as a process that can be killed. What it keeps outlives it."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, OfficialId, VenueId
from contest_server.core.rulebook import Judges
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from contest_server.live.now import now_us
from contest_server.live.settings import Settings
from contest_server.web.serving import serving
from judges.catalogue import built_in
from tests.browser import evening
from tests.browser.evening import Json
from tests.browser.past import written

JUDGES: Judges = {judge.rule: judge for judge in built_in()}
LIMIT_S = 60.0
"""How long anything here may take before it counts as never."""
BATCH_EVENTS = 500
BEAT_MS = 1_500
"""Quiet servers beat more often here, so that nobody waits long; less often than they paint, so that the one does not hide the other."""

T = TypeVar("T")


def begun(minutes_ago: float) -> datetime:
    """A start so long ago, at a whole second: boards are written in milliseconds and read in seconds."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes_ago)


@dataclass(slots=True)
class Contest:
    """A contest as its devices and officials reach it: by HTTP, each with a token (of a venue, or "staff")."""

    http: httpx.Client
    id: str
    start: datetime
    venue_of: Mapping[str, str]
    keys: Mapping[str, str]
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/api/contests/{self.id}"

    def tell(self, *each: Json) -> int:
        """Send what was told, each from the contestant's own venue; returns the last position, once all of it is durable."""
        position = 0
        for venue in dict.fromkeys(self.venue_of[one["contestant"]] for one in each):
            mine = [one for one in each if self.venue_of[one["contestant"]] == venue]
            for begin in range(0, len(mine), BATCH_EVENTS):
                position = self._post(venue, mine[begin : begin + BATCH_EVENTS])
        return position

    def _post(self, venue: str, each: list[Json]) -> int:
        events = evening.numbered(each, self.sent.get(venue, 0), self.start)
        answer = self.http.post(
            f"{self.path}/venues/{venue}/events",
            params={"source": "desk"},
            headers={"Authorization": f"Bearer {self.keys[venue]}"},
            json={"type": "events", "events": events},
        )
        assert answer.status_code == 200, answer.text
        self.sent[venue] = events[-1]["seq"]
        return int(answer.json()["position"])

    def order(self, what: str, **order: Any) -> None:
        """Let an official do something: clock, freeze, thaw, finalise, standings."""
        answer = self.http.post(f"{self.path}/{what}", headers={"Authorization": f"Bearer {self.keys['staff']}"}, json=order)
        assert answer.status_code == 200, answer.text

    def board(self) -> Json:
        """What the public sees, for people with curl."""
        answer = self.http.get(f"{self.path}/board")
        assert answer.status_code == 200, answer.text
        board: Json = answer.json()
        return board


class Hall:
    """A server in a thread, on a free port, with everything in memory. `themes` is a folder of themes, if there are any."""

    def __init__(self, themes: str = "") -> None:
        self._themes = themes
        self._stores = open_stores("memory:")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hall")
        self._port = 0
        self._names = itertools.count(1)
        self._taken: set[str] = set()
        self.url = ""
        self._thread.start()
        self.open()
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=LIMIT_S)

    def open(self) -> None:
        """Begin to serve, after a `shut` at the same address."""
        opened: Future[str] = Future()
        self._ending = asyncio.Event()
        self._serving = asyncio.run_coroutine_threadsafe(self._serve(opened, self._ending), self._loop)
        self.url = opened.result(LIMIT_S)
        self._port = int(self.url.rpartition(":")[2])

    def shut(self) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._serving.result(LIMIT_S)

    def end(self) -> None:
        """Shut, and let go of everything."""
        try:
            self.shut()
            self.http.close()
            self._do(self._stores.close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(LIMIT_S)
            self._loop.close()

    def adopt(self, document: Json) -> Contest:
        """Let a contest hold, and let in its venues and its staff. A name that is taken, as by a test that is run again, gets a number."""
        about = document["contest"]
        name = about["id"] if about["id"] not in self._taken else f"{about['id']}-{next(self._names)}"
        self._taken.add(name)
        document = document | {"contest": about | {"id": name}}
        return contest_of(document, self.http, self._do(adopted(self._stores, document)))

    def past(self, document: Json, each: Sequence[Json]) -> Contest:
        """A contest whose ledger was written while it went on, which only is looked at now: nobody has a token for it."""
        self._do(written(self._stores, document, each, JUDGES))
        return contest_of(document, self.http, {})

    def give_passwords(self, contest: str, officials: Mapping[str, str]) -> None:
        """Let these officials log in."""
        for official, password in officials.items():
            self._do(self._stores.officials.set_password(ContestId(contest), OfficialId(official), password, now_us()))

    def contest(self, minutes_ago: float = 90, **different: Any) -> Contest:
        """A contest of its own for a test; `different` as for `evening.document`."""
        return self.adopt(evening.document(f"evening-{next(self._names)}", begun(minutes_ago), **different))

    async def _serve(self, opened: Future[str], ending: asyncio.Event) -> None:
        settings = Settings(db="memory:", host="127.0.0.1", port=self._port, beat_interval_ms=BEAT_MS, themes=self._themes)
        try:
            async with serving(self._stores, JUDGES, settings) as url:
                opened.set_result(url)
                await ending.wait()
        except BaseException as fault:
            if not opened.done():
                opened.set_exception(fault)
            raise

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)


async def adopted(stores: Stores, document: Json) -> dict[str, str]:
    """Adopt, and return the tokens of the venues and of the staff."""
    definition = read_definition(document)
    contest = ContestId(definition.contest.id)
    await adopt(stores, compile_rulebook(definition, JUDGES), "test", now_us())
    keys = {"staff": (await stores.tokens.issue("staff", now_us(), contest)).secret}
    for venue in definition.venues:
        keys[venue.id] = (await stores.tokens.issue("venue", now_us(), contest, VenueId(venue.id))).secret
    return keys


def contest_of(document: Json, http: httpx.Client, keys: Mapping[str, str]) -> Contest:
    about = document["contest"]
    venue_of = {each["id"]: each["venue"] for each in document["contestants"]}
    return Contest(http, about["id"], datetime.fromisoformat(about["starts"]), venue_of, keys)


def _drain(stream: IO[str]) -> None:
    """Read on until it ends or is closed: a full pipe would hold the program up."""
    with suppress(ValueError, OSError):
        stream.read()


class Program:
    """`contest-server serve` as a process of its own on a file, which may be killed at any moment and started again."""

    def __init__(self, folder: Path) -> None:
        self._db = f"sqlite:///{folder / 'contest.db'}"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self._port = 0

    def adopt(self, document: Json) -> dict[str, str]:
        """Adopt into the file and return the tokens: in a thread, because the browser's loop runs in this one."""

        async def work() -> dict[str, str]:
            stores = open_stores(self._db)
            try:
                return await adopted(stores, document)
            finally:
                await stores.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work()).result(LIMIT_S)

    def start(self) -> None:
        """Serve, on the port of last time. Raises AssertionError with what the program said if it does not come up."""
        command = [sys.executable, "-m", "contest_server", "serve", "--port", str(self._port), "--db", self._db]
        environment = os.environ | {"CONTEST_BEAT_INTERVAL_MS": str(BEAT_MS)}
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        never = threading.Timer(LIMIT_S, self._process.kill)
        never.start()
        heard: list[str] = []
        try:
            for line in self._process.stderr:
                heard.append(line)
                if line.startswith("contest-server: http://"):
                    break
        finally:
            never.cancel()
        assert heard[-1:] == [line for line in heard if line.startswith("contest-server: http://")], "".join(heard)
        threading.Thread(target=_drain, args=(self._process.stderr,), daemon=True).start()
        self.url = heard[-1].split()[1].rstrip("/")
        self._port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """As a power cut does: without a word."""
        process, self._process = self._process, None
        if process is not None:
            with process:
                process.kill()
