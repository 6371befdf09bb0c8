"""The command without a server: the plan, and what is asked wrongly, which ends with a sentence before anything is sent."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from contest_server.__main__ import app

NOWHERE = ("--url", "http://127.0.0.1:9")


def _run(*options: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["rehearse", *options], env={"CONTEST_TOKEN": ""})
    return ended.exit_code, ended.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((*NOWHERE, "--speed", "0"), "--speed"),
        ((*NOWHERE, "--faults", "rain"), "--faults: rain"),
        ((*NOWHERE, "--definition", "/nowhere"), "--definition"),
        (NOWHERE, "--token"),
        (("--url", "http://contest.example", "--token", "x"), "--yes"),
        (("--url", "contest.example", "--token", "x"), "--url"),
    ],
)
def test_what_is_asked_wrongly_ends_with_a_sentence(options: tuple[str, ...], said: str) -> None:
    code, output = _run(*options)
    assert code == 2
    assert said in output


def test_the_plan_is_printed_without_a_server() -> None:
    code, said = _run("--url", "https://contest.example", "--plan")
    assert code == 0
    assert "clock: yongjia/desk-2" in said
    assert "封榜 the public board freezes" in said
