"""The command `contest-server demo`: what a stranger sees, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.commands.demo import first_of, has_display, welcome
from contest_server.demo.bundle import bundled
from contest_server.demo.logins import passwords_for
from contest_server.demo.show import Wishes
from contest_server.live.settings import Settings


def test_help_says_what_it_does_and_how_it_ends() -> None:
    text = CliRunner().invoke(app, ["demo", "--help"]).output
    for word in ("electricians", "--port", "--seed", "--speed", "--db", "--once", "--no-open", "Exit codes"):
        assert word in text


def test_the_welcome_speaks_both_languages_and_names_the_address() -> None:
    text = "\n".join(welcome("http://localhost:8000/", Wishes(Settings(db="memory:")), passwords_for("127.0.0.1")))
    assert text.count("http://localhost:8000/") >= 2
    assert "断网" in text
    assert "loses its network" in text


def test_the_welcome_lets_the_officials_in() -> None:
    text = "\n".join(welcome("http://localhost:8000/", Wishes(Settings(db="memory:")), passwords_for("127.0.0.1")))
    assert "http://localhost:8000/referee" in text
    assert [official.id for official in bundled().officials if f"demo-pass-{official.id}" not in text] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "hall.example"])
def test_a_demo_that_others_can_reach_has_passwords_that_nobody_can_guess(host: str) -> None:
    passwords = passwords_for(host)
    assert set(passwords) == {official.id for official in bundled().officials}
    assert not set(passwords.values()) & {*passwords_for("127.0.0.1").values(), *passwords_for(host).values()}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_demo_for_this_computer_alone_always_has_the_same_passwords(host: str) -> None:
    assert passwords_for(host) == {official.id: f"demo-pass-{official.id}" for official in bundled().officials}


def test_a_foreign_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "contest.db"
    path.write_bytes(b"not mine")
    ended = CliRunner().invoke(app, ["demo", "--db", f"sqlite:///{path}", "--port", "0", "--no-open"])
    assert ended.exit_code == 2
    assert "not a demo's database" in ended.output
    assert path.read_bytes() == b"not mine"


def test_a_url_of_no_store_is_bad_usage() -> None:
    ended = CliRunner().invoke(app, ["demo", "--db", "mysql://x", "--port", "0", "--no-open"])
    assert ended.exit_code == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "contest_server", "demo", "--port", "0", "--no-open"]
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=Path.cwd()) as running:
        assert running.stdout is not None
        said = []
        for line in running.stdout:
            said.append(line)
            if line.startswith("▶"):
                break
        assert any(tmp_path.iterdir())
        running.send_signal(number)
        said += running.stdout.readlines()
    text = "".join(said)
    assert running.returncode == 0, text
    assert "The demo has ended." in text
    assert "Traceback" not in text
    assert list(tmp_path.iterdir()) == []


def test_a_browser_is_opened_only_where_it_has_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_display()


def test_what_went_wrong_first_is_found_in_its_groups() -> None:
    fault = OSError("disk")
    assert first_of(ExceptionGroup("a", [ExceptionGroup("b", [fault])])) is fault
    assert first_of(fault) is fault
