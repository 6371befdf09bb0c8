"""The story: the same seed tells the same, everything that it promises happens, and how it is transported changes nothing."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import Event
from contest_server.core.finalising import reasons_against_finalising
from contest_server.demo.bundle import bundled, freeze_ms, of_round
from contest_server.demo.day import WRONG_ID
from contest_server.demo.fates import Fate, people_of
from contest_server.demo.folding import drafts_of, fold, received_ms
from contest_server.demo.scenes import SAYINGS
from contest_server.demo.story import CUT_FROM_MS, CUT_TO_MS, story_of
from contest_server.demo.telling import Device, Story
from contest_server.wire.clock import Offset
from tests.demo.rounds import SEED, START_US, definition, folded, judges, story

SEEDS = [SEED, 1, 2, 3]
WITHDRAWN_BEFORE_THE_VERDICT = [2027, 2031]
"""Seeds by which whoever withdraws has handed something in that is judged afterwards."""


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert story_of(SEED, definition()) == story(SEED)
    assert len({folded(seed).digest() for seed in SEEDS}) == len(SEEDS)


def test_the_order_of_the_roster_does_not_matter() -> None:
    shuffled = list(definition().contestants)
    random.Random(1).shuffle(shuffled)
    again = story_of(SEED, definition().model_copy(update={"contestants": shuffled}))
    assert again.events == story().events
    assert fold(again, definition(), judges()).digest() == folded().digest()


@pytest.mark.parametrize("start_us", [START_US + 1_000, START_US + 86_400_000_000 * 400 + 123_000])
def test_when_a_round_begins_does_not_matter(start_us: int) -> None:
    later = of_round(7, start_us)
    assert fold(story_of(SEED, later), later, judges()).digest() == folded().digest()


@pytest.mark.parametrize("seed", range(4))
def test_in_which_order_the_devices_are_heard_does_not_matter(seed: int) -> None:
    order = list(story().devices)
    random.Random(seed).shuffle(order)
    assert fold(story(), definition(), judges(), order).digest() == folded().digest()


def test_without_the_correction_of_the_wrong_clock_the_board_would_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contest_server.demo.folding.Offset", lambda _offset_us, error_us: Offset(0, error_us))
    assert fold(story(), definition(), judges()).digest() != folded().digest()


@pytest.mark.parametrize("away_us", [-49_000, 1_700, 49_000])
def test_a_measuring_error_below_half_a_step_does_not_matter(monkeypatch: pytest.MonkeyPatch, away_us: int) -> None:
    monkeypatch.setattr("contest_server.demo.folding.Offset", lambda offset_us, _error_us: Offset(offset_us + away_us, abs(away_us)))
    assert fold(story(), definition(), judges()).digest() == folded().digest()


@pytest.mark.parametrize("seed", SEEDS)
def test_devices_tell_in_the_order_in_which_it_was_typed(seed: int) -> None:
    for device, events in story(seed).events.items():
        assert [told.said_ms for told in events] == sorted(told.said_ms for told in events)
        assert all(0 <= told.at_ms <= told.said_ms and told.device == device for told in events)


@pytest.mark.parametrize("seed", [*SEEDS, *WITHDRAWN_BEFORE_THE_VERDICT])
def test_nothing_is_left_unjudged_in_the_end(seed: int) -> None:
    contest = folded(seed)
    end_us = START_US + 3_600_000_000
    assert [reason.code for reason in reasons_against_finalising(contest, end_us)] == ["blocking_flags"], "which the chief referee answers"


QUESTIONS = {
    "clock_offset",
    "late",
    "unknown_contestant",
    "duplicate",
    "implausibly_fast",
    "out_of_order",
    "over_time",
    "not_judged",
    "calibration_expired",
    "safety_stop",
    "propose_disqualification",
    "edge_of_tolerance",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_question_that_the_story_is_about_reaches_the_referees(seed: int) -> None:
    asked = {flag.code for flag in flags_of(folded(seed))}
    assert asked >= QUESTIONS, QUESTIONS - asked


@pytest.mark.parametrize("seed", SEEDS)
def test_statuses_of_all_kinds_occur(seed: int) -> None:
    statuses = Counter(row.row.status for row in folded(seed).rows.values())
    assert statuses == {"ok": 38, "guest": 1, "dns": 1, "withdrawn": 1}


def test_every_fate_meets_one_person_and_is_told_in_both_languages() -> None:
    fates = Counter(person.fate for person in people_of(SEED, bundled().contestants))
    assert all(fates[fate] == 1 for fate in Fate if fate is not Fate.ORDINARY)
    assert set(SAYINGS) == set(Fate) - {Fate.ORDINARY}
    for seed in SEEDS:
        told = [scene.en for scene in story(seed).scenes]
        assert len(told) == len(set(told)) >= len(SAYINGS)


def test_one_event_is_refused_and_sent_again() -> None:
    (refused,) = [(source, seq) for source, state in folded().sources.items() for seq in state.refused]
    assert folded().sources[refused[0]].refused[refused[1]][0] == "bad_event"


def test_a_mistyped_id_is_kept_and_corrected_later() -> None:
    wrong = [told for told in _told(story()) if told.contestant == WRONG_ID]
    right = [told for told in _told(story()) if told.attempt == wrong[0].attempt and told.kind == "clear" and told.contestant != WRONG_ID]
    assert [told.at_ms for told in right] == [wrong[0].at_ms]
    assert right[0].said_ms > wrong[0].said_ms
    assert [entry.fact.contestant for entry in folded().unmatched if isinstance(entry.fact, Event)] == [WRONG_ID]


def test_what_waits_out_a_cut_is_received_after_it() -> None:
    (cut,) = story().cuts
    piled = [told for told in _told(story()) if told.device.venue == cut.venue and cut.from_ms <= told.said_ms < cut.to_ms]
    assert len(piled) > 20
    assert {received_ms(story(), told.device, told.said_ms) for told in piled} == {CUT_TO_MS}
    assert received_ms(story(), Device("yongjia", "desk-1"), CUT_FROM_MS) == CUT_FROM_MS


def test_the_default_show_is_open_to_the_end() -> None:
    """Somebody is done before the freeze, most are not, and the thaw shows another leader."""
    rows = [row.row for row in folded().rows.values()]
    done_ms = [max(mark.ms or 0 for mark in row.stages.values()) for row in rows if row.cleared == 6]
    assert 1 <= sum(ms < freeze_ms(definition()) for ms in done_ms) < sum(ms >= freeze_ms(definition()) for ms in done_ms)
    assert len(done_ms) < len(rows)
    assert _leader(fold(_until(story(), freeze_ms(definition())), definition(), judges())) != _leader(folded())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_stage_has_a_first(seed: int) -> None:
    assert set(folded(seed).first_clears()) == {stage.id for stage in definition().stages}


def _until(whole: Story, at_ms: int) -> Story:
    events = {device: tuple(told for told in events if told.said_ms < at_ms) for device, events in whole.events.items()}
    return replace(whole, events=events)


def _leader(contest: Contest) -> str:
    return next(contestant for contestant in contest.ranking if contest.rows[contestant].row.status == "ok")


def test_only_the_wrong_clock_is_wrong() -> None:
    ahead = {device.source: device.ahead_ms for device in story().devices if device.ahead_ms}
    assert ahead == {"yongjia/desk-2": 47_000}
    corrected = [
        fact for device in story().devices for draft in drafts_of(story(), device, START_US) if isinstance(fact := draft.fact, Event)
    ]
    assert {fact.source for fact in corrected if abs(fact.offset_us or 0) > 500_000} == set(ahead)


def _told(told: Story) -> list:  # type: ignore[type-arg]
    return [each for events in told.events.values() for each in events]
