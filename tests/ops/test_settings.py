"""Settings come from the command line, the environment and a file, in this order. Whatever cannot be used is named with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.live.settings import Settings
from contest_server.live.settings_file import BadSettings, combine, read_settings, unknown_variables

SECRET = "hunter2-hunter2"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "contest-server.toml"
    path.write_text(text, "utf-8")
    return path


def faults(tmp_path: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        combine(read_settings(written(tmp_path, text)), environment)
    return [str(fault).removeprefix(f"{tmp_path}/") for fault in caught.value.faults]


def test_the_command_line_outweighs_the_environment_and_that_the_file(tmp_path: Path) -> None:
    file = read_settings(written(tmp_path, "port = 1\npaint_interval_ms = 11\nframes_kept = 12\n"))
    settings = combine(file, {"CONTEST_PORT": "2", "contest_paint_interval_ms": "22"}, port=3)
    assert (settings.port, settings.paint_interval_ms, settings.frames_kept, settings.clock_samples) == (3, 22, 12, 16)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# fine\nprot = 8000\n", "contest-server.toml, line 2: prot: no setting of this name; did you mean port?"),
        ("colour = 'red'\n", "contest-server.toml, line 1: colour: no setting of this name; `contest-server config` lists them all"),
        ("\n[server]\nport = 1\n", "contest-server.toml, line 2: server: there are no sections; write NAME = VALUE"),
        ("port = \n", "contest-server.toml: Invalid value (at line 1, column 8)"),
    ],
)
def test_what_a_file_says_that_is_no_setting_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path, text) == [fault]


def test_every_value_that_cannot_be_is_named_with_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    found = faults(tmp_path, "frames_kept = 8\nport = 99999\nlog = 'xml'\n", CONTEST_PAINT_INTERVAL_MS="fast")
    assert len(found) == 3
    assert found[0].startswith("contest-server.toml, line 2: port: Input should be less than or equal to 65535, found 99999")
    assert found[1].startswith("CONTEST_PAINT_INTERVAL_MS: Input should be a valid integer")
    assert "'console' or 'json'" in found[2]


def test_a_secret_that_cannot_be_is_not_shown(tmp_path: Path) -> None:
    assert all(SECRET not in fault for fault in faults(tmp_path, f"metrics_token = ['{SECRET}']\n"))


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff\xfe")])
def test_a_file_that_cannot_be_read_is_one_clear_fault(tmp_path: Path, make: object) -> None:
    path = tmp_path / "settings.toml"
    make(path)  # type: ignore[operator]
    with pytest.raises(BadSettings) as caught:
        read_settings(path)
    assert len(caught.value.faults) == 1
    assert str(path) in caught.value.faults[0]


def test_a_variable_that_looks_like_a_setting_and_is_none_is_told_but_stops_nobody() -> None:
    environment = {"CONTEST_PROT": "1", "CONTEST_PORT": "2", "CONTEST_TEST_BROWSER": "x", "HOME": "/", "CONTEST_CONFIG": "c.toml"}
    assert unknown_variables(environment) == ["CONTEST_PROT: no setting of this name; did you mean CONTEST_PORT?"]
    assert combine(read_settings(None), environment).port == 2


def test_the_settings_that_are_shown_are_a_file_that_gives_the_same_settings(tmp_path: Path) -> None:
    path = written(tmp_path, f'port = 8123\ndb = "postgresql://contest:{SECRET}@db/contest"\nmetrics_token = "{SECRET}"\n')
    shown = CliRunner().invoke(app, ["config"], env={"CONTEST_CONFIG": str(path), "CONTEST_LOG": "json"})
    assert shown.exit_code == 0, shown.output
    assert SECRET not in shown.output
    assert f"# {path}, line 1" in shown.output
    again = combine(read_settings(written(tmp_path, shown.stdout)), {})
    assert again.model_dump(exclude={"db", "metrics_token"}) == combine(read_settings(None), {}, port=8123, log="json").model_dump(
        exclude={"db", "metrics_token"}
    )
    assert set(tomllib.loads(shown.stdout)) == set(Settings.model_fields) - {
        name for name, field in Settings.model_fields.items() if field.default is None and name != "metrics_token"
    }


def test_a_file_says_which_database_every_command_works_on(tmp_path: Path) -> None:
    path = written(tmp_path, f'db = "sqlite:///{tmp_path}/there.db"\n')
    for arguments, environment in ((["--config", str(path), "token", "--list"], {}), (["token", "--list"], {"CONTEST_CONFIG": str(path)})):
        told = CliRunner().invoke(app, arguments, env=environment)
        assert "there.db: No such file" in told.output
    outweighed = CliRunner().invoke(
        app, ["token", "--list"], env={"CONTEST_CONFIG": str(path), "CONTEST_DB": f"sqlite:///{tmp_path}/other.db"}
    )
    assert "other.db: No such file" in outweighed.output


@pytest.mark.parametrize("arguments", [["--config", "FILE", "token"], ["serve", "--config", "FILE"], ["--config", "FILE", "serve"]])
def test_no_command_goes_on_with_a_file_that_it_could_not_read(tmp_path: Path, arguments: list[str]) -> None:
    path = written(tmp_path, "dbb = 'sqlite:///elsewhere.db'\n")
    told = CliRunner().invoke(app, [str(path) if each == "FILE" else each for each in arguments])
    assert told.exit_code == 2
    assert "line 1: dbb: no setting of this name; did you mean db?" in told.output


def test_what_is_wrong_with_the_settings_is_for_the_command_config_to_say(tmp_path: Path) -> None:
    path = str(written(tmp_path, "prot = 1\n"))
    for arguments in (["--config", path, "config"], ["config", "--config", path]):
        told = CliRunner().invoke(app, arguments)
        assert (told.exit_code, "did you mean port?" in told.output) == (1, True)
