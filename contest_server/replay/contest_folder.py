"""A folder with `config.json`, `team.json` and `run.json`, as many contest boards in China publish it, as a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contest_server.core.facts import AttemptId, ContestantId, Json, StageId, VenueId
from contest_server.replay.documents import TimeRules, count_and_time_document, exact_seconds, id_of, text_in_two
from contest_server.replay.outcomes import outcome_of_word
from contest_server.replay.recording import RecordedAttempt, Recording, UnreadableRecording, by_venue
from contest_server.replay.sites import MAIN
from contest_server.replay.tables import read_json
from contest_server.replay.times import instant_us

FILES = ("config.json", "run.json", "team.json")
TO_MS = {"second": 1, "millisecond": 1_000, "microsecond": 1_000_000, "nanosecond": 1_000_000_000}
"""Each unit a folder may state for its timestamps, in units a second has of it."""
IN_SECONDS = ("in_seconds", "accumulate_in_seconds_and_finally_to_the_minute")

Object = Mapping[str, Any]


def recording_of_folder(name: str, folder: Path) -> Recording:
    """Raises UnreadableRecording naming the file and what was expected."""
    config, teams, runs = (read_json(folder / file) for file in ("config.json", "team.json", "run.json"))
    if not isinstance(config, dict) or not isinstance(runs, list):
        raise UnreadableRecording(f"{folder}: expected an object in config.json and a list in run.json")
    left_out: Counter[str] = Counter()
    contestants = [_contestant(team, config.get("group") or {}) for team in _listed(teams, folder)]
    starts_us, duration_ms = _clock(config)
    venue_of = {ContestantId(row["id"]): VenueId(row["venue"]) for row in contestants}
    venues = {venue: MAIN if venue == "main" else text_in_two(venue) for venue in sorted(set(venue_of.values()))}
    stages = _stages(config, runs)
    attempts = _attempts(runs, config, starts_us, duration_ms, set(venue_of), {row["id"] for row in stages}, left_out)
    freeze = config.get("frozen_time")
    return Recording(
        name=name,
        definition=count_and_time_document(
            name, config.get("contest_name") or name, starts_us, duration_ms, _rules(config), venues, contestants, stages
        ),
        events=by_venue(attempts, venue_of),
        freeze_minutes=int(freeze) // 60 if isinstance(freeze, (int, float)) else None,
        left_out=+left_out,
    )


def _rules(config: Object) -> TimeRules:
    """Minutes are cut a stage, unless the folder says that seconds add up. Then seconds decide ranks too: the published orders show it."""
    rules = TimeRules(penalty_s=int(config.get("penalty", 1200)))
    options = config.get("options") or {}
    return exact_seconds(rules) if options.get("calculation_of_penalty") in IN_SECONDS else rules


def _clock(config: Object) -> tuple[int, int | None]:
    starts_us = instant_us(config.get("start_time", 0))
    if config.get("end_time") is None:
        return starts_us, None
    return starts_us, (instant_us(config["end_time"]) - starts_us) // 1000


def _listed(teams: Any, folder: Path) -> list[Object]:
    """The teams, which are a list, or an object by their id."""
    rows = [{"team_id": key, **team} for key, team in teams.items()] if isinstance(teams, dict) else teams
    if not isinstance(rows, list) or not all(isinstance(row, dict) and ("team_id" in row or "id" in row) for row in rows):
        raise UnreadableRecording(f"{folder / 'team.json'}: expected teams, each with a team_id")
    return rows


def _contestant(team: Object, groups: Object) -> Json:
    key = team.get("team_id", team.get("id"))
    row: Json = {"id": id_of(key), "name": text_in_two(team.get("name"), str(key)), "venue": id_of(team.get("location") or "main")}
    if team.get("organization"):
        row["employer"] = text_in_two(team["organization"])
    named = [str(groups.get(group, group)) for group in team.get("group") or () if group]
    if named:
        row["trade"] = text_in_two("、".join(named))
    return row


def _stages(config: Object, runs: Iterable[Object]) -> list[Json]:
    problems = config.get("problems")
    if problems:
        return [{"id": id_of(each["id"]), "name": text_in_two(each.get("label") or each["id"])} for each in problems]
    labels = config.get("problem_id")
    if labels:
        return [{"id": id_of(index), "name": text_in_two(label)} for index, label in enumerate(labels)]
    return [{"id": each, "name": text_in_two(each)} for each in sorted({id_of(run.get("problem_id")) for run in runs})]


def _attempts(
    runs: Iterable[Object],
    config: Object,
    starts_us: int,
    duration_ms: int | None,
    contestants: set[ContestantId],
    stages: set[str],
    left_out: Counter[str],
) -> list[RecordedAttempt]:
    a_second = TO_MS.get(str((config.get("options") or {}).get("submission_timestamp_unit") or "second"), 1)
    attempts = []
    for number, run in enumerate(runs, start=1):
        contestant, stage = ContestantId(id_of(run.get("team_id"))), id_of(run.get("problem_id"))
        offset_us = int(run.get("timestamp", -1)) * 1_000_000 // a_second
        if contestant not in contestants or stage not in stages:
            left_out["attempts of unknown teams or at unknown problems"] += 1
        elif offset_us < 0 or (duration_ms is not None and offset_us >= duration_ms * 1000):
            left_out["attempts before the start or after the end"] += 1
        else:
            at_us = starts_us + offset_us
            attempt = AttemptId(id_of(run.get("submission_id") or f"run-{number:06d}"))
            outcome = outcome_of_word(run.get("status"), left_out)
            attempts.append(RecordedAttempt(attempt, contestant, StageId(stage), at_us, outcome))
    return attempts
