"""What a rule says about itself holds for its class, its page and its entry point."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from contest_server.core.judging import API_VERSION, STATIONS
from judges.catalogue import built_in, entry_points, page, parameter_words, stations_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "judges.md"
TELLING = ("marks_given", "answers_given", "answers_due")
RESERVED = {*STATIONS, *TELLING, "faults", "measures", "of_tally", "standard", "marks_against", "rule", "api", "version", "catalogue"}

every_rule = pytest.mark.parametrize("judge", built_in(), ids=lambda judge: judge.rule)


def test_the_page_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run `python -m judges.catalogue docs/judges.md`"


def test_the_example_on_the_page_is_the_example() -> None:
    example = (ROOT / "docs" / "examples" / "third_party_rule" / "contest_rule_torque.py").read_text(encoding="utf-8")
    assert f"```python\n{example}```" in PAGE.read_text(encoding="utf-8")


def test_every_rule_is_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["contest_server.judges"] == entry_points()


@every_rule
def test_a_rule_says_what_it_is(judge: Any) -> None:
    assert judge.api == API_VERSION
    assert judge.version.isdigit()
    assert stations_of(judge)
    assert judge.__dataclass_params__.frozen
    assert "__dict__" not in dir(judge), "slotted"
    assert re.fullmatch(r"[a-z][a-z_0-9]*", judge.rule)
    assert f"({judge.catalogue})" in (judge.__doc__ or "") or judge.rule == "sum"


@every_rule
def test_every_parameter_is_explained_and_none_is_called_like_a_station(judge: Any) -> None:
    names = [field.name for field in fields(judge)]
    assert list(parameter_words(judge)) == names
    assert not RESERVED & set(names)
    assert ("max" in names) == (hasattr(judge, "score") or hasattr(judge, "compare"))


@every_rule
def test_parameters_can_come_from_a_document(judge: Any) -> None:
    schema = TypeAdapter(tuple[judge], config={"extra": "forbid"}).json_schema()
    assert schema["$defs"][judge.__name__].get("additionalProperties") is False


@pytest.mark.parametrize("path", sorted((ROOT / "judges").glob("*.py")), ids=lambda path: path.stem)
def test_a_judge_imports_the_judges_names_of_the_core_and_nothing_impure(path: Path) -> None:
    allowed = {"contest_server.core.judging", "contest_server.core.facts"}
    impure = {"time", "random", "secrets", "socket", "subprocess", "threading", "asyncio", "os"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contest_server"):
            assert node.module in allowed
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not impure & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted((ROOT / "judges").glob("*.py")), ids=lambda path: path.stem)
def test_every_question_to_a_referee_says_what_to_do(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Opinion":
            only_told = ast.unparse(node.args[0]) == "Doubt.INFO"
            assert only_told or len(node.args) == 6 or "suggestion" in {each.arg for each in node.keywords}, f"line {node.lineno}"
