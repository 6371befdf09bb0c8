"""What a folder is, is told by what is in it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from contest_server.core.definition_reading import read_definition
from contest_server.replay.reading import read_recording
from contest_server.replay.recording import Recording, UnreadableRecording
from tests.replay.feeds import of_old, submission, today, world

RUNS = "time_ms,team,problem,outcome,run_id\n60000,x,A,wrong-answer,1\n120500,x,A,accepted,2\n130000,y,B,compilation-error,3\n"
OFFICIAL = "doc_order,team,solved,penalty_min,last_accept_ms\n1,x,1,22,120500\n2,y,0,0,0\n3,z,0,0,0\n"
DEFINITION = """
format = 1
[contest]
id = "race"
name = "Race"
starts = 2026-11-22T09:00:00+08:00
minutes = 60
[[venues]]
id = "north"
[[venues]]
id = "south"
[[contestants]]
id = "n1"
venue = "north"
[[contestants]]
id = "s1"
venue = "south"
[[stages]]
id = "one"
[[stages]]
id = "two"
[total]
rule = "count_then_time"
count = "furthest"
time = "last"
"""
EVENTS = """{"kind":"attempt","contestant":"s1","stage":"one","attempt":"1","at":"2026-11-22T01:05:00Z","data":{"outcome":"rejected"}}
{"kind":"clear","contestant":"n1","stage":"one","at":"0:04:00","venue":"north"}
{"kind":"note","venue":"south","at_ms":1000,"data":{"text":"开始"}}
"""


def _folder(path: Path, **files: str | bytes) -> Path:
    for name, text in files.items():
        target = path / name.replace("__", ".")
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _told(recording: Recording) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(e.kind, e.contestant, e.stage, e.data.get("outcome")) for told in recording.events.values() for e in told]


def test_a_feed_is_a_feed_whatever_its_file_is_called(tmp_path: Path) -> None:
    lines = [*world(), submission("1", "0:10:00")]
    for name, text in (
        ("a", b"\n".join(today(lines))),
        ("b", b"\n".join(of_old(lines))),
        ("c", b"\xef\xbb\xbf\r\n" + b"\r\n".join(today(lines))),
    ):
        folder = tmp_path / name
        folder.mkdir()
        recording = read_recording(_folder(folder, whatever__json=text))
        assert _told(recording) == [("attempt", "t1", "a", "pending")]
        assert recording.name == name
        assert read_recording(folder / "whatever.json").events == recording.events


def test_a_csv_of_attempts_is_enough(tmp_path: Path) -> None:
    recording = read_recording(_folder(tmp_path, x__csv=RUNS))
    assert _told(recording) == [("attempt", "x", "A", "rejected"), ("attempt", "x", "A", "accepted"), ("attempt", "y", "B", "free")]
    assert recording.official is None
    read_definition(recording.definition)


def test_the_result_beside_a_csv_names_those_who_never_tried(tmp_path: Path) -> None:
    recording = read_recording(_folder(tmp_path, x__csv=RUNS, y__csv=OFFICIAL))
    assert [row["id"] for row in recording.definition["contestants"]] == ["x", "y", "z"]
    assert recording.official is not None
    assert [(row.contestant, row.rank_from, row.rank_to, row.time_ms) for row in recording.official] == [
        ("x", 1, 1, 1_320_000),
        ("y", 2, 2, 0),
        ("z", 2, 2, 0),
    ]


def test_a_further_line_of_an_attempt_is_a_later_verdict(tmp_path: Path) -> None:
    text = "attempt,contestant,stage,at,outcome\n7,x,A,2026-11-22T01:00:00Z,pending\n7,x,A,2026-11-22T01:00:09Z,accepted\n"
    (told,) = read_recording(_folder(tmp_path, x__csv=text)).events.values()
    assert [(event.attempt, event.data["outcome"]) for event in told] == [("7", "pending"), ("7", "accepted")]
    assert told[1].at_us - told[0].at_us == 9_000_000


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("time_ms,team,problem,outcome\n1,x,A,accepted\nsoon,x,A,accepted\n", "row 2: 'soon' is no number"),
        ("time_ms,team,problem,outcome\n1,x,A\n", "line 2 has 3 cells, the header has 4"),
        ("time_ms,team,problem,outcome\n1,,A,accepted\n", "row 1: no contestant"),
        ('time_ms,team,problem,outcome\n1,"x,A,accepted\n', "line 2"),
        ("time_ms,team,problem,outcome\n", "has no attempts"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(UnreadableRecording, match=where):
        read_recording(_folder(tmp_path, x__csv=text))


def test_unknown_outcomes_are_rejections_and_are_said(tmp_path: Path) -> None:
    recording = read_recording(_folder(tmp_path, x__csv="time_s,team,problem,verdict\n1,x,A,Exploded\n"))
    assert _told(recording) == [("attempt", "x", "A", "rejected")]
    assert list(recording.left_out) == ["outcome 'Exploded' is not known: taken as rejected"]


def _board_folder(path: Path, **options: object) -> Path:
    config = {"contest_name": "小赛", "start_time": 1_700_000_000, "end_time": 1_700_003_600, "penalty": 600, "options": options}
    config["problems"] = [{"id": "0", "label": "A"}, {"id": "1", "label": "B"}]
    config["group"] = {"official": "正式队伍"}
    teams = {"1": {"name": "一队", "organization": "甲", "group": ["official"]}, "2": {"team_id": "2", "name": "二队"}}
    runs = [
        {"team_id": 1, "problem_id": 0, "timestamp": 61, "status": "WRONG_ANSWER"},
        {"team_id": "1", "problem_id": "0", "timestamp": 62, "status": "CORRECT", "submission_id": 9},
        {"team_id": "3", "problem_id": "0", "timestamp": 62, "status": "CORRECT"},
        {"team_id": "1", "problem_id": "1", "timestamp": 3600, "status": "CORRECT"},
        {"team_id": "1", "problem_id": "1", "timestamp": 3599, "status": "FROZEN"},
    ]
    files = {"config__json": config, "team__json": teams, "run__json": runs}
    return _folder(path, **{name: msgspec.json.encode(value) for name, value in files.items()})


def test_a_board_folder_in_three_files(tmp_path: Path) -> None:
    recording = read_recording(_board_folder(tmp_path))
    assert _told(recording) == [("attempt", "1", "0", "rejected"), ("attempt", "1", "0", "accepted"), ("attempt", "1", "1", "pending")]
    assert recording.left_out == {"attempts of unknown teams or at unknown problems": 1, "attempts before the start or after the end": 1}
    assert recording.definition["total"] == {"rule": "count_then_time", "unit": "minute", "floor": "stage"}
    assert recording.definition["rules"] == [{"rule": "attempts_penalty", "seconds": 600}]
    assert recording.definition["contestants"][0]["trade"] == {"zh": "正式队伍", "en": "正式队伍"}
    read_definition(recording.definition)


def test_a_board_that_adds_up_seconds_is_ranked_by_seconds(tmp_path: Path) -> None:
    recording = read_recording(_board_folder(tmp_path, calculation_of_penalty="accumulate_in_seconds_and_finally_to_the_minute"))
    assert recording.definition["total"] == {"rule": "count_then_time", "unit": "second", "floor": "total"}


def test_timestamps_in_milliseconds_are_read_as_such(tmp_path: Path) -> None:
    recording = read_recording(_board_folder(tmp_path, submission_timestamp_unit="millisecond"))
    (told,) = recording.events.values()
    assert told[0].at_us == 1_700_000_000_061_000


def test_a_definition_and_events_are_a_recording_of_any_contest(tmp_path: Path) -> None:
    recording = read_recording(_folder(tmp_path, contest__toml=DEFINITION, events__ndjson=EVENTS))
    assert {venue: len(told) for venue, told in recording.events.items()} == {"north": 1, "south": 2}
    assert _told(recording) == [("clear", "n1", "one", None), ("note", None, None, None), ("attempt", "s1", "one", "rejected")]
    (clear,) = recording.events["north"]  # type: ignore[index]
    assert clear.at_us == 1_795_309_200_000_000 + 240_000_000
    assert recording.definition["total"]["count"] == "furthest"


def test_a_definition_and_a_csv_of_attempts_are_one_too(tmp_path: Path) -> None:
    attempts = "contestant,stage,time_ms,outcome\nn1,one,1000,accepted\ns1,two,2000,accepted\n"
    recording = read_recording(
        _folder(tmp_path, contest__toml=DEFINITION, attempts__csv=attempts, official__csv="rank,contestant\n1,s1\n2,n1\n")
    )
    assert {venue: [event.contestant for event in told] for venue, told in recording.events.items()} == {"north": ["n1"], "south": ["s1"]}
    assert recording.official is not None
    assert [row.rank_from for row in recording.official] == [1, 2]


def test_another_definition_gives_recorded_events_other_rules(tmp_path: Path) -> None:
    _folder(
        tmp_path,
        x__csv=RUNS,
        other__toml='format = 1\ntotal = { rule = "sum" }\n[contest]\nid = "other"\nname = "Other"\n[[stages]]\nid = "A"\n',
    )
    recording = read_recording(tmp_path / "x.csv", definition=tmp_path / "other.toml")
    assert recording.definition["total"] == {"rule": "sum"}
    assert [stage["id"] for stage in recording.definition["stages"]] == ["A"]


@pytest.mark.parametrize(
    ("line", "where"),
    [("{", "line 2: is not JSON"), ('{"kind":"clear"}', "line 2: is no event"), ('{"kind":"clear","at":"noon"}', "line 2: 'noon'")],
)
def test_a_line_that_is_no_event_is_named(tmp_path: Path, line: str, where: str) -> None:
    first = EVENTS.splitlines()[0]
    with pytest.raises(UnreadableRecording, match=where):
        read_recording(_folder(tmp_path, contest__toml=DEFINITION, events__ndjson=f"{first}\n{line}\n"))


def test_events_of_a_venue_that_the_definition_does_not_name_are_counted(tmp_path: Path) -> None:
    events = EVENTS + '{"kind":"note","venue":"east","at_ms":5}\n'
    recording = read_recording(_folder(tmp_path, contest__toml=DEFINITION, events__ndjson=events))
    assert recording.left_out == {"events of 'east', which the definition does not name": 1}


def test_what_cannot_be_replayed_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecording, match="no such file"):
        read_recording(tmp_path / "nowhere")
    with pytest.raises(UnreadableRecording, match="expected an event feed"):
        read_recording(tmp_path)
    _folder(tmp_path, contest__toml=DEFINITION)
    with pytest.raises(UnreadableRecording, match=r"add events\.ndjson"):
        read_recording(tmp_path)


def test_two_results_are_not_guessed_between(tmp_path: Path) -> None:
    _folder(tmp_path, x__csv=RUNS, y__csv=OFFICIAL, z__csv=OFFICIAL)
    with pytest.raises(UnreadableRecording, match="--official"):
        read_recording(tmp_path)
    assert read_recording(tmp_path, official=tmp_path / "y.csv").official is not None
