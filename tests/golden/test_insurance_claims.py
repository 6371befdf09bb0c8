"""The example of car-insurance claims ends as its published result says, and as plain arithmetic over its events says."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contest_server.core.contest_flags import flags_of
from contest_server.core.conversions import conversions_of, medals_of
from contest_server.core.judging import Opinion
from contest_server.live.judges_loading import load_judges
from contest_server.replay.compare import compare
from contest_server.replay.reading import read_recording
from tests.golden import recorded
from tests.golden.recorded import board_of, numbered

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "insurance_claims"
KEY: dict[str, Any] = {
    "q1": "B", "q2": "A", "q3": "D", "q4": "C", "q5": "A", "q6": "B", "q7": "C", "q8": "D", "q9": {"A", "C", "D"}, "q10": {"A", "B"},
}  # fmt: skip
DAMAGE = {
    "front_bumper": "replace", "left_headlight": "replace", "left_fender": "repair", "bonnet": "repair", "radiator_grille": "replace",
    "left_front_door": "paint",
}  # fmt: skip
SIGNS = {"photo_time": "taken_before_the_accident", "odometer": "lower_than_last_year", "repair_bill": "same_bill_as_another_claim"}
CALL = {"greet": 1, "verify_identity": 2, "ask_what_happened": 2, "explain_next_steps": 1}
PHOTOS = {"front": 1, "plate": 1, "vin": 1, "damage": 3, "scene": 2}


@pytest.fixture(autouse=True)
def _all_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "JUDGES", load_judges())


def quiz(data: Mapping[str, Any]) -> Fraction:
    marks = Fraction(0)
    for item, key in KEY.items():
        answer = data["answers"][item]
        if isinstance(key, str):
            marks += 3 if answer == key else 0
        else:
            chosen = set(answer)
            marks += 8 if chosen == key else 4 if chosen and chosen < key else 0
    return marks


def call(data: Mapping[str, Any]) -> Fraction:
    done, names = data["call_steps"], list(CALL)
    marks = Fraction(0)
    for step in done:
        earlier = names[: names.index(step)]
        if not any(other in done and done.index(other) > done.index(step) for other in earlier):
            marks += CALL[step]
    if "explain_next_steps" in done and done.index("explain_next_steps") < (
        done.index("verify_identity") if "verify_identity" in done else 99
    ):
        marks = Fraction(0)
    for panel in ("tone_marks", "clarity_marks"):
        marks += rounded(Fraction(sum(row["mark"] for row in data[panel]), 3) / 3 * 3)
    return marks


def photos(data: Mapping[str, Any]) -> Fraction:
    good = Counter(file["kind"] for file in data["files"] if file["bytes"] >= 20_000)
    return Fraction(sum(min(count, good[kind]) for kind, count in PHOTOS.items()))


def damage(data: Mapping[str, Any]) -> Fraction:
    found = {row["item"]: row["action"] for row in data["items"]}
    right = sum(2 for item, action in DAMAGE.items() if found.get(item) == action)
    wrong = sum(1 for item, action in DAMAGE.items() if item in found and found[item] != action)
    return Fraction(max(0, right + wrong - len(set(found) - set(DAMAGE))))


def estimate(data: Mapping[str, Any], rejected: int) -> Fraction:
    total = int(data["total_cny"])
    off = abs(total - 8600) * 100
    marks = Fraction(8) if off <= 3 * 8600 else Fraction(64, 10) if off <= 5 * 8600 else Fraction(4) if off <= 10 * 8600 else Fraction(0)
    marks += 2 if int(data["parts_cny"]) + int(data["labour_cny"]) == total else 0
    return max(Fraction(0), marks - rejected)


def fraud(data: Mapping[str, Any]) -> Fraction:
    marks = sum(2 + 2 * (SIGNS[row["at"]] == row["cause"]) if row["at"] in SIGNS else -1 for row in data["signs"])
    return Fraction(max(0, max(0, marks) - len(data.get("hints", []))))


def settle(data: Mapping[str, Any], seconds: int) -> Fraction:
    if not data["signed"]:
        return Fraction(0)
    return 3 + (Fraction(3) if seconds <= 240 else Fraction(3, 2) if seconds <= 360 else Fraction(0))


def rounded(marks: Fraction) -> Fraction:
    return Fraction((marks * 20_000 + 1).__floor__() // 2, 10_000)


def seconds_of(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def reckoned() -> dict[str, tuple[Fraction, int]]:
    """Points and the second of the last clear of each contestant."""
    data: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    rejected: Counter[tuple[str, str]] = Counter()
    started: dict[tuple[str, str], int] = {}
    ended: dict[tuple[str, str], int] = {}
    for line in (FOLDER / "events.ndjson").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        cell = (event["contestant"], event["stage"])
        if event["kind"] == "start":
            started[cell] = seconds_of(event["at"])
        elif event.get("data", {}).get("outcome") == "rejected":
            rejected[cell] += 1
        else:
            data[cell] |= event.get("data", {})
            if event["kind"] != "evidence":
                ended[cell] = seconds_of(event["at"])
    found = {}
    for who in sorted({who for who, _ in data}):
        marks = quiz(data[who, "quiz"]) + call(data[who, "call"]) + photos(data[who, "photos"]) + damage(data[who, "damage"])
        marks += estimate(data[who, "estimate"], rejected[who, "estimate"]) + fraud(data[who, "fraud"])
        marks += settle(data[who, "settle"], ended[who, "settle"] - started[who, "settle"])
        found[who] = marks, max(second for (other, _), second in ended.items() if other == who)
    return found


def test_the_example_ends_as_it_was_published() -> None:
    recording = read_recording(FOLDER)
    assert recording.official is not None
    comparison = compare(board_of(recorded.folded(recording, numbered(recording.events))), recording.official, recording.stage_ids)
    assert [str(difference) for difference in comparison.differences] == []
    assert str(comparison) == "compared 12, equal 12"


def test_the_published_result_is_what_plain_arithmetic_makes_of_the_events() -> None:
    found = reckoned()
    printed = {}
    for line in (FOLDER / "expected.csv").read_text(encoding="utf-8").splitlines()[1:]:
        _, who, points, _, time_s = line.split(",")
        printed[who] = Fraction(points), int(time_s)
    assert printed == found


def test_the_order_of_arrival_does_not_matter() -> None:
    recording = read_recording(FOLDER)
    arrival = numbered(recording.events)
    digest = recorded.folded(recording, arrival).digest()
    random.Random(7).shuffle(arrival)
    assert recorded.folded(recording, arrival, settle_every=1).digest() == digest


def test_the_example_asks_the_questions_it_was_made_for() -> None:
    recording = read_recording(FOLDER)
    contest = recorded.folded(recording, numbered(recording.events))
    asked = {(flag.contestant, flag.code) for flag in flags_of(contest) if flag.severity != "info"}
    assert asked == {
        ("C03", "out_of_order"), ("C05", "out_of_order"), ("C06", "missing_step"), ("C06", "propose_disqualification"),
        ("C09", "out_of_order"), ("C11", "missing_step"), ("C06", "over_claim"), ("C06", "decimal_slip"), ("C08", "answer_time"),
        ("C09", "file_outside_window"), ("C11", "same_evidence"), ("C12", "same_evidence"), ("C11", "spread_too_wide"),
    }  # fmt: skip


def test_the_example_says_who_is_certified_and_which_team_is_best() -> None:
    recording = read_recording(FOLDER)
    contest = recorded.folded(recording, numbered(recording.events))
    found = {rule.name: answer for rule, answer in conversions_of(contest) if not isinstance(answer, Opinion)}
    points = {who: marks for who, (marks, _) in reckoned().items()}
    teams = {"nanxi": "C01 C02 C03", "oubei": "C04 C05 C06", "yandang": "C07 C08 C09", "liushi": "C10 C11 C12"}
    best = {team: sum(sorted((points[who] for who in members.split()), reverse=True)[:2]) for team, members in teams.items()}
    assert {team: Fraction(each.value) for team, each in found["team"].items()} == best
    assert {who for who, each in found["pass"].items() if not each.value} == {"C03", "C06", "C12"}
    ranked = sorted(points, key=lambda who: -points[who])
    assert found["robust700"][ranked[0]].value > found["robust700"][ranked[6]].value
    assert set(medals_of(contest)) >= set(ranked[:1])
