"""A recorded contest rejudged under a changed rule, against a reckoning of its own that knows nothing of this program's fold."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.core.facts import Adopted, Event, Scope
from contest_server.core.ids import StageId, VenueId
from contest_server.core.rejudging import Rejudging
from contest_server.replay.recording import Recording
from tests.golden.recorded import folded, numbered, recorded

MINUTE_MS = 60_000
CHANGED_S = 420
"""Seven minutes for a rejected attempt instead of twenty."""

Result = dict[str, tuple[int, int]]


def reckoned(recording: Recording, penalty_ms: Any) -> Result:
    """Solved problems and penalty minutes by team: verdicts in order of time, minutes floored per problem. `penalty_ms(team, problem)`."""
    starts = read_definition(recording.definition).contest.starts
    assert starts is not None
    start_us = int(starts.timestamp() * 1_000_000)
    runs: dict[tuple[str, str], dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in numbered(recording.events):
        runs[str(event.contestant), str(event.stage)][str(event.attempt)].append(event)
    result: Result = {each["id"]: (0, 0) for each in recording.definition["contestants"]}
    for (team, problem), attempts in runs.items():
        handed_in = sorted((min(each.at_us for each in told), name) for name, told in attempts.items())
        wrong = 0
        for at_us, name in handed_in:
            told = attempts[name]
            verdict = told[-1].data["outcome"]
            if verdict == "accepted":
                solved, minutes = result[team]
                taken = (at_us - start_us) // 1_000 // MINUTE_MS
                result[team] = solved + 1, minutes + taken + wrong * penalty_ms(team, problem) // MINUTE_MS
                break
            wrong += verdict == "rejected"
    return result


def shown(contest: Any) -> Result:
    return {who: (row.row.cleared, row.row.time_ms // MINUTE_MS) for who, row in contest.rows.items()}


def changed(recording: Recording, scope: Scope | None) -> Adopted:
    document = recording.definition
    document["rules"] = [{**rule, "seconds": CHANGED_S} if rule["rule"] == "attempts_penalty" else rule for rule in document["rules"]]
    document["contest"] = {**document["contest"], "version": 2}
    return Adopted(2, "", ledger_document(read_definition(document)), scope)


@pytest.mark.parametrize("scoped", ["everything", "one venue", "two problems"])
def test_a_rejudged_regional_equals_an_independent_reckoning(scoped: str) -> None:
    recording = recorded("pacnw2022")
    contest = folded(recording, numbered(recording.events))
    venue_of = {each["id"]: each["venue"] for each in recording.definition["contestants"]}
    problems = [each["id"] for each in recording.definition["stages"]][:2]
    scope = {
        "everything": None,
        "one venue": Scope(venues=(VenueId("oregon"),)),
        "two problems": Scope(stages=tuple(map(StageId, problems))),
    }[scoped]

    def penalty_ms(team: str, problem: str) -> int:
        within = scoped == "everything" or (venue_of[team] == "oregon" if scoped == "one venue" else problem in problems)
        return CHANGED_S * 1_000 if within else 1_200_000

    assert shown(contest) == reckoned(recording, lambda *_: 1_200_000), "the reckoning agrees before anything is changed"
    rejudging = Rejudging(contest, changed(recording, scope))
    rejudging.replay(lambda: True)
    expected = reckoned(recording, penalty_ms)
    assert shown(rejudging.shadow) == expected
    effect = rejudging.effect(contest)
    moved = {who for who, each in expected.items() if each != shown(contest)[who]}
    assert moved, "the change is one that shows"
    assert {row.contestant for row in effect.rows if row.before and row.after and row.before.time_ms != row.after.time_ms} == moved
