"""The recorded contests, read where they lie, and the fold of one in this process. Nothing of them is kept in this repository."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from contest_server.core.contest import Contest
from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.core.facts import Adopted, ContestId, Entry, Event, Json, SourceId, VenueId
from contest_server.core.rows import as_document
from contest_server.replay.reading import read_recording
from contest_server.replay.recording import RecordedEvent, Recording
from judges.attempts_penalty import AttemptsPenalty
from judges.count_then_time import CountThenTime
from judges.first_clear import FirstClear
from judges.plain_sum import PlainSum

JUDGES = {judge.rule: judge for judge in (AttemptsPenalty, CountThenTime, FirstClear, PlainSum)}
"""What recorded contests were judged by; named here, so that these tests need no installed package."""

ROWS = {"pacnw2022": 54, "nerc2022": 281, "ccpc2024harbin": 302, "euc2025": 53, "wf47": 130}
"""The contests with a published result, and how many rows it has."""

FOLDER_VARIABLE = "CONTEST_TEST_DATA"


def data_folder() -> Path:
    """Where recorded contests lie: CONTEST_TEST_DATA, else `../shared/data` beside the repository."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def recorded(name: str) -> Recording:
    """The recording of this name. Skips the test, and says why, where the data are not on this machine."""
    folder = data_folder() / name
    if not folder.is_dir():
        pytest.skip(f"no recorded contest in {folder}; set {FOLDER_VARIABLE} to the folder that holds {name}/")
    return read_recording(folder)


def numbered(events: Mapping[VenueId, Sequence[RecordedEvent]]) -> list[Event]:
    """The events as a venue's one device would send them: its own gapless numbers, venue after venue."""
    return [
        Event(
            source=SourceId(f"{venue}/replay"), seq=seq, venue=venue, kind=event.kind, at_us=event.at_us,  # type: ignore[arg-type]
            contestant=event.contestant, stage=event.stage, attempt=event.attempt, data=event.data,
        )
        for venue, told in events.items()
        for seq, event in enumerate(told, start=1)
    ]  # fmt: skip


def folded(recording: Recording, arrival: Iterable[Event], settle_every: int = 100) -> Contest:
    """The contest after its definition and these events, in this order of arrival."""
    contest = Contest(ContestId(recording.name), JUDGES)
    document = ledger_document(read_definition(recording.definition))
    contest.advance(Entry(1, 0, "test", Adopted(1, "", document)))
    for position, event in enumerate(arrival, start=2):
        contest.advance(Entry(position, event.at_us, event.venue, event))
        if position % settle_every == 0:
            contest.settle()
    contest.settle()
    return contest


def board_of(contest: Contest) -> list[Json]:
    """All rows with their ranks, as the server answers them."""
    return [{**as_document(row), "rank": contest.ranking.rank_of(row.row.id)} for row in contest.rows.values()]
