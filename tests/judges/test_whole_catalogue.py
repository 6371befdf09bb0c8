"""Every scoring, stage and aggregation rule of the catalogue is there, and none of the code they share knows a binary float."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from judges.catalogue import built_in

JUDGES = Path(__file__).parents[2] / "judges"
WHOLE = {*(f"A{n}" for n in range(1, 25)), *(f"B{n}" for n in range(1, 13)), *(f"C{n}" for n in range(1, 9))}


def test_every_rule_of_the_sections_a_b_and_c_is_there() -> None:
    assert WHOLE - {judge.catalogue for judge in built_in()} == set()


@pytest.mark.parametrize("path", sorted(JUDGES.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_of_the_judges_uses_a_binary_float(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"line {node.lineno}"
        assert not (isinstance(node, ast.Name) and node.id in ("float", "math")), f"line {node.lineno}"
