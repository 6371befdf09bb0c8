"""`contest-server check` names what is wrong, and what is merely odd, as the builder does. It changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contest_server.__main__ import app

TIDY = Path(__file__).parents[2] / "contest_server" / "demo" / "electricians.toml"
BARE = 'format = 1\n[contest]\nid = "cup"\nname = "Cup"\n[[venues]]\nid = "hall"\n[[stages]]\nid = "quiz"\npoints = 20\n'


def checked(path: Path) -> Result:
    return CliRunner().invoke(app, ["check", str(path)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cup.toml"


def test_a_tidy_definition_is_good_and_nothing_is_remarked() -> None:
    outcome = checked(TIDY)
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[-1] == "good"
    assert "warning" not in outcome.output


def test_what_is_odd_is_told_and_is_no_fault(file: Path) -> None:
    file.write_text(BARE, encoding="utf-8")
    outcome = checked(file)
    assert outcome.exit_code == 0
    told = [line for line in outcome.output.splitlines() if line.startswith("  warning: ")]
    assert told == [
        "  warning: stages: all stages together are worth 20, not 100",
        "  warning: contestants: there are no contestants yet",
        "  warning: contest.minutes: has no end: staff will have to end it by hand",
    ]
    assert outcome.output.splitlines()[-1] == "good"


def test_a_fault_is_told_with_its_line(file: Path) -> None:
    file.write_text(BARE + '[[stages.rules]]\nrule = "retri"\n', encoding="utf-8")
    outcome = checked(file)
    assert outcome.exit_code == 1
    assert "line 11, stages[0].rules[0].rule: no rule is called 'retri'; did you mean 'retry'?" in outcome.output
