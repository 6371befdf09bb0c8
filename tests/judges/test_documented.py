"""What a rule says about itself holds for its class, its page and its entry point."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields, is_dataclass
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from contest_server.core import judging
from contest_server.core.judging import API_VERSION, STATIONS
from judges.catalogue import built_in, entry_points, page, parameter_words, stations_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "judges.md"
TELLING = ("marks_given", "answers_given", "answers_due")
RESERVED = {
    *STATIONS,
    *TELLING,
    "faults",
    "measures",
    "of_tally",
    "standard",
    "marks_against",
    "score_against",
    "rule",
    "api",
    "version",
    "catalogue",
}

every_rule = pytest.mark.parametrize("judge", built_in(), ids=lambda judge: judge.rule)


def test_the_page_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run `python -m judges.catalogue docs/judges.md`"


def test_the_example_on_the_page_is_the_example() -> None:
    example = (ROOT / "docs" / "examples" / "third_party_rule" / "contest_rule_torque.py").read_text(encoding="utf-8")
    assert f"```python\n{example}```" in PAGE.read_text(encoding="utf-8")


def test_the_trial_on_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "examples" / "third_party_rule"))
    trial = re.search(r"## Try it.*?```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert trial is not None
    exec(trial[1], {})


SHAPES = (
    "Evidence", "Attempt", "CellView", "Violation", "StageView", "AspectView", "ContestantRecord", "CellResult", "Field", "Tally", "Survey",
    "Contender", "OfficialView", "SurveyedAspect", "Panel", "PanelMark", "AnswerSheet", "SeenFile", "Placed",
    "Score", "Charge", "Opinion", "Bonus", "Total", "Converted", "Finding", "Step", "Wanted", "GivenMark",
)  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_what_judges_see_and_answer_is_described_with_all_that_it_holds(name: str) -> None:
    found = re.search(rf"^\| `{name}` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    told = set(re.findall(r"`([a-z_0-9]+)[^`]*`", found[1]))
    assert [part for part in _parts(getattr(judging, name)) if part not in told] == []


def test_no_class_that_judges_see_or_answer_is_left_out() -> None:
    classes = {name for name, each in vars(judging).items() if isinstance(each, type) and _parts(each)}
    said_elsewhere = {"Said", "Coded", "Named", "Doubt", "Judge", "Expression", "Cleared"}
    assert classes - said_elsewhere == set(SHAPES)


def _parts(cls: type[Any]) -> list[str]:
    """Its public fields, and what it tells besides."""
    kept = [each.name for each in fields(cls)] if is_dataclass(cls) else list(getattr(cls, "__struct_fields__", ()))
    told = [name for name, each in vars(cls).items() if isinstance(each, property) or isfunction(each)]
    return [name for name in (*kept, *told) if not name.startswith("_")]


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
