"""Contests with other rules, given only as definitions and events: furthest stage then time, summed seconds, a first-clear bonus."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from contest_server.replay.compare import compare
from contest_server.replay.reading import read_recording
from tests.golden.recorded import board_of, folded, numbered

HEAD = """
format = 1
[contest]
id = "other"
name = "Other rules"
starts = 2026-05-01T08:00:00Z
minutes = 60
[[venues]]
id = "north"
[[venues]]
id = "south"
[doubts_defaults]
off = ["pace", "sequence", "duplicate", "late", "clock"]
"""
PEOPLE = "".join(f'[[contestants]]\nid = "{name}"\nvenue = "{venue}"\n' for name, venue in (("a", "north"), ("b", "north"), ("c", "south")))
STAGES = "".join(f'[[stages]]\nid = "{stage}"\npoints = "100"\n' for stage in ("one", "two", "three"))

ATTEMPTS = """contestant,stage,contest_time,outcome
a,one,0:10:30.400,accepted
a,two,0:20:10.900,rejected
a,two,0:25:59.999,accepted
b,one,0:05:00.000,accepted
b,three,0:40:00.000,accepted
c,one,0:10:00.000,compilation-error
c,one,0:11:00.250,accepted
c,two,0:21:00.000,accepted
c,three,0:50:00.000,rejected
"""

FURTHEST = """
[total]
rule = "count_then_time"
count = "furthest"
time = "last"
[[ranking]]
by = "furthest"
[[ranking]]
by = "furthest_ms"
"""
SUMMED = """
[[rules]]
rule = "attempts_penalty"
seconds = 60
[total]
rule = "count_then_time"
unit = "{unit}"
floor = "{floor}"
[[ranking]]
by = "cleared"
[[ranking]]
by = "time_ms"
"""
BONUS = """
[[rules]]
rule = "first_clear"
shares = ["0.05", "0.03", "0.01"]
[[ranking]]
by = "points"
"""
RULES = {
    "furthest stage, then its time": (FURTHEST, "rank,contestant,furthest,furthest_ms\n1,b,3,2400000\n2,c,2,1260000\n3,a,2,1559999\n"),
    "seconds that add up": (
        SUMMED.format(unit="second", floor="total"),
        "rank,contestant,cleared,penalty_s\n1,c,2,1920\n2,a,2,2250\n3,b,2,2700\n",
    ),
    "minutes that are cut a stage": (
        SUMMED.format(unit="minute", floor="stage"),
        "rank,contestant,cleared,penalty_min\n1,c,2,32\n2,a,2,36\n3,b,2,45\n",
    ),
    "a bonus for the first clears": (BONUS, "rank,contestant,points\n1,b,210\n2,a,206\n2,c,206\n"),
}


def _written(folder: Path, rules: str, official: str, attempts: str = ATTEMPTS) -> Path:
    (folder / "contest.toml").write_text(HEAD + PEOPLE + STAGES + rules)
    (folder / "attempts.csv").write_text(attempts)
    (folder / "official.csv").write_text(official)
    return folder


@pytest.mark.parametrize("name", RULES)
def test_a_contest_with_other_rules_ends_as_its_rules_say(name: str, tmp_path: Path) -> None:
    recording = read_recording(_written(tmp_path, *RULES[name]))
    arrival = numbered(recording.events)
    assert recording.official is not None
    comparison = compare(board_of(folded(recording, arrival)), recording.official, recording.stage_ids)
    assert [str(difference) for difference in comparison.differences] == []
    digest = folded(recording, arrival).digest()
    random.Random(name).shuffle(arrival)
    assert folded(recording, arrival).digest() == digest


def test_a_bonus_waits_until_nobody_can_take_it_back(tmp_path: Path) -> None:
    attempts = ATTEMPTS + "a,three,0:39:00.000,pending\n"
    recording = read_recording(_written(tmp_path, BONUS, "rank,contestant,points\n1,a,206\n1,c,206\n3,b,205\n", attempts))
    assert recording.official is not None
    assert compare(board_of(folded(recording, numbered(recording.events))), recording.official, recording.stage_ids).same
