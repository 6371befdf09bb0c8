"""Real contests end in exactly the ranks, scores, times and cells that were published; and only by the rules they were held under."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contest_server.core.facts import Event
from contest_server.replay.compare import Comparison, compare
from contest_server.replay.recording import Recording
from tests.golden.recorded import ROWS, board_of, folded, numbered, recorded


def _compared(recording: Recording, arrival: list[Event]) -> Comparison:
    assert recording.official is not None
    return compare(board_of(folded(recording, arrival)), recording.official, recording.stage_ids)


@pytest.mark.parametrize("name", ROWS)
def test_a_recorded_contest_ends_as_it_was_published(name: str) -> None:
    recording = recorded(name)
    comparison = _compared(recording, numbered(recording.events))
    assert [str(difference) for difference in comparison.differences] == []
    assert str(comparison) == f"compared {ROWS[name]}, equal {ROWS[name]}"


@pytest.mark.parametrize("name", ROWS)
def test_the_order_of_arrival_does_not_matter(name: str) -> None:
    recording = recorded(name)
    arrival = numbered(recording.events)
    digest = folded(recording, arrival).digest()
    arrival.sort(key=lambda event: event.at_us)
    assert folded(recording, arrival, settle_every=7).digest() == digest
    random.Random(name).shuffle(arrival)
    assert folded(recording, arrival, settle_every=1000).digest() == digest


@pytest.mark.parametrize("name", ROWS)
def test_one_verdict_less_does_not_go_unnoticed(name: str) -> None:
    recording = recorded(name)
    arrival = numbered(recording.events)
    settled = [index for index, event in enumerate(arrival) if event.data["outcome"] == "accepted"]
    del arrival[random.Random(name).choice(settled)]
    assert not _compared(recording, arrival).same


WRONG_RULES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "pacnw2022": [
        ("total", {"rule": "count_then_time", "unit": "ms"}),
        ("ranking", {"by": "last_ms", "order": "asc", "unit": "ms"}),
        ("rules", {"rule": "attempts_penalty", "seconds": 1201}),
    ],
    "nerc2022": [
        ("total", {"rule": "count_then_time", "unit": "minute", "floor": "total"}),
        ("ranking", {"by": "last_ms", "order": "asc", "unit": "minute"}),
    ],
    "ccpc2024harbin": [
        ("total", {"rule": "count_then_time", "unit": "minute", "floor": "stage"}),
        ("total", {"rule": "count_then_time", "unit": "minute", "floor": "total"}),
    ],
    "euc2025": [("total", {"rule": "count_then_time", "unit": "second"})],
    "wf47": [("total", {"rule": "count_then_time", "time": "last", "unit": "minute"})],
}


@pytest.mark.parametrize(("name", "part", "rule"), [(name, *change) for name, changes in WRONG_RULES.items() for change in changes])
def test_other_rules_lead_to_another_result(name: str, part: str, rule: dict[str, Any]) -> None:
    recording = recorded(name)
    document = recording.definition
    document[part] = rule if part == "total" else [*document[part][:-1], rule]
    assert not _compared(recording, numbered(recording.events)).same


def test_five_venues_held_the_regional_at_once() -> None:
    recording = recorded("pacnw2022")
    assert set(recording.events) == {"british-columbia", "california", "hawaii", "oregon", "washington"}
    assert recording.left_out["judgements of submissions that never appear"] == 5


def test_the_finals_were_recorded_while_the_board_was_frozen() -> None:
    recording = recorded("wf47")
    last: dict[str, str] = {str(event.attempt): event.data["outcome"] for event in recording.events["main"]}  # type: ignore[index]
    assert recording.frozen
    assert recording.freeze_minutes == 60
    assert sum(outcome == "pending" for outcome in last.values()) == 545


def test_awards_of_the_feed_are_our_first_clears() -> None:
    recording = recorded("euc2025")
    contest = folded(recording, numbered(recording.events))
    assert len(contest.first_clears()) == 11


def test_the_qualifier_is_a_load_and_nothing_to_compare_with() -> None:
    recording = recorded("qualifier2023")
    assert recording.official is None
    assert recording.total_events == 34_262
    assert len(recording.definition["contestants"]) == 2_554
