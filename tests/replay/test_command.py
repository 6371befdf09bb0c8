"""`contest-server replay` from the outside: what it prints, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from contest_server.commands.replay import DIFFERENT, EQUAL, USAGE, replay
from tests.replay.test_reading import EVENTS, OFFICIAL, RUNS

app = typer.Typer()
app.command()(replay)


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    (tmp_path / "runs.csv").write_text(RUNS)
    (tmp_path / "official.csv").write_text(OFFICIAL)
    return tmp_path


def test_an_equal_result_ends_with_the_count_and_exit_code_0(recording: Path) -> None:
    result = _run(recording)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (EQUAL, "compared 3, equal 3")


def test_a_difference_is_printed_and_is_exit_code_1(recording: Path) -> None:
    (recording / "official.csv").write_text(OFFICIAL.replace("1,x,1,22", "1,x,1,2"))
    result = _run(recording)
    assert result.exit_code == DIFFERENT
    assert result.stdout.splitlines()[-2:] == ["  x: time: expected 0:02:00, got 0:22:00", "compared 3, equal 2"]


def test_without_a_published_result_the_top_is_shown(recording: Path) -> None:
    (recording / "official.csv").unlink()
    result = _run(recording)
    assert result.exit_code == EQUAL
    assert "nothing to compare with" in result.stdout
    assert "compared" not in result.stdout


def test_disorder_and_one_venue_and_speed_lead_to_the_same(recording: Path) -> None:
    for arguments in (["--shuffle", "--seed", 5], ["--one-venue"], ["--speed", 100_000]):
        result = _run(recording, *arguments)
        assert (arguments, result.exit_code, result.stdout.splitlines()[-1]) == (arguments, EQUAL, "compared 3, equal 3")


def test_a_kept_database_takes_the_same_replay_again(recording: Path, tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'kept.db'}"
    assert "streamed 3 events in" in _run(recording, "--db", db).stdout
    resumed = _run(recording, "--db", db)
    assert resumed.exit_code == EQUAL
    assert "streamed 0 events (3 were there already)" in resumed.stdout
    (recording / "runs.csv").write_text(RUNS + "140000,y,C,accepted,4\n")
    again = _run(recording, "--db", db)
    assert again.exit_code == USAGE
    assert "adopted already with another content" in again.output


def test_refused_events_are_named(tmp_path: Path) -> None:
    definition = 'format = 1\n[contest]\nid = "r"\nname = "R"\n[[venues]]\nid = "v"\n[[contestants]]\nid = "a"\n[[stages]]\nid = "one"\n'
    (tmp_path / "contest.toml").write_text(definition)
    (tmp_path / "events.ndjson").write_text('{"kind":"clear","at_ms":5}\n{"kind":"clear","at_ms":6,"contestant":"a","stage":"one"}\n')
    result = _run(tmp_path)
    assert result.exit_code == EQUAL
    assert "1 refused" in result.stdout
    assert "refused: v event 1: bad_event: contestant: missing" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "no such file or folder"),
        ([".", "--speed", "fast"], "--speed"),
        ([".", "--speed", "nan"], "--speed"),
        ([".", "--shuffle", "--freeze"], "--shuffle"),
        ([".", "--server", "http://127.0.0.1:1"], "--token-file"),
        ([".", "--server", "127.0.0.1", "--db", "memory:"], "--server"),
        ([".", "--token-file", "x"], "--server"),
    ],
)
def test_bad_usage_is_exit_code_2_and_says_what_was_expected(arguments: list[str], says: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == USAGE
    assert says in result.output


def test_a_definition_with_faults_is_exit_code_2_and_names_them(tmp_path: Path) -> None:
    (tmp_path / "contest.toml").write_text(
        'format = 1\n[contest]\nid = "x y"\nname = "X"\n[[stages]]\nid = "a"\n[total]\nrule = "nonsense"\n'
    )
    (tmp_path / "events.ndjson").write_text(EVENTS)
    result = _run(tmp_path)
    assert result.exit_code == USAGE
    assert "contest.id" in result.output


def test_a_server_that_is_not_there_is_exit_code_2(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("# for the rehearsal\nmain secret\n")
    result = _run(recording, "--server", "http://127.0.0.1:9", "--token-file", tmp_path / "tokens")
    assert result.exit_code == USAGE
    assert "127.0.0.1:9" in result.output
    assert "secret" not in result.output


def test_a_venue_without_a_token_is_named(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("elsewhere secret\n")
    result = _run(recording, "--server", "http://127.0.0.1:9", "--token-file", tmp_path / "tokens")
    assert (result.exit_code, "no token for main" in result.output) == (USAGE, True)
