"""A Contest API event feed as a recording: teams are contestants, problems are stages, a submission with its judgements is an attempt.

Boards show neither hidden teams nor what was handed in before the start or after the end; neither does the recording, and it counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contest_server.core.facts import AttemptId, ContestantId, Json, Outcome, StageId, VenueId
from contest_server.replay.documents import TimeRules, Unit, count_and_time_document, id_of, slug_of, text_in_two
from contest_server.replay.feed_state import FeedState, Object, fold
from contest_server.replay.notifications import changes
from contest_server.replay.recording import RecordedAttempt, Recording, UnreadableRecording, by_venue
from contest_server.replay.sites import MAIN, site_groups
from contest_server.replay.times import UNNAMED_START_US, duration_ms, instant_us

LAST_CLEAR_UNIT: Unit = "minute"
"""Boards of these feeds reckon whole minutes everywhere, also in the last link of the tie chain."""


@dataclass(frozen=True, slots=True)
class FeedClock:
    """When the contest began and how long it lasts."""

    start_us: int
    length_ms: int | None

    @classmethod
    def of(cls, state: FeedState) -> FeedClock:
        contest = state.one("contest")
        start = state.one("state").get("started") or contest.get("start_time")
        length = contest.get("duration")
        return cls(UNNAMED_START_US if start is None else instant_us(start), None if length is None else duration_ms(length))

    def contest_us(self, holder: Object, relative: str, absolute: str) -> int | None:
        """Contest time in µs, from the contest time the feed states, else from its wall time; None where neither can be read."""
        try:
            if holder.get(relative) is not None:
                return duration_ms(holder[relative]) * 1000
            return instant_us(holder[absolute]) - self.start_us if holder.get(absolute) is not None else None
        except UnreadableRecording:
            return None


def recording_of_feed(name: str, lines: Iterable[bytes]) -> Recording:
    """Raises UnreadableRecording where there is no contest to replay in these lines."""
    left_out: Counter[str] = Counter()
    state = fold(changes(lines, left_out))
    if not state.of("problems") or not state.of("teams"):
        raise UnreadableRecording(f"{name}: the event feed names no {'teams' if state.of('problems') else 'problems'}")
    clock = FeedClock.of(state)
    contestants, venues = _contestants(state, left_out)
    stages = _stages(state)
    attempts = _attempts(state, clock, {row["id"] for row in contestants}, {row["id"] for row in stages}, left_out)
    venue_of = {ContestantId(row["id"]): VenueId(row["venue"]) for row in contestants}
    contest = state.one("contest")
    left_out["notifications that said nothing new"] += state.repeats
    progress = state.one("state")
    freeze = contest.get("scoreboard_freeze_duration")
    title = contest.get("formal_name") or contest.get("name") or name
    return Recording(
        name=name,
        definition=count_and_time_document(name, title, clock.start_us, clock.length_ms, _rules(contest), venues, contestants, stages),
        events=by_venue(attempts, venue_of),
        frozen=bool(progress.get("frozen") and not progress.get("thawed") and not progress.get("finalized")),
        freeze_minutes=None if freeze is None else duration_ms(freeze) // 60_000,
        left_out=+left_out,
    )


def _rules(contest: Object) -> TimeRules:
    penalty = contest.get("penalty_time")
    return TimeRules(penalty_s=1200 if penalty is None else duration_ms(penalty) // 1000, last_unit=LAST_CLEAR_UNIT)


def _contestants(state: FeedState, left_out: Counter[str]) -> tuple[list[Json], dict[str, Json]]:
    groups, employers = state.of("groups"), state.of("organizations")
    hidden_groups = {key for key, group in groups.items() if group.get("hidden")}
    shown: dict[str, Object] = {}
    for key, team in state.of("teams").items():
        if team.get("hidden") or hidden_groups.intersection(_group_ids(team)):
            left_out["hidden teams"] += 1
        else:
            shown[key] = team
    sites = site_groups(groups, [_group_ids(team) for team in shown.values()])
    venues = {slug_of(str(groups[key].get("name") or key)): text_in_two(groups[key].get("name") or key) for key in sites} or {"main": MAIN}
    rows = []
    for key, team in shown.items():
        site = next((each for each in sites if each in _group_ids(team)), None)
        venue = "main" if site is None else slug_of(str(groups[site].get("name") or site))
        rows.append(_contestant(key, team, venue, employers.get(str(team.get("organization_id")))))
    return rows, venues


def _contestant(key: str, team: Object, venue: str, employer: Object | None) -> Json:
    row: Json = {"id": id_of(key), "name": text_in_two(team.get("name") or team.get("display_name") or key), "venue": venue}
    if employer is not None:
        row["employer"] = text_in_two(employer.get("formal_name") or employer.get("name"))
    return row


def _group_ids(team: Object) -> list[str]:
    return [str(each) for each in team.get("group_ids") or ()]


def _stages(state: FeedState) -> list[Json]:
    problems = sorted(state.of("problems").items(), key=lambda item: (item[1].get("ordinal") or 0, str(item[1].get("label") or "")))
    return [{"id": id_of(key), "name": text_in_two(_stage_name(key, problem))} for key, problem in problems]


def _stage_name(key: str, problem: Object) -> str:
    label, name = str(problem.get("label") or ""), str(problem.get("name") or key)
    return name if not label or name.startswith(f"{label}:") else f"{label}: {name}"


def _attempts(state: FeedState, clock: FeedClock, contestants: set[str], stages: set[str], left_out: Counter[str]) -> list[RecordedAttempt]:
    outcomes = _outcomes(state.of("judgement-types"))
    submissions = state.of("submissions")
    left_out["judgements of submissions that never appear"] += sum(
        1 for each in state.of("judgements").values() if str(each.get("submission_id")) not in submissions
    )
    attempts = []
    for key, submission in submissions.items():
        handed_us = clock.contest_us(submission, "contest_time", "time")
        contestant, stage = id_of(submission.get("team_id")), id_of(submission.get("problem_id"))
        reason = _why_not(handed_us, clock, contestant in contestants, stage in stages)
        if reason is not None or handed_us is None:
            left_out[reason or "submissions without a time"] += 1
            continue
        at_us = clock.start_us + handed_us
        verdicts = _verdicts(state.verdicts.get(key, ()), clock, at_us, outcomes, left_out)
        attempts.append(RecordedAttempt(AttemptId(id_of(key)), ContestantId(contestant), StageId(stage), at_us, verdicts=verdicts))
    return attempts


def _why_not(handed_us: int | None, clock: FeedClock, known_contestant: bool, known_stage: bool) -> str | None:
    if not known_contestant:
        return "submissions of hidden or unknown teams"
    if not known_stage:
        return "submissions to unknown problems"
    if handed_us is None:
        return "submissions without a time"
    if handed_us < 0:
        return "submissions before the start"
    if clock.length_ms is not None and handed_us >= clock.length_ms * 1000:
        return "submissions after the end"
    return None


def _verdicts(
    history: Iterable[Object | None], clock: FeedClock, handed_us: int, outcomes: Mapping[str, Outcome], left_out: Counter[str]
) -> list[tuple[int, Outcome]]:
    """Each judgement that was in force, and when it ended."""
    verdicts: list[tuple[int, Outcome]] = []
    for judgement in history:
        if judgement is None:
            verdicts.append((handed_us, "pending"))
            continue
        outcome = outcomes.get(str(judgement["judgement_type_id"]))
        if outcome is None:
            left_out["judgements of an unknown type"] += 1
            continue
        ended_us = clock.contest_us(judgement, "end_contest_time", "end_time")
        at_us = handed_us if ended_us is None else clock.start_us + ended_us
        if at_us < handed_us:
            left_out["judgements that end before the attempt was handed in (taken at that moment)"] += 1
        verdicts.append((at_us, outcome))
    return verdicts


def _outcomes(types: Mapping[str, Any]) -> dict[str, Outcome]:
    """A type that solves is accepted, one with a penalty is rejected, the rest is free. Where nothing is said, only CE and JE are free."""
    outcomes: dict[str, Outcome] = {}
    for key, judgement_type in types.items():
        penalty = judgement_type.get("penalty", key not in ("CE", "JE"))
        outcomes[key] = "accepted" if judgement_type.get("solved", key == "AC") else "rejected" if penalty else "free"
    return outcomes
