"""A rule of somebody else's package: `pip install` is enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "third_party_rule"
STEP_LIMIT_S = 300

ASK_THE_SERVER = """
from decimal import Decimal
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, StageId
from contest_server.core.judging import Attempt
from contest_server.core.compiling import compile_rulebook
from contest_server.core.scoring import judge_cell
from contest_server.live.judges_loading import load_judges

judges = load_judges()
print("built-in too:", "tolerance_bands" in judges)
aspect = {"id": "terminals", "rule": "torque_set", "max": "5", "terminals": ["x1", "x2"], "low_nm": "1.2", "high_nm": "1.6"}
document = {"format": 1, "contest": {"id": "c", "name": "C"}, "venues": [{"id": "v"}], "stages": [{"id": "s", "aspects": [aspect]}]}
book = compile_rulebook(read_definition(document), judges)
for data in ({"x1": "1.40", "x2": "1.15"}, {"x1": "1.40"}):
    attempt = Attempt(AttemptId("a"), ContestantId("A017"), StageId("s"), "accepted", 1000, data=data)
    [line] = judge_cell(ContestantId("A017"), [attempt], [], book.stages[StageId("s")]).lines
    print(line.rule, line.marks, [step.result for step in line.steps], [opinion.code for opinion in line.opinions])
"""


def run(*command: str, path: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    if path is not None:
        environment["PYTHONPATH"] = os.pathsep.join((str(path), str(ROOT)))
    done = subprocess.run(command, capture_output=True, text=True, timeout=STEP_LIMIT_S, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, installed away from everything else, without the network and without leaving anything in the repository."""
    source, target = tmp_path_factory.mktemp("source") / "example", tmp_path_factory.mktemp("target")
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--target", str(target))
    run(sys.executable, "-m", "pip", "install", *options, str(source))
    return target


def test_installing_a_package_is_enough_for_the_server_to_judge_by_its_rule(installed: Path) -> None:
    assert run(sys.executable, "-c", ASK_THE_SERVER, path=installed).splitlines() == [
        "built-in too: True",
        "torque_set 2.50 ['true', 'false', '2.50'] []",
        "torque_set None [] ['not_judged']",
    ]


def test_without_the_package_the_server_does_not_know_the_rule() -> None:
    script = "from contest_server.live.judges_loading import load_judges; print('torque_set' in load_judges())"
    assert run(sys.executable, "-c", script, path=ROOT).strip() == "False"


def test_the_example_is_as_strictly_typed_as_the_server(tmp_path: Path) -> None:
    arguments = ("--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path), str(EXAMPLE / "contest_rule_torque.py"))
    assert "no issues" in run(sys.executable, "-m", "mypy", *arguments, path=ROOT)
