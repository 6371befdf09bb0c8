"""The command line as a whole: what it lists, what it loads."""

from __future__ import annotations

import subprocess
import sys

from typer.testing import CliRunner

from contest_server import __version__
from contest_server.__main__ import app
from contest_server.commands.group import NAMES

LOADED = "import sys; from contest_server.commands.group import function_of; function_of({name!r}); print(*sys.modules)"


def loaded_by(name: str) -> set[str]:
    """The modules that a command needs, of a process of its own."""
    return set(subprocess.run([sys.executable, "-c", LOADED.format(name=name)], capture_output=True, text=True, check=True).stdout.split())


def test_all_commands_are_listed_in_their_order() -> None:
    text = CliRunner().invoke(app, ["--help"]).output.partition("Commands:")[2]
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "] == list(NAMES)


def test_a_command_that_there_is_not_is_named() -> None:
    outcome = CliRunner().invoke(app, ["serv"])
    assert outcome.exit_code == 2
    assert "serv" in outcome.output


def test_it_says_its_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"contest-server {__version__}\n"


def test_what_runs_at_a_venue_loads_nothing_of_the_server() -> None:
    assert {"uvicorn", "contest_server.web.app"} <= loaded_by("serve")
    assert not {"uvicorn", "fastapi", "contest_server.web.app"} & loaded_by("venue")
