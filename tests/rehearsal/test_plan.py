"""A plan is made by its wishes alone, in any size; what it makes go wrong is what was wished for, at a time that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.live.adopting import fact_of
from contest_server.rehearsal.plan import NOISE, lines_of, plan_of
from contest_server.rehearsal.scenario import document_of, named
from contest_server.rehearsal.wishes import BadWish, FaultKind, Wishes, faults_of, is_loopback
from tests.rehearsal.plans import START_US, URL, judges, plan

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_the_same_wishes_make_the_same_plan_and_another_seed_another_one() -> None:
    wishes = plan().wishes
    assert plan_of(wishes, judges()) == plan()
    assert plan(seed=8).faults != plan().faults
    assert plan(seed=8).tale != plan().tale


@pytest.mark.parametrize("kind", FaultKind)
def test_what_was_wished_for_goes_wrong_and_nothing_else(kind: FaultKind) -> None:
    assert {fault.kind for fault in plan(kind.value).faults} == {kind}
    assert kind in {fault.kind for fault in plan("all").faults}
    assert plan("none").faults == []


def test_a_fault_hits_somebody_who_is_there_and_begins_within_the_contest() -> None:
    there = {device.source for device in plan().tale.events} | {venue.id for venue in plan().definition.venues} | set(plan().views)
    assert plan().faults
    for fault in plan().faults:
        assert fault.target in there
        assert 0 <= fault.from_s <= fault.to_s
        assert fault.from_s <= plan().played_s
        assert fault.zh
        assert fault.en


def test_faults_change_how_events_travel_and_not_what_is_told() -> None:
    calm, storm = plan("none"), plan("all")
    assert {device: events for device, events in storm.tale.events.items() if device.name != NOISE} == calm.tale.events
    assert storm.definition == calm.definition


def test_a_clock_that_steps_is_wrong_from_its_step_on() -> None:
    stepping = [(device, turns) for device, turns in plan().clocks.items() if turns[0].from_ms]
    assert stepping
    for device, (turn,) in stepping:
        assert plan().ahead_ms(device, turn.from_ms - 1) == 0
        assert plan().ahead_ms(device, turn.from_ms) == turn.ahead_ms != 0


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    venues=st.integers(1, 50),
    contestants=st.integers(16, 120),
    minutes=st.integers(1, 600),
    seed=st.integers(0, 1 << 31),
    displays=st.integers(1, 9),
)
def test_a_contest_of_any_size_can_be_adopted_and_is_told_in_order(**wished: Any) -> None:
    made = plan_of(Wishes((URL,), speed=20 if wished["minutes"] < 12_000 else 1, **wished), judges())
    definition = named(made.definition, "rehearsal-x", START_US)
    assert fact_of(read_definition(document_of(definition))) == fact_of(definition), "the server reads the same"
    compile_rulebook(definition, judges())
    assert len(definition.contestants) == wished["contestants"]
    for events in made.tale.events.values():
        assert [told.said_ms for told in events] == sorted(told.said_ms for told in events)
    assert any("演练" in line for line in lines_of(made))


def test_its_name_says_what_it_is() -> None:
    about = named(plan().definition, "rehearsal-x", START_US).contest
    assert about.name.zh.startswith("【演练】")
    assert about.name.en.startswith("REHEARSAL: ")


def test_what_is_reckoned_from_the_moment_of_arrival_is_left_out_where_time_is_compressed() -> None:
    assert plan().definition.clock.late_after_s is None
    assert plan().definition.contest.freeze_minutes is None
    assert plan(speed=1.0).definition.clock.late_after_s == 15
    assert plan(speed=1.0).definition.contest.freeze_minutes == 1


def test_a_definition_of_ones_own_is_played_with_plausible_work() -> None:
    made = plan(definition=EXAMPLES / "insurance_claims", minutes=None)
    assert made.definition.contest.minutes == 120
    kinds = {told.kind for events in made.tale.events.values() for told in events}
    assert kinds == {"start", "attempt", "evidence", "clear"}
    assert made.tale.last_ms <= made.play_ms


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        ({"venues": 0}, "--venues"), ({"venues": 51}, "--venues"), ({"contestants": 15}, "--contestants"),
        ({"contestants": 501}, "--contestants"),
        ({"speed": 0.5}, "--speed"), ({"displays": 0}, "--displays"), ({"minutes": 1, "speed": 500}, "--minutes / --speed"),
        ({"minutes": 1_440, "speed": 1}, "--minutes / --speed"), ({"urls": ()}, "--url"), ({"urls": ("ftp://x",)}, "--url"),
        ({"urls": ("http://u:p@x",)}, "--url"), ({"urls": ("http://x?a=b",)}, "--url"), ({"urls": ("http://[::1",)}, "--url"),
        ({"urls": ("http://x:99999",)}, "--url"), ({"definition": Path("/nowhere")}, "--definition"),
        ({"definition": EXAMPLES}, "--definition"),
    ],
)  # fmt: skip
def test_what_cannot_be_rehearsed_is_refused_by_its_option(wished: dict[str, Any], said: str) -> None:
    with pytest.raises(BadWish, match=said):
        plan_of(Wishes(**{"urls": (URL,), **wished}), judges())


def test_faults_are_named_one_by_one() -> None:
    assert faults_of("cut, late") == {FaultKind.CUT, FaultKind.LATE}
    with pytest.raises(BadWish, match="slow-display"):
        faults_of("slow")


def test_this_computer_is_told_from_others() -> None:
    assert all(is_loopback(url) for url in ("http://127.0.0.1:1", "http://localhost", "https://[::1]:8443"))
    assert not any(is_loopback(url) for url in ("http://127.0.0.1.example", "https://contest.example", "http://10.0.0.1"))
