"""One fault is planted into an otherwise plausible contest: it is found, and nothing else is. Nothing is planted: nothing is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import pytest

from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition_reading import ledger_document
from contest_server.core.facts import Adopted, AttemptId, ContestantId, ContestId, Entry, Event, SourceId, StageId, VenueId
from contest_server.core.times import us_of
from tests.judges.plausible import ASPECTS, JUDGES, STAGES, Data, Floor, Plausible, definition_of, lowered, plausible, said, source_of

SEEDS = range(20)
START_US = us_of(datetime.fromisoformat("2026-11-22T09:00:00+08:00"))
Said = tuple[str, str | None, str | None, str]
Plant = Callable[[Plausible], set[Said]]


@lru_cache(maxsize=2)
def _clean(seed: int, **shape: Any) -> tuple[Plausible, Floor]:
    made, floor = plausible(seed, **shape), Floor()
    assert said(floor.flags(made)) == [], "a plausible contest asks nothing"
    return made, floor


def _copy(made: Plausible) -> Plausible:
    recused = {name: list(several) for name, several in made.recused.items()}
    return replace(made, work=dict(made.work), key=dict(made.key), recused=recused)


# ---- what is planted; each answers what has to be found -----------------------------------------------------------------------------


def _rows(made: Plausible, who: str, change: Callable[[str, Data], Data]) -> None:
    """Change the marks of a contestant at the judged stage, row by row of each aspect."""
    made.edit(who, "judged", lambda data: {aspect: [change(aspect, row) for row in rows] for aspect, rows in data.items()})


def _lower(made: Plausible, by: Callable[[str, str], float]) -> None:
    """Lower the marks at the judged stage by a share of the highest that depends on the contestant and the referee."""

    def lower(who: str, row: Data) -> Data:
        share = by(who, row["referee"])
        return {**row, "mark": lowered(row["mark"], share, made.coarse)} if share else row

    for who in made.home:
        _rows(made, who, lambda _, row, who=who: lower(who, row))  # type: ignore[misc]


def severe_referee(made: Plausible) -> set[Said]:
    _lower(made, lambda _, referee: (0.33 if made.coarse else 0.13) * (referee == "yueqing-R3"))
    return {("referee_severity", None, None, "referee yueqing-R3")}


def lenient_referee(made: Plausible) -> set[Said]:
    _lower(made, lambda _, referee: -0.13 * (referee == "yongjia-R1"))
    return {("referee_severity", None, None, "referee yongjia-R1")}


def two_severe_referees(made: Plausible) -> set[Said]:
    _lower(made, lambda _, referee: 0.14 * (referee in ("yueqing-R3", "yueqing-R4")))
    return {("referee_severity", None, None, f"referee yueqing-R{number}") for number in (3, 4)}


def tiring_referee(made: Plausible) -> set[Said]:
    order = sorted((who for who in made.home if made.home[who] == "yueqing"), key=lambda who: made.work[who, "judged"].time_ms)
    half = len(order) / 2
    _lower(made, lambda who, referee: 0.13 * (order.index(who) - half) / half if referee == "yueqing-R2" else 0)
    return {("severity_drift", None, None, "referee yueqing-R2")}


def same_mark_on_every_aspect(made: Plausible) -> set[Said]:
    for who, venue in made.home.items():
        if venue == "yongjia":
            own = [row["mark"] for rows in made.work[who, "judged"].data.values() for row in rows if row["referee"] == "yongjia-R4"]
            _rows(made, who, _given("yongjia-R4", mark=sorted(own, key=float)[len(own) // 2]))
    return {("halo", None, None, "referee yongjia-R4")}


def _given(referee: str, aspect: str | None = None, **more: Any) -> Callable[[str, Data], Data]:
    """A referee's row with something else in it."""
    return lambda of, row: {**row, **more} if row["referee"] == referee and aspect in (None, of) else row


def one_mark_far_off(made: Plausible) -> set[Said]:
    [mark] = [row["mark"] for row in made.work["A007", "judged"].data["safety"] if row["referee"] == "yongjia-R2"]
    _rows(made, "A007", _given("yongjia-R2", "safety", mark=lowered(mark, 0.45)))
    return {("referee_outlier", "A007", "judged", "aspect safety, referee yongjia-R2")}


def missing_mark(made: Plausible) -> set[Said]:
    made.edit("A007", "judged", lambda data: {**data, "safety": data["safety"][:-1]})
    return {("missing_mark", "A007", "judged", "aspect safety")}


