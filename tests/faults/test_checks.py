"""Each check goes red when what it is about is spoilt: evidence of a run that went well, doctored in one place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from contest_server.core.facts import AttemptId, ContestantId, Draft, Event, SourceId, StageId, VenueId
from contest_server.ledger.urls import open_stores
from contest_server.ledger.verifying import Contradiction
from tests.contests import CUP, START, START_US, adopted
from tests.faults import checks
from tests.faults.checks import Fold, Sent, Shown
from tests.faults.desks import Desk
from tests.faults.ears import Ears
from tests.faults.exporting import exported

NAMES = ("yongjia", "yueqing")
EVENTS_EACH = 12


class Evidence:
    """What one run left behind."""

    def __init__(self, export: bytes, sent: list[Sent]) -> None:
        self.export, self.sent = export, sent
        self.fold = Fold()
        self.fold.take(export)
        self.shown = [Shown("server-1", self.fold.position, self.fold.rows(), self.fold.digest())]

    def check(self) -> None:
        checks.every_acknowledged_event_is_there_once(self.export, self.sent)
        checks.numbers_have_no_gap(self.export, self.sent)
        checks.every_event_is_what_was_stated(self.export, self.sent)
        checks.everything_stated_arrived(self.export, self.sent)
        checks.all_boards_are_the_fold(self.fold, self.shown)

    @property
    def lines(self) -> list[bytes]:
        return self.export.splitlines(keepends=True)


def stored(desk: Desk, seq: int) -> Draft:
    said = desk.stated[seq - 1]
    event = Event(
        source=SourceId(desk.name), seq=seq, venue=VenueId(desk.venue), kind=said["kind"], at_us=checks.microseconds(said["at"]),
        contestant=ContestantId(said["contestant"]), stage=StageId(said["stage"]), attempt=AttemptId(said["attempt"]), data=said["data"],
    )  # fmt: skip
    return Draft(START_US, desk.venue, event)


async def evidence(folder: Path) -> Evidence:
    news = asyncio.Event()
    people = {"yongjia": ("A1", "A2"), "yueqing": ("B1", "B2")}
    desks = [Desk(name, "desk", people[name], ("wiring", "quiz"), START, Random(name), folder / name, Ears(news)) for name in NAMES]
    for desk in desks:
        for _ in range(EVENTS_EACH):
            desk.event()
    stores = open_stores(url := f"sqlite:///{folder / 'cup.db'}")
    await stores.ledger.open(CUP)
    drafts = [stored(desk, seq) for seq in range(1, EVENTS_EACH + 1) for desk in desks]
    await stores.ledger.append(CUP, [Draft(START_US, "test", adopted()), *drafts])
    await stores.close()
    return Evidence(await exported(url, folder / "export"), [Sent(desk.name, desk.stated, EVENTS_EACH) for desk in desks])


Spoil = Callable[[Evidence], None]
SPOILS: dict[str, tuple[str, Spoil]] = {}


def spoilt(red: str) -> Callable[[Spoil], Spoil]:
    def add(spoil: Spoil) -> Spoil:
        SPOILS[spoil.__name__.replace("_", " ")] = red, spoil
        return spoil

    return add


@spoilt("acknowledged and not in the ledger")
def an_entry_is_missing(here: Evidence) -> None:
    here.export = b"".join(here.lines[:-2] + here.lines[-1:])


@spoilt("stored more than once")
def an_entry_is_there_twice(here: Evidence) -> None:
    here.export = b"".join([*here.lines[:5], here.lines[4], *here.lines[5:]])


@spoilt("acknowledged and not in the ledger")
def more_was_acknowledged_than_came(here: Evidence) -> None:
    here.sent[0] = replace(here.sent[0], acknowledged=EVENTS_EACH + 1)


@spoilt("numbers are not 1, 2, 3")
def two_entries_of_a_source_changed_places(here: Evidence) -> None:
    lines = here.lines
    lines[4], lines[6] = lines[6], lines[4]
    here.export = b"".join(lines)


@spoilt("sources that nobody is")
def a_stranger_sends(here: Evidence) -> None:
    here.sent.pop()


@spoilt("stated .* stored")
def an_event_was_changed_on_the_way(here: Evidence) -> None:
    here.export = here.export.replace(b'yongjia/desk#7"', b'yongjia/desk#8"')


@spoilt("stated at")
def a_time_was_changed_on_the_way(here: Evidence) -> None:
    at = json.loads(here.lines[5])["body"]["fact"]["at_us"]
    here.export = here.export.replace(str(at).encode(), str(at + 1).encode())


@spoilt("stated and not in the ledger")
def a_device_stated_more_than_arrived(here: Evidence) -> None:
    here.sent[0] = replace(here.sent[0], stated=[*here.sent[0].stated, here.sent[0].stated[-1]])


@spoilt("server-1 is at")
def a_board_is_behind(here: Evidence) -> None:
    here.shown = [replace(here.shown[0], position=here.fold.position - 1)]


@spoilt("another digest")
def a_server_says_another_digest(here: Evidence) -> None:
    here.shown = [replace(here.shown[0], digest="0" * 64)]


@spoilt("display-1 at")
def a_display_misses_a_row(here: Evidence) -> None:
    rows = dict(here.shown[0].rows)
    rows.popitem()
    here.shown = [Shown("display-1", here.fold.position, rows)]


async def test_what_went_well_is_green(tmp_path: Path) -> None:
    (await evidence(tmp_path)).check()


@pytest.mark.parametrize("name", SPOILS)
async def test_a_check_goes_red_when_its_evidence_is_spoilt(name: str, tmp_path: Path) -> None:
    red, spoil = SPOILS[name]
    here = await evidence(tmp_path)
    spoil(here)
    with pytest.raises(AssertionError, match=red):
        here.check()


async def test_an_export_that_was_tampered_with_or_rewritten_is_refused(tmp_path: Path) -> None:
    here = await evidence(tmp_path)
    with pytest.raises(Contradiction):
        Fold().take(here.export.replace(b"yongjia/desk#7", b"yongjia/desk#8"))
    (tmp_path / "other").mkdir()
    other = await evidence(tmp_path / "other")  # the same events in a ledger of its own: another epoch, other hashes
    with pytest.raises(AssertionError, match="otherwise now"):
        here.fold.take(other.export)
