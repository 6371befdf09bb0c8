"""Written as TOML and read again, a draft is the same definition, digit by digit; opened as a draft, a definition is the same as well."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_server.builder.beginnings import FOLDER
from contest_server.builder.checking import check
from contest_server.builder.drafts import draft_of
from contest_server.builder.opening import opened
from contest_server.builder.writing import file_name, toml_of
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import digest_of, ledger_document, read_definition
from contest_server.core.faults import DefinitionError
from contest_server.intake.toml_file import checked_text, read_file
from tests.contests import JUDGES, document

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / "docs/examples/insurance_claims/contest.toml", *sorted(FOLDER.glob("*.toml"))]
DEMO = ROOT / "contest_server/demo/electricians.toml"


def sent(draft: Any) -> Any:
    """As a page sends it."""
    return json.loads(json.dumps(draft), parse_float=Decimal)


def same(one: Definition, other: Definition) -> bool:
    return one == other and digest(one) == digest(other)


def digest(definition: Definition) -> str:
    return digest_of(ledger_document(definition))


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_a_definition_that_is_opened_and_written_again_is_the_same(file: Path) -> None:
    draft = sent(opened(file.read_text("utf-8")))
    written = toml_of(draft_of(draft))
    assert same(checked_text(written, JUDGES).definition, read_file(file, JUDGES).definition)
    assert opened(written) == opened(file.read_text("utf-8")), "and so is the draft"


def test_a_definition_with_a_table_of_contestants_is_opened_with_them() -> None:
    from contest_server.intake.contestants_table import read_table
    from contest_server.intake.sheets import cells_of_text

    table = read_table(cells_of_text((DEMO.parent / "contestants.csv").read_bytes()))
    assert table.faults == []
    draft = sent(opened(DEMO.read_text("utf-8"), table))
    assert same(checked_text(toml_of(draft_of(draft)), JUDGES).definition, read_file(DEMO, JUDGES).definition)


# ---- any draft -------------------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WORDS = st.one_of(TEXTS, st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS}))
NUMBERS = st.one_of(
    st.integers(0, 500),
    st.decimals(0, 500, places=3),
    st.decimals(0, 500, places=2).map(str),
    st.sampled_from([Decimal("1E+2"), Decimal("0.10"), "1e2", Decimal("2.50")]),
)
SHARES = st.sampled_from(["0.5", Decimal("0.25")])
CLOCKS = st.fixed_dictionaries(
    {}, optional={"max_offset_ms": st.integers(0, 3_600_000), "correct": st.booleans(), "late_after_s": st.integers(1, 900)}
)
OFF = st.lists(st.sampled_from(["clock", "late", "photo_finish", "rule_of_others"]), unique=True)
TIMES = st.sampled_from(["2026-11-22T09:00:00+08:00", "2026-11-22T01:00:00Z", "2026-11-22T01:00:00.250Z"])


def by_criteria(stages: list[dict[str, Any]], name: Any) -> dict[str, Any]:
    """Let the aspects of these stages belong to criteria, and the total hold them to it."""
    worth = dict.fromkeys("AB", Decimal(0))
    for each in (aspect for stage in stages for aspect in stage["aspects"]):
        each |= {"criterion": each["id"].upper(), "abilities": ["x"]}
        worth[each["criterion"]] += Decimal(each["max"])
    criteria = [{"id": criterion, "name": name, "marks": str(marks)} for criterion, marks in worth.items()]
    return {"criteria": criteria, "total": {"rule": "marking_tree", "out_of": str(sum(worth.values()))}}


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    """A definition with texts, numbers and rules of every shape; all of them sound."""
    stages = [
        {
            "id": f"s{n}",
            "name": draw(WORDS),
            "aspects": [
                {"id": "a", "rule": "threshold", "field": f"f{n}", "limit": draw(NUMBERS), "max": draw(NUMBERS), "abilities": ["x"]},
                {"id": "b", "rule": "tolerance_bands", "field": "g", "nominal": 5, "max": 3, "inclusive": draw(st.booleans()),
                 "bands": [{"within": 1, "share": 1}, {"within": Decimal("2.5"), "share": draw(SHARES)}]},
            ],
            "entries": [{"field": f"f{n}", "unit": "V", "min": draw(NUMBERS), "max": 501}],
        }
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    contest: dict[str, Any] = {"id": draw(st.sampled_from(["cup", "a.b:c-d_9", "赛"])), "name": draw(WORDS), "organiser": draw(WORDS)}
    contest |= draw(st.one_of(st.just({}), TIMES.map(lambda starts: {"starts": starts})))
    people = [{"id": f"P{n}", "venue": "v", "name": draw(WORDS), "number": draw(TEXTS)} for n in range(draw(st.integers(0, 3)))]
    draft = document() | {"contest": contest, "venues": [{"id": "v", "name": draw(WORDS)}], "contestants": people, "stages": stages}
    draft |= {"officials": [{"id": "C1", "role": "chief", "name": draw(WORDS)}], "ties": draw(st.sampled_from([None, {"play_off": 2}]))}
    draft["rules"] = [{"rule": "attempts_penalty", "seconds": draw(NUMBERS), "when": "tries > 1 and 'a' != 'b'"}]
    draft |= draw(st.one_of(st.just({}), CLOCKS.map(lambda clock: {"clock": clock})))
    draft |= draw(st.one_of(st.just({}), OFF.map(lambda off: {"doubts_defaults": {"off": off}})))
    draft |= draw(st.one_of(st.just({}), WORDS.map(lambda name: by_criteria(stages, name))))
    draft["doubts"] = [{"rule": "pace", "minimums": [{"stage": "s0", "elapsed_ms": draw(st.integers(0, 9_000))}]}]
    return draft


@settings(max_examples=60, deadline=None)
@given(drafts())
def test_any_sound_draft_is_the_same_definition_when_it_is_written_and_read(draft: dict[str, Any]) -> None:
    clean = draft_of(draft)
    before = read_definition(clean)
    written = toml_of(clean)
    assert same(checked_text(written, JUDGES).definition, before)
    again = draft_of(sent(opened(written)))
    assert digest(read_definition(again)) == digest(before), "by way of a page, where some numbers become text, it says the same"
    assert toml_of(again) == toml_of(draft_of(sent(opened(toml_of(again))))), "and it settles"


PLAIN = st.one_of(TEXTS, st.integers(), st.booleans(), st.decimals(-(10**9), 10**9, allow_nan=False))
VALUES = st.recursive(PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)), max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_any_value_that_a_draft_can_hold_is_written_as_it_is(value: Any) -> None:
    try:
        clean = draft_of({"x": {"value": value}})
    except DefinitionError:
        return
    assert tomllib.loads(toml_of(clean), parse_float=Decimal)["x"] == clean["x"]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"contest": {"name": "\ud800"}}, "contest.name"),
        ({"contest": {"name": "a\0"}}, "contest.name"),
        ({"stages": [{"aspects": [{"max": Decimal("NaN")}]}]}, "stages[0].aspects[0].max"),
        ({"stages": [{"x": Decimal("1E+4000")}]}, "stages[0].x"),
        ({"a": 10**50}, "a"),
        ([], "document"),
        (None, "document"),
    ],
)
def test_what_cannot_be_written_is_refused_by_its_place(value: Any, where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        draft_of(value)
    assert refused.value.faults[0].where == where


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = 1
    for _ in range(2_000):
        value = [value]
    assert check({"stages": value}, JUDGES).faults[0]["where"].startswith("stages[0]")


@pytest.mark.parametrize(("text", "where"), [("a = 1\nb = ??", "line 2"), ("a = [", "document"), ("\x00", "line 1")])
def test_what_is_no_toml_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        opened(text)
    assert refused.value.faults[0].where == where


def test_a_number_that_no_page_has_exactly_stays_text() -> None:
    assert opened("a = 1e99999999999\nb = 0.10\nc = 2.5") == {"a": "1E+99999999999", "b": "0.10", "c": 2.5}


def test_a_draft_names_its_file() -> None:
    assert file_name({"contest": {"id": "a.b:c"}}) == "a-b-c.toml"
    assert file_name({"contest": {}}) == file_name({}) == "contest.toml"