def late_marks(made: Plausible) -> set[Said]:
    for who in ("B002", "B003"):
        _rows(made, who, _given("yueqing-R5", at_ms=made.work[who, "judged"].time_ms + 900_000))
    return {("late_mark", None, "judged", "referee yueqing-R5")}


def recused_referee(made: Plausible) -> set[Said]:
    made.recused["yongjia-R1"] = ["A009", "B009"]
    return {("own_unit", "A009", "judged", f"aspect {aspect}, referee yongjia-R1") for aspect in ASPECTS}


def lenient_venue(made: Plausible) -> set[Said]:
    _lower(made, lambda who, _: -(0.28 if made.coarse else 0.13) * (made.home[who] == "yueqing"))
    return {("venue_difference", None, "judged", "venue yueqing")}


def easy_tools(made: Plausible) -> set[Said]:
    for who, venue in made.home.items():
        if venue == "yueqing":
            made.edit(who, "measured", lambda data: {"coil_ohm": f"{500 + (float(data['coil_ohm']) - 500) / 8:.1f}", "control_v": "24.0"})
    return {("venue_difference", None, "measured", "venue yueqing")}


def impossible_split(made: Plausible) -> set[Said]:
    work = made.work["B011", "faults"]
    made.edit("B011", "faults", start_ms=work.time_ms - (work.time_ms - work.start_ms) // 9)
    return {("far_faster_than_field", "B011", "faults", "split of faults")}


def wrong_key(made: Plausible) -> set[Said]:
    made.key["q7"] = next(choice for choice in "ABCD" if choice != made.key["q7"])
    return {("wrong_key", None, "quiz", "aspect answers, item q7")}


def wrong_action_in_the_reference(made: Plausible) -> set[Said]:
    """Everybody who knows would paint the fender, which the reference wants repaired."""
    swap = {"repair": "paint", "paint": "repair"}
    for who in made.home:
        rows = made.work[who, "damage"].data["items"]
        items = [{**row, "action": swap.get(row["action"], row["action"])} if row["item"] == "fender" else row for row in rows]
        made.edit(who, "damage", data={"items": items})
    return {("wrong_key", None, "damage", "aspect items, item fender")}


def a_fault_that_nobody_planted(made: Plausible) -> set[Said]:
    for who in list(made.home)[: -(len(made.home) // 10)]:
        made.edit(who, "faults", data={"found": [*made.work[who, "faults"].data["found"], {"at": "Q9", "cause": "open"}]})
    return {("wrong_key", None, "faults", "aspect found, item Q9")}


def duplicated_photo(made: Plausible) -> set[Said]:
    sha256 = made.work["A003", "photos"].data["files"][0]["sha256"]
    made.edit("B004", "photos", lambda data: {"files": [{**data["files"][0], "sha256": sha256.upper()}, *data["files"][1:]]})
    return {("same_evidence", "A003", "photos", "the same as B004"), ("same_evidence", "B004", "photos", "the same as A003")}


def duplicated_photo_at_another_stage(made: Plausible) -> set[Said]:
    sha256 = made.work["A003", "photos"].data["files"][0]["sha256"]
    made.edit("B004", "measured", lambda data: {**data, "display": {"photo": [{"taken_sha256": sha256}]}})
    return {("same_evidence", "A003", "photos", "the same as B004"), ("same_evidence", "B004", "measured", "the same as A003")}


def photo_finish(made: Plausible) -> set[Said]:
    order = sorted(made.home, key=lambda who: made.work[who, "damage"].time_ms)
    first = order[0]
    second = next(who for who in order[1:] if source_of(made, who) != source_of(made, first))
    at_ms = made.work[first, "damage"].time_ms
    made.edit(first, "damage", time_ms=at_ms - 60_000, error_ms=9)
    made.edit(second, "damage", time_ms=at_ms - 59_988, error_ms=9, start_ms=at_ms - 600_000)
    return {("photo_finish", first, "damage", f"place 1: {first} before {second}")}


def cut_off_device(made: Plausible) -> set[Said]:
    """One desk's events of a quarter of an hour arrive at once."""
    from_ms, arrived_ms = 2_000_000, 2_900_000
    cut = [
        (who, stage)
        for who, stage in made.work
        if source_of(made, who) == "yongjia/desk-2" and from_ms <= made.work[who, stage].time_ms < arrived_ms - 150_000
    ]
    assert len(cut) >= 3
    for who, stage in cut:
        made.edit(who, stage, late_ms=arrived_ms - made.work[who, stage].time_ms)
    first_ms = min(made.work[each].time_ms for each in cut)
    seconds = f"{first_ms // 1000}.{first_ms % 1000:03}".rstrip("0").rstrip(".")
    return {("backfilled", None, None, f"source yongjia/desk-2, from {seconds} s")}


COMMON: list[Plant] = [severe_referee, lenient_venue, easy_tools, impossible_split, wrong_key, duplicated_photo, recused_referee]
OTHERS: list[Plant] = [
    lenient_referee, two_severe_referees, tiring_referee, same_mark_on_every_aspect, one_mark_far_off, missing_mark, late_marks,
    wrong_action_in_the_reference, a_fault_that_nobody_planted, duplicated_photo_at_another_stage, photo_finish, cut_off_device,
]  # fmt: skip


def _asked(seed: int, plant: Plant, **shape: Any) -> tuple[set[Said], set[Said]]:
    """What is found, and what was planted."""
    clean, floor = _clean(seed, **shape)
    made = _copy(clean)
    wanted = plant(made)
    return set(said(floor.flags(made))), wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_planted_is_found_and_nothing_else(seed: int) -> None:
    for plant in COMMON:
        found, wanted = _asked(seed, plant)
        assert found == wanted, plant.__name__


@pytest.mark.parametrize("seed", range(6))
def test_so_is_what_is_planted_more_rarely(seed: int) -> None:
    for plant in OTHERS:
        found, wanted = _asked(seed, plant)
        assert found == wanted, plant.__name__


@pytest.mark.parametrize("seed", [0, 1, 2, 8, 11])
@pytest.mark.parametrize("plant", [severe_referee, lenient_venue, recused_referee], ids=lambda plant: plant.__name__)
def test_on_a_scale_of_four_marks_too(plant: Plant, seed: int) -> None:
    found, wanted = _asked(seed, plant, coarse=True)
    assert found == wanted


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("plant", [severe_referee, lenient_venue, wrong_key, impossible_split], ids=lambda plant: plant.__name__)
def test_among_three_venues_too(plant: Plant, seed: int) -> None:
    found, wanted = _asked(seed, plant, venues=("ruian", "yongjia", "yueqing"))
    assert found == wanted


@pytest.mark.parametrize("seed", range(5))
def test_a_venue_with_few_contestants_is_only_told_about(seed: int) -> None:
    made = plausible(seed, per_venue=26)
    lenient_venue(made)
    flags = [flag for flag in Floor().flags(made) if flag.code == "venue_difference"]
    assert {flag.severity for flag in flags} <= {"info"}


# ---- through the fold ------------------------------------------------------------------------------------------------------------------


def _events(made: Plausible) -> list[Event]:
    events, seqs = [], dict.fromkeys((source_of(made, who) for who in made.home), 0)
    for who, stage in sorted(made.work, key=lambda each: (made.work[each].time_ms, each)):
        work, source = made.work[who, stage], source_of(made, who)
        for kind, at_ms, data in (("start", work.start_ms, {}), ("clear", work.time_ms, work.data)):
            seqs[source] += 1
            events.append(
                Event(
                    source=SourceId(source), seq=seqs[source], venue=VenueId(made.home[who]), kind=kind, at_us=START_US + at_ms * 1000,  # type: ignore[arg-type]
                    contestant=ContestantId(who), stage=StageId(stage), attempt=AttemptId(f"{who}-{stage}"), data=data,
                    offset_us=work.offset_ms * 1000, error_us=work.error_ms * 1000,
                )
            )  # fmt: skip
    return events


def _folded(made: Plausible, arrival: list[Event]) -> Contest:
    contest = Contest(ContestId("plausible"), JUDGES)
    contest.advance(Entry(1, START_US, "test", Adopted(1, "", ledger_document(definition_of(made)))))
    for position, event in enumerate(arrival, start=2):
        contest.advance(Entry(position, event.at_us + 300_000, event.venue, event))
    contest.settle()
    return contest


def test_six_faults_at_once_reach_the_referees_through_the_fold_in_whatever_order_the_events_come() -> None:
    made, wanted = plausible(4), set[Said]()
    assert said(flags_of(_folded(made, _events(made)))) == []
    for plant in (severe_referee, easy_tools, impossible_split, wrong_key, duplicated_photo, recused_referee):
        wanted |= plant(made)
    events = _events(made)
    flags = flags_of(_folded(made, events))
    assert set(said(flags)) == wanted
    random.Random(4).shuffle(events)
    again = flags_of(_folded(made, events))
    assert sorted(flag.key for flag in again) == sorted(flag.key for flag in flags)
    assert all(flag.suggestion for flag in flags if flag.severity != "info")
    assert {stage for _, _, stage, _ in wanted} <= {*STAGES, None}
