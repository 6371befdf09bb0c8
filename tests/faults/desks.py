"""What devices at the venues state: lines of NDJSON from dice, appended to a file that an agent follows. They know what was stated."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.ears import Ears

LINES_AT_ONCE_MAX = 4
OUTCOMES = ("accepted", "accepted", "rejected", "pending", "free")

Json = dict[str, Any]


@dataclass
class Desk:
    """One source. `stated[n - 1]` is the event that has to have number n in the ledger; its `data.mark` occurs nowhere else."""

    venue: str
    source: str
    people: tuple[str, ...]
    stages: tuple[str, ...]
    begins: datetime
    dice: Random
    file: Path
    ears: Ears
    stated: list[Json] = field(default_factory=list)
    has_said_all: bool = True
    leaves_time_out: bool = False
    """Then the agent fills it in, by this device's clock."""
    moments: dict[int, int] = field(default_factory=dict)
    """The true time (µs) before which no number was stated that left its time out."""

    @property
    def name(self) -> str:
        return f"{self.venue}/{self.source}"

    @property
    def clock_file(self) -> Path:
        return self.file.with_suffix(".clock")

    @property
    def outbox(self) -> Path:
        return self.file.with_suffix(".outbox.db")

    def has_waiting(self) -> bool:
        """Whether the agent has read something that is not acknowledged yet."""
        return self._ask_outbox("SELECT count(*) > 0 FROM events WHERE status = 'waiting'")

    def agent_is_idle(self) -> bool:
        """Whether the agent has read the whole file and believes that all of it was answered."""
        read = "SELECT coalesce(max(offset), 0) = ? AND (SELECT count(*) FROM events WHERE status = 'waiting') = 0 FROM inputs"
        return self.file.exists() and self._ask_outbox(read, self.file.stat().st_size)

    def _ask_outbox(self, question: str, *more: int) -> bool:
        try:
            with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True)) as outbox:
                return bool(outbox.execute(question, more).fetchone()[0])
        except sqlite3.OperationalError:
            return False  # the agent is about to make it

    async def speak(self, enough: asyncio.Event, least: int, most: int, pause_s: float) -> None:
        """State events, a few at once, with pauses of `pause_s` on average, until it is enough; at least and at most so many."""
        count, self.has_said_all = 0, False
        while count < most and (count < least or not enough.is_set()):
            some = self.dice.randint(1, LINES_AT_ONCE_MAX)
            self._write([self.event() for _ in range(some)])
            count += some
            self.ears.news.set()
            await asyncio.sleep(self.dice.expovariate(1 / pause_s))
        self.has_said_all = True
        self.ears.news.set()

    def event(self) -> Json:
        number = len(self.stated) + 1
        at = self.begins + timedelta(milliseconds=number * 1_500 + self.dice.randint(0, 900))
        event: Json = {
            "kind": "attempt",
            "contestant": self.dice.choice(self.people),
            "stage": self.dice.choice(self.stages),
            "attempt": f"{self.source}-{self.dice.randint(max(1, number - 5), number)}",
            "data": {"outcome": self.dice.choice(OUTCOMES), "mohm": self.dice.choice(("2.4", "0.4")), "mark": f"{self.name}#{number}"},
        }
        if self.leaves_time_out:
            self.moments[number] = time.time_ns() // 1_000
        else:
            event["at"] = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.stated.append(event)
        return event

    def _write(self, events: list[Json]) -> None:
        """In two parts, as a program without line buffering would: whoever reads between them sees half a line."""
        text = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
        cut = self.dice.randrange(len(text))
        for part in (text[:cut], text[cut:]):
            with self.file.open("ab") as file:
                file.write(part)

    def step_clock(self, by_us: int) -> int:
        """The device's clock jumps; returns by how much it is wrong now (µs)."""
        wrong_us = int(self.clock_file.read_text()) if self.clock_file.exists() else 0
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(wrong_us + by_us))
        fresh.replace(self.clock_file)
        return wrong_us + by_us

    @property
    def is_answered(self) -> bool:
        return self.ears.acknowledged >= len(self.stated)
