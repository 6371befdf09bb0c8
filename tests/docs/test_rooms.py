"""Each room of the sources knows what docs/architecture.md says it knows, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BELOW_LIVE = {"core", "ledger", "wire"}
KNOWS: dict[str, set[str]] = {
    "core": set(),
    "words": {"core"},
    "ledger": {"core"},
    "intake": {"core"},
    "wire": {"core", "words"},
    "builder": {"core", "intake", "words", "demo"},
    "live": {*BELOW_LIVE},
    "web": {*BELOW_LIVE, "live", "words", "intake", "builder"},
    "agent": {"core", "words"},
    "replay": {*BELOW_LIVE, "live", "intake", "agent", "web"},
    "demo": {*BELOW_LIVE, "live", "intake", "agent", "web"},
    "rehearsal": {*BELOW_LIVE, "live", "intake", "agent", "demo"},
    "doctor": {"core", "ledger", "live", "web"},
    "judges": {"core"},
}
ROOMS = [*KNOWS, "commands"]


@pytest.mark.parametrize("room", KNOWS)
def test_a_room_knows_what_the_page_says_it_knows(room: str) -> None:
    assert {met for met, _ in _imports(room) if met in ROOMS} - {room} <= KNOWS[room]


def test_the_agent_takes_no_more_than_sentences_from_the_core() -> None:
    assert {module for met, module in _imports("agent") if met == "core"} == {"contest_server.core.saying", "contest_server.core.rereading"}


def test_of_the_demo_the_builder_takes_the_dice() -> None:
    assert {module for met, module in _imports("builder") if met == "demo"} == {"contest_server.demo.dice"}


def test_every_room_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [room for room in KNOWS if f"`{room}/`" not in text] == []
    folders = {each.name for each in (ROOT / "contest_server").iterdir() if (each / "__init__.py").exists()}
    assert folders == {*ROOMS} - {"judges"}


def _imports(room: str) -> Iterator[tuple[str, str]]:
    """Of each import of our own, the room that it goes to, and the module."""
    folder = ROOT / room if room == "judges" else ROOT / "contest_server" / room
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                first, _, rest = module.partition(".")
                if first in ("contest_server", "judges"):
                    yield ("judges" if first == "judges" else rest.partition(".")[0]), module
