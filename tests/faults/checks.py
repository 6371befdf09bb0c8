"""What has to hold after every fault, as plain statements about plain evidence. Each raises AssertionError with what is wrong.

The counting of events trusts none of our code: it reads the lines of the export as JSON. The boards are held against a fold of the same
lines by a new Contest that has never seen a server.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from contest_server.core.audience import Audience
from contest_server.core.contest import Contest
from contest_server.core.facts import Entry
from contest_server.ledger.verify_export import verify_export
from contest_server.live.board import Board
from contest_server.live.views import parse_view
from tests.contests import CUP, JUDGES

Json = dict[str, Any]
TOLD_MAX = 5
PUBLIC: Audience = "public"
FROM_THE_DEVICE = ("kind", "contestant", "stage", "attempt", "data")


@dataclass(frozen=True)
class Sent:
    """One source: what it stated, in order, and the highest number that was acknowledged to it."""

    name: str
    stated: Sequence[Json]
    acknowledged: int
    moments: Mapping[int, int] = field(default_factory=dict)
    """For numbers that were stated without a time: the true time (µs) just before."""


@dataclass(frozen=True)
class Shown:
    """One board somewhere: at a server (with its digest) or on a display."""

    where: str
    position: int | None
    rows: Mapping[str, Json]
    digest: str | None = None
    view: str = "all"


def events_in(export: bytes) -> list[Json]:
    """The facts of all events of an export, in order, as JSON."""
    return [body["fact"] for body in bodies_in(export)]


def bodies_in(export: bytes) -> list[Json]:
    """Of the entries that are events."""
    bodies = (json.loads(line).get("body") for line in export.splitlines())
    return [body for body in bodies if body is not None and body["fact"]["type"] == "event"]


def every_acknowledged_event_is_there_once(export: bytes, sent: Sequence[Sent]) -> None:
    """And none that was sent is there twice, acknowledged or not."""
    count = Counter((fact["source"], fact["seq"]) for fact in events_in(export))
    twice = [number for number, times in count.items() if times > 1]
    assert not twice, f"stored more than once: {some(twice)}"
    lost = [(each.name, seq) for each in sent for seq in range(1, each.acknowledged + 1) if (each.name, seq) not in count]
    assert not lost, f"acknowledged and not in the ledger: {some(lost)}"


def numbers_have_no_gap(export: bytes, sent: Sequence[Sent]) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    for fact in events_in(export):
        seen[fact["source"]].append(fact["seq"])
    for source, numbers in seen.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"{source}: numbers are not 1, 2, 3, …: {some(numbers)}"
    strangers = seen.keys() - {each.name for each in sent}
    assert not strangers, f"sources that nobody is: {some(sorted(strangers))}"


def every_event_is_what_was_stated(export: bytes, sent: Sequence[Sent]) -> None:
    """Number n of a source is the n-th event that its device stated, to the letter."""
    stated = {(each.name, seq): event for each in sent for seq, event in enumerate(each.stated, 1)}
    for fact in events_in(export):
        number = fact["source"], fact["seq"]
        assert number in stated, f"{number} was never stated"
        ours = {name: stated[number].get(name) for name in FROM_THE_DEVICE}
        theirs = {name: fact.get(name) for name in FROM_THE_DEVICE}
        assert ours == theirs, f"{number}: stated {ours}, stored {theirs}"
        at = stated[number].get("at")
        assert at is None or microseconds(at) == fact["at_us"], f"{number}: stated at {at}, stored {fact['at_us']} µs"


def times_are_true_within_their_error(export: bytes, sent: Sequence[Sent]) -> None:
    """An event timed by a device whose clock is wrong: by the measured offset, it happened between being stated and being received."""
    moments = {(each.name, seq): moment_us for each in sent for seq, moment_us in each.moments.items()}
    for body in bodies_in(export):
        fact = body["fact"]
        moment_us = moments.get((fact.get("source"), fact.get("seq")))
        if moment_us is None:
            continue
        assert "offset_us" in fact, f"{fact}: its device's clock was never measured"
        true_us, error_us = fact["at_us"] - fact["offset_us"], fact["error_us"]
        assert moment_us - error_us <= true_us <= body["received_us"] + error_us, f"{body}: stated after {moment_us} µs"


def everything_stated_arrived(export: bytes, sent: Sequence[Sent]) -> None:
    count = Counter(fact["source"] for fact in events_in(export))
    missing = [f"{each.name}: {count[each.name]} of {len(each.stated)}" for each in sent if count[each.name] != len(each.stated)]
    assert not missing, f"stated and not in the ledger: {some(missing)}"


def all_boards_are_the_fold(fold: Fold, shown: Sequence[Shown]) -> None:
    """Every server and every display, at the end of the ledger, shows what a new fold of it shows."""
    digest = fold.digest()
    for each in shown:
        rows = fold.rows(each.view)
        assert each.position == fold.position, f"{each.where} is at {each.position}, the ledger ends at {fold.position}"
        assert each.digest in (None, digest), f"{each.where} has another digest at {each.position}"
        other = [who for who in sorted(rows.keys() | each.rows.keys()) if rows.get(who) != each.rows.get(who)]
        assert not other, f"{each.where} at {each.position}: {some([(who, each.rows.get(who), rows.get(who)) for who in other[:2]])}"


class Fold:
    """A contest that has never seen a server: it takes the lines of exports, each verified, and reads no entry twice."""

    def __init__(self) -> None:
        self.contest = Contest(CUP, JUDGES)
        self.board = Board(self.contest, "", 2, 2)
        self._hashes: list[str] = []

    @property
    def position(self) -> int:
        return self.contest.position

    def take(self, export: bytes) -> None:
        """Raises Contradiction for an export that does not verify, AssertionError for one whose past differs from the last one's."""
        entries: list[Entry] = []
        verify_export(BytesIO(export), each=entries.append)
        hashes = [json.loads(line)["hash"] for line in export.splitlines()[1:-1]]
        assert hashes[: len(self._hashes)] == self._hashes, "entries that were there are otherwise now"
        self._hashes = hashes
        for entry in entries[self.position :]:
            self.contest.advance(entry)
        self.board.take(self.contest.settle())

    def rows(self, view: str = "all") -> dict[str, Json]:
        """What a display of this view has to show."""
        _, frame = self.board.whole(PUBLIC, parse_view(view), 0)
        return {str(who): json.loads(row.json) for who, row in frame.rows.items()}

    def digest(self) -> str:
        return self.board.digest(PUBLIC)


def microseconds(at: str) -> int:
    return (datetime.fromisoformat(at) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def some(many: Sequence[Any]) -> str:
    """The first few, and how many more."""
    more = f" and {len(many) - TOLD_MAX} more" if len(many) > TOLD_MAX else ""
    return ", ".join(map(str, many[:TOLD_MAX])) + more
