"""The pages of docs/ are held to the code: what exists is described, and what is described exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from contest_server.commands.group import NAMES, function_of
from contest_server.core.acts import Action
from contest_server.core.denials import DenialCode
from contest_server.core.facts import EventKind
from contest_server.core.orders import Order
from contest_server.core.programs import Program
from contest_server.core.tie_chain import MEASURES
from contest_server.live.settings import Settings
from contest_server.wire.messages import CLOSES
from contest_server.wire.reviews import FromOfficial, ToOfficial

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_setting_is_described_with_its_default() -> None:
    text = page("docs/operations.md")
    rows = {
        name
        for name, field in Settings.model_fields.items()
        if f"| `CONTEST_{name.upper()}` | `{field.default}` | {field.description} |" in text
    }
    assert rows == set(Settings.model_fields)


def test_no_setting_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"^\| `CONTEST_(\w+)`", page("docs/operations.md"), re.MULTILINE))
    assert described == {name.upper() for name in Settings.model_fields}


def test_every_command_is_described_and_every_described_command_exists() -> None:
    described = set(re.findall(r"^\| `contest-server (\w+)", page("docs/operations.md"), re.MULTILINE))
    assert described == set(NAMES)


def test_every_command_explains_itself_and_its_exit_codes() -> None:
    for name in NAMES:
        assert "Exit codes:" in (function_of(name).__doc__ or ""), name


@pytest.mark.parametrize("close", CLOSES, ids=lambda close: str(close.status))
def test_every_close_code_is_described(close) -> None:  # type: ignore[no-untyped-def]
    assert f"| {close.status} | `{close.code}` |" in page("docs/protocol.md")


def test_every_verb_of_a_ruling_and_every_refusal_is_described() -> None:
    text = page("docs/protocol.md")
    verbs = [str(action.__struct_config__.tag) for action in get_args(Action)]
    assert [word for word in (*verbs, *get_args(DenialCode)) if f"`{word}`" not in text] == []


def test_every_message_of_the_officials_socket_is_shown() -> None:
    text = page("docs/protocol.md")
    tags = {kind.__struct_config__.tag for kind in (*get_args(FromOfficial), *get_args(ToOfficial))}
    assert [tag for tag in sorted(map(str, tags)) if f'{{"type":"{tag}"' not in text] == []


def test_every_scene_and_every_order_of_a_screen_is_described() -> None:
    text = page("docs/protocol.md")
    tags = [str(kind.__struct_config__.tag) for kind in (*get_args(Program), *get_args(Order))]
    assert [tag for tag in tags if f"`{tag}`" not in text] == []


def test_every_event_kind_is_described() -> None:
    text = page("docs/protocol.md")
    assert [kind for kind in get_args(EventKind) if f"| `{kind}` |" not in text] == []


def test_every_measure_of_a_tie_chain_is_described() -> None:
    text = page("docs/definition.md")
    assert [measure for measure in MEASURES if f"`{measure}`" not in text] == []


def test_the_example_of_a_definition_is_a_good_one() -> None:
    from contest_server.core.compiling import compile_rulebook
    from contest_server.intake.toml_file import parse
    from contest_server.live.judges_loading import load_judges

    example = re.search(r"```toml\n(.*?)```", page("docs/definition.md"), re.DOTALL)
    assert example is not None
    text = example[1].replace('contestants_file = "contestants.csv"', "# no file here:")
    assert compile_rulebook(parse(text, ROOT), load_judges()).definition.contest.id == "electricians"


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for name in [Path("README.md"), *(each.relative_to(ROOT) for each in (ROOT / "docs").rglob("*.md"))]:
        targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page(str(name)))
        broken += [f"{name}: {target}" for target in targets if not (ROOT / name).parent.joinpath(target).exists()]
    assert broken == []
