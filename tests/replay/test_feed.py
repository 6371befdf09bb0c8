"""Laws of reading an event feed, on a contest of two teams."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.definition_reading import read_definition
from contest_server.replay.feed import recording_of_feed
from contest_server.replay.recording import UnreadableRecording
from tests.replay.feeds import CONTEST, START_US, Line, events, judgement, of_old, read, story, submission, today, world

ACCEPTED = [
    submission("1", "0:10:00.500"),
    judgement("j1", "1", None, "0:10:01.000"),
    judgement("j1", "1", "AC", "0:10:01.000", "0:10:09.000"),
]


def test_an_attempt_is_pending_when_it_is_handed_in_and_settled_when_it_is_judged() -> None:
    assert story(read([*world(), *ACCEPTED])) == [("1", 600_500, "pending"), ("1", 609_000, "accepted")]


def test_the_time_of_an_attempt_is_that_of_the_contest_and_not_of_a_wall() -> None:
    recording = read([*world(), submission("1", "0:10:00.500", time="2024-04-18T12:10:00.450+02:00")])
    assert events(recording)[0].at_us == START_US + 600_500_000


def test_without_a_contest_time_the_wall_time_is_taken() -> None:
    line = submission("1", "0:00:00")
    line[1].pop("contest_time")
    line[1]["time"] = "2024-04-18T12:10:00.450+02"
    assert events(read([*world(), line]))[0].at_us == START_US + 600_450_000


def test_both_styles_of_a_feed_tell_the_same_contest() -> None:
    lines = [*world(), *ACCEPTED, submission("2", "0:20:00"), judgement("j2", "2", "WA", "0:20:01", "0:20:02"), ("submissions/1", None)]
    assert recording_of_feed("small", of_old(lines)) == recording_of_feed("small", today(lines))


def test_a_collection_sent_as_a_list_says_what_its_objects_say_one_by_one() -> None:
    lines = world()
    teams = [data for kind, data in lines if kind == "teams"]
    others = [line for line in lines if line[0] != "teams"]
    assert read([*others, ("teams", teams), *ACCEPTED]) == read([*lines, *ACCEPTED])


def test_what_a_list_does_not_name_is_gone() -> None:
    recording = read([*world(), *ACCEPTED, ("submissions", [])])
    assert story(recording) == []
    assert recording.left_out["judgements of submissions that never appear"] == 1


def test_null_deletes() -> None:
    assert story(read([*world(), *ACCEPTED, ("submissions/1", None)])) == []
    assert [row["id"] for row in read([*world(), ("teams/t2", None)]).definition["contestants"]] == ["t1"]


def test_a_deleted_judgement_leaves_the_attempt_pending_again() -> None:
    outcomes = [outcome for _, _, outcome in story(read([*world(), *ACCEPTED, ("judgements/j1", None)]))]
    assert outcomes == ["pending", "accepted", "pending"]


def test_a_changed_verdict_is_a_later_event() -> None:
    again = judgement("j2", "1", "WA", "0:30:00", "0:30:05")
    assert story(read([*world(), *ACCEPTED, again]))[1:] == [("1", 609_000, "accepted"), ("1", 1_805_000, "rejected")]


def test_a_judging_that_has_only_begun_takes_no_verdict_back() -> None:
    assert story(read([*world(), *ACCEPTED, judgement("j2", "1", None, "0:30:00")])) == story(read([*world(), *ACCEPTED]))


def test_an_old_judgement_that_is_sent_again_does_not_outweigh_the_later_one() -> None:
    later = judgement("j2", "1", "WA", "0:30:00", "0:30:05")
    once = read([*world(), *ACCEPTED, later])
    touched = judgement("j1", "1", "AC", "0:10:01.000", "0:10:09.000", max_run_time=1)
    assert story(read([*world(), *ACCEPTED, later, touched])) == story(once)


def test_a_judging_that_began_earlier_does_not_outweigh_a_later_one_though_it_is_heard_of_after_it() -> None:
    later, earlier = judgement("j2", "1", "WA", "0:30:00", "0:30:05"), judgement("j1", "1", "AC", "0:10:01.000", "0:10:09.000")
    assert story(read([*world(), submission("1", "0:10:00.500"), later, earlier]))[1:] == [("1", 1_805_000, "rejected")]


def test_what_says_nothing_new_is_counted() -> None:
    assert read([*world(), *ACCEPTED, *ACCEPTED[-1:], *ACCEPTED[-1:]]).left_out == {"notifications that said nothing new": 2}


def test_a_judgement_that_is_no_longer_current_does_not_count() -> None:
    superseded = judgement("j1", "1", "AC", "0:10:01.000", "0:10:09.000", current=False)
    assert story(read([*world(), submission("1", "0:10:00.500"), superseded])) == [("1", 600_500, "pending")]


def test_hours_are_read_with_and_without_a_leading_zero() -> None:
    for at in ("0:05:29.204", "00:05:29.204"):
        assert story(read([*world(), submission("1", at)])) == [("1", 329_204, "pending")]


def test_a_judgement_never_comes_before_what_it_judges() -> None:
    recording = read([*world(), submission("1", "0:10:00.500"), judgement("j1", "1", "AC", "0:10:00.500", "0:10:00")])
    pending, accepted = events(recording)
    assert pending.at_us == START_US + 600_500_000
    assert accepted.at_us == pending.at_us + 1
    assert recording.left_out["judgements that end before the attempt was handed in (taken at that moment)"] == 1


def test_what_no_board_shows_is_left_out_and_counted() -> None:
    hidden: Line = ("teams", {"id": "ghost", "name": "Ghost", "hidden": True})
    recording = read(
        [
            *world(),
            hidden,
            submission("1", "0:10:00", team="ghost"),
            submission("2", "-0:00:01.500"),
            submission("3", "1:00:00.000"),
            submission("4", "0:59:59.999"),
            submission("5", "0:10:00", problem="z"),
            submission("6", "noon"),
            judgement("j", "7", "AC", "0:10:00", "0:10:01"),
            judgement("k", "4", "??", "0:59:59.999", "1:00:09"),
        ]
    )
    assert [attempt for attempt, _, _ in story(recording)] == ["4"]
    assert recording.left_out == {
        "hidden teams": 1,
        "submissions of hidden or unknown teams": 1,
        "submissions before the start": 1,
        "submissions after the end": 1,
        "submissions to unknown problems": 1,
        "submissions without a time": 1,
        "judgements of submissions that never appear": 1,
        "judgements of an unknown type": 1,
    }


def test_a_team_of_a_hidden_group_is_hidden() -> None:
    lines = [*world(), ("groups", {"id": "g", "name": "Staff", "hidden": True}), ("teams", {"id": "t2", "name": "Two", "group_ids": ["g"]})]
    assert [row["id"] for row in read(lines).definition["contestants"]] == ["t1"]


def test_blank_and_broken_lines_do_not_stop_a_feed() -> None:
    lines = [*today(world()), b"", b"   ", b'{"type":"teams","id', b"[1]", b'{"type":"teams","data":7,"id":"x"}', *today(ACCEPTED)]
    recording = recording_of_feed("small", lines)
    assert story(recording) == story(read([*world(), *ACCEPTED]))
    assert recording.left_out["lines that are no notification"] == 3


def test_a_feed_without_teams_or_problems_cannot_be_replayed() -> None:
    for missing in ("teams", "problems"):
        with pytest.raises(UnreadableRecording, match=missing):
            read([line for line in world() if line[0] != missing])


def test_a_problem_that_is_sent_again_is_one_stage_and_stages_keep_their_order() -> None:
    renamed: Line = ("problems", {"id": "a", "label": "A", "name": "Renamed", "ordinal": 0})
    stages = read([*world(), renamed]).definition["stages"]
    assert [(stage["id"], stage["name"]["en"]) for stage in stages] == [("a", "A: Renamed"), ("b", "B: Second")]


def test_a_start_that_was_taken_back_for_a_while_is_not_lost() -> None:
    paused = {key: value for key, value in CONTEST.items() if key != "start_time"}
    assert read([*world(), ("contest", paused)]).definition["contest"]["starts"] == "2024-04-18T10:00:00Z"


def test_the_real_start_outweighs_the_planned_one() -> None:
    lines = [*world(), ("state", {"started": "2024-04-18T12:03:00+02:00"})]
    assert read(lines).definition["contest"]["starts"] == "2024-04-18T10:03:00Z"


@pytest.mark.parametrize(("written", "seconds"), [(20, 1200), ("0:20:00.000", 1200), ("0:10:00", 600), (0, 0), (None, 1200)])
def test_the_penalty_is_minutes_or_a_duration(written: object, seconds: int) -> None:
    lines = [*world(), ("contest", {**CONTEST, "penalty_time": written})] if written is not None else world()
    assert read(lines).definition["rules"] == [{"rule": "attempts_penalty", "seconds": seconds}]


def test_a_board_is_frozen_until_it_is_thawed() -> None:
    assert read([*world(), ("state", {"started": "2024-04-18T12:00:00+02:00", "frozen": "2024-04-18T12:40:00+02:00"})]).frozen
    assert not read([*world(), ("state", {"frozen": "2024-04-18T12:40:00+02:00", "thawed": "2024-04-18T14:00:00+02:00"})]).frozen


def test_the_definition_that_comes_out_is_one() -> None:
    definition = read_definition(read([*world(), *ACCEPTED]).definition)
    assert [contestant.id for contestant in definition.contestants] == ["t1", "t2"]
    assert definition.contest.minutes == 60


def test_groups_are_venues_where_each_has_a_division() -> None:
    groups = {"1": "Oregon", "2": "Oregon - D1", "3": "Hawaii", "4": "Hawaii - D1", "5": "D1"}
    lines: list[Line] = [*world(), *(("groups", {"id": key, "name": name}) for key, name in groups.items())]
    lines += [
        ("teams", {"id": "t1", "name": "One", "group_ids": ["5", "2", "1"]}),
        ("teams", {"id": "t2", "name": "Two", "group_ids": ["4", "5", "3"]}),
    ]
    recording = read([*lines, *ACCEPTED])
    assert {row["id"]: row["venue"] for row in recording.definition["contestants"]} == {"t1": "oregon", "t2": "hawaii"}
    assert {venue: len(told) for venue, told in recording.events.items()} == {"hawaii": 0, "oregon": 2}


def test_groups_that_are_no_sites_make_no_venues() -> None:
    groups = {"1": "Europe", "2": "Invited"}
    lines: list[Line] = [*world(), *(("groups", {"id": key, "name": name}) for key, name in groups.items())]
    lines += [("teams", {"id": "t1", "name": "One", "group_ids": ["1"]}), ("teams", {"id": "t2", "name": "Two", "group_ids": ["2"]})]
    assert list(read(lines).events) == ["main"]


_moments = st.integers(0, 3_599_999).map(lambda ms: f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}")


@st.composite
def _feeds(draw: st.DrawFn) -> list[Line]:
    """A few submissions, each with up to three judgements that begin one after the other."""
    lines = world()
    for number in range(draw(st.integers(1, 4))):
        at = draw(_moments)
        lines.append(submission(f"s{number}", at, draw(st.sampled_from(["t1", "t2"])), draw(st.sampled_from("ab"))))
        for turn in range(draw(st.integers(0, 3))):
            verdict = draw(st.sampled_from(["AC", "WA", "CE", None]))
            lines.append(
                judgement(f"j{number}-{turn}", f"s{number}", verdict, f"0:59:0{turn}", None if verdict is None else draw(_moments))
            )
    return lines


@given(_feeds(), st.data())
def test_sending_again_changes_nothing(lines: list[Line], data: st.DataObject) -> None:
    again: list[Line] = []
    for line in lines:
        again += [line] * data.draw(st.integers(1, 3))
    again += data.draw(st.permutations(lines))
    assert (read(again).events, read(again).definition) == (read(lines).events, read(lines).definition)


@given(_feeds())
def test_an_attempt_is_told_once_and_each_event_of_it_is_later_than_the_one_before(lines: list[Line]) -> None:
    told = events(read(lines))
    for attempt in {event.attempt for event in told}:
        times = [event.at_us for event in told if event.attempt == attempt]
        outcomes = [event.data["outcome"] for event in told if event.attempt == attempt]
        assert times == sorted(set(times))
        assert outcomes[0] == "pending"
        assert all(one != other for one, other in itertools.pairwise(outcomes))
