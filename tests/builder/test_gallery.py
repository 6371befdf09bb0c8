"""The gallery: every rule shows itself with examples that its judge reckons, in both languages; who tries a rule gets what counts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, get_args, get_type_hints

import pytest

from contest_server.builder.gallery import card, gallery, trial_of
from contest_server.builder.gallery_files import BadGalleryFile, read_gallery_file
from contest_server.builder.gallery_words import GROUPS, MEASURES
from contest_server.builder.lines import BadLine, events_of
from contest_server.builder.results import result_of
from contest_server.builder.stories import Story
from contest_server.builder.trials import Trial, places_of, play, simple_story
from contest_server.builder.words import fault_document
from contest_server.core.faults import DefinitionError
from contest_server.core.judging import API_VERSION, ZERO, Evidence, Said, Score, StageView, Step
from contest_server.core.tie_chain import MEASURES as RANKED
from tests.contests import JUDGES

CARDS: Mapping[str, Any] = {each["name"]: each for each in gallery(JUDGES)["rules"]}
GALLERY = Path(sys.modules[JUDGES["check"].__module__].__file__ or "").parent / "gallery"


def test_every_rule_is_in_the_gallery_and_no_file_is_of_none() -> None:
    assert set(CARDS) == set(JUDGES)
    assert {file.stem for file in GALLERY.glob("*.toml")} - {"common"} == set(JUDGES)


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_every_rule_shows_at_least_two_examples_that_fit_it_and_differ(name: str) -> None:
    examples = CARDS[name]["examples"]
    assert len(examples) >= 2
    assert [each.get("fault") for each in examples] == [None] * len(examples)
    told = [
        (each["result"]["marks"], each["result"]["converted"], each["result"]["flags"], each["result"]["because"], each["result"]["board"])
        for each in examples
    ]
    assert all(told.count(each) == 1 for each in told), "an example that shows nothing new is none"
    assert any(each["result"]["because"] or each["result"]["flags"] or each["result"]["converted"] for each in examples)


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_every_rule_and_every_option_has_words_in_both_languages(name: str) -> None:
    shown = CARDS[name]
    assert shown["group"] in GROUPS
    assert shown["group"] != "other"
    for words in (shown["title"], shown["purpose"], *(each["says"] for each in shown["examples"])):
        assert words["zh"]
        assert words["en"]
        assert words["zh"] == words["en"] or is_chinese(words["zh"]) or words["zh"][0].isdigit()
    assert list(untold(shown["options"])) == [], f"give these options a Chinese title in judges/gallery/{name}.toml"


def untold(options: list[Any], within: str = "") -> Iterator[str]:
    """Options whose title has no Chinese in it, also those of what is in a list, and choices."""
    for each in options:
        name = f"{within}{each['name']}"
        if not is_chinese(each["title"]["zh"]):
            yield name
        yield from (
            f"{name}.{choice['value']}" for choice in each.get("choices", ()) if choice["value"] and not is_chinese(choice["title"]["zh"])
        )
        yield from untold(each.get("item", {}).get("options", []), f"{name}.")


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_a_gallery_file_names_only_options_that_there_are(name: str) -> None:
    import tomllib

    own = tomllib.loads((GALLERY / f"{name}.toml").read_text("utf-8")).get("options", {})
    hints = get_type_hints(JUDGES[name])
    known = {field.name for field in fields(JUDGES[name])}
    for option in own:
        first, _, rest = option.partition(".")
        assert first in known, option
        if rest:
            inner = get_args(hints[first])
            names = {field.name for field in fields(inner[0])} if inner and is_dataclass(inner[0]) else {str(each) for each in inner}
            assert rest in names, option


def test_an_example_is_reckoned_when_somebody_asks() -> None:
    """The same file under another judge shows what that judge makes of it: no result is kept anywhere."""

    threshold: Any = JUDGES["threshold"]

    @dataclass(frozen=True, slots=True)
    class Generous(threshold):  # type: ignore[misc]
        """Everybody gets all of it."""

        def score(self, _: Evidence) -> Score:
            return Score(self.max, self.max, (Step("generous", "all"),))

    assert [each["result"]["marks"] for each in CARDS["threshold"]["examples"]] == ["10", "0", "0"]
    shown = card("threshold", JUDGES["threshold"], {**JUDGES, "threshold": Generous})
    assert [each["result"]["marks"] for each in shown["examples"]] == ["10", "10", "10"]


def test_the_measures_are_those_that_can_rank() -> None:
    assert set(MEASURES) == set(RANKED)


def test_what_is_asked_always_is_known_to_be() -> None:
    assert CARDS["pace"]["asked_always"]
    assert not CARDS["check"]["asked_always"]


# ---- rules of others -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Simple:
    """Give all marks (X1).

    max: the marks
    """

    rule: ClassVar[str] = "simple"
    catalogue: ClassVar[str] = "X1"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "7"

    max: Decimal = ZERO

    def score(self, _: Evidence) -> Score:
        return Score(self.max, self.max)


def test_a_rule_without_a_file_is_shown_by_its_docstring() -> None:
    shown = card("simple", Simple, {"simple": Simple})
    assert (shown["purpose"]["en"], shown["examples"], shown["places"], shown["group"]) == ("Give all marks.", [], ["aspect"], "other")
    assert shown["options"] == [], "max belongs to the aspect"


def test_a_rule_of_others_brings_its_file_beside_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "their_rules"
    (package / "gallery").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    text = (GALLERY.parent / "check.py").read_text("utf-8").replace('"check"', '"their_check"')
    (package / "their_check.py").write_text(text, "utf-8")
    shutil.copy(GALLERY / "check.toml", package / "gallery" / "their_check.toml")
    monkeypatch.syspath_prepend(tmp_path)
    from importlib import import_module

    theirs = import_module("their_rules.their_check").Check
    shown = card("their_check", theirs, {**JUDGES, "their_check": theirs})
    assert [each["result"]["marks"] for each in shown["examples"]] == ["5", "0", None]
    (package / "gallery" / "their_check.toml").write_text("title = 1\n[", "utf-8")
    with pytest.raises(BadGalleryFile):
        read_gallery_file(theirs)
    assert card("their_check", theirs, {"their_check": theirs, **JUDGES})["examples"] == [], (
        "a broken file costs its examples, not the gallery"
    )


# ---- trying ----------------------------------------------------------------------------------------------------------------------


def tried(rule: str, options: Mapping[str, Any], story: Story, place: Any = "aspect", marks: Any = 10) -> Any:
    return result_of(play(Trial(rule, options, place, story, marks), JUDGES))


def test_what_is_typed_is_judged_with_the_lines_that_add_up() -> None:
    options = {"field": "u_v", "nominal": 230, "full": 2, "zero": 10}
    found = tried("tolerance_linear", options, simple_story({"u_v": "234"}))
    assert (found["marks"], found["max"], found["about"], found["state"]) == ("7.5", "10", "aspect", "cleared")
    assert sum(Decimal(line["marks"]) for line in found["because"] if line["marks"]) == Decimal("7.5")
    assert found["because"][0]["used"]["u_v"] == "234"


def test_tries_time_and_violations_are_judged_as_at_a_venue() -> None:
    decayed = [tried("attempt_decay", {"table": [4, 2, 1]}, simple_story({}, tries), marks=4) for tries in (1, 2, 3, 9)]
    assert [each["marks"] for each in decayed] == ["4", "2", "1", "1"]
    assert tried("time_bonus", {"limit_s": 100, "marks_per_s": 1}, simple_story({}, elapsed_ms=93_500))["marks"] == "6.5"
    codes = simple_story({}, violations=["fall", "fall"])
    assert tried("deduction_ledger", {"deductions": [{"code": "fall", "marks": 2}]}, codes)["marks"] == "6"


@pytest.mark.parametrize(
    ("rule", "options", "place", "where"),
    [
        ("tolerance_linear", {"field": "x", "nominal": "much", "full": 2, "zero": 10}, "aspect", "nominal"),
        ("tolerance_linear", {"field": "x", "nominal": 1, "full": 20, "zero": 10}, "aspect", "rule"),
        ("tolerance_bands", {"field": "x", "nominal": 1, "bands": [{"within": 1, "share": "x"}]}, "aspect", "bands[0].share"),
        ("threshold", {"field": "x", "limit": 1, "colour": "red"}, "aspect", "colour"),
        ("threshold", {"limit": 1}, "aspect", "field"),
        ("opens_after", {"stages": ["nowhere"]}, "stage", "rule"),
        ("retry", {"stage_limit": "many"}, "stage", "stage_limit"),
        ("pace", {"floor_ms": "x"}, "doubts", "floor_ms"),
        ("weighted_sum", {"parts": [{"group": "g", "weight": "x"}]}, "total", "parts[0].weight"),
        ("clean_bonus", {"marks": "x"}, "everywhere", "marks"),
        ("team", {"mode": "x"}, "conversions", "mode"),
    ],
)
def test_options_that_do_not_fit_are_refused_by_their_own_path(rule: str, options: Any, place: Any, where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        play(Trial(rule, options, place, simple_story({}), 10), JUDGES)
    assert where in [each.where for each in refused.value.faults]


def test_a_rule_stands_where_a_definition_takes_it() -> None:
    assert places_of(JUDGES["threshold"]) == ["aspect"]
    assert places_of(JUDGES["trimmed_mean"]) == ["aspect"], "it also asks about a stage, from its aspect"
    assert places_of(JUDGES["retry"]) == ["stage", "everywhere"]
    assert places_of(JUDGES["clean_bonus"]) == ["everywhere"]
    assert all(places_of(judge) for judge in JUDGES.values())


def test_only_the_rule_itself_asks() -> None:
    story = Story(events=events_of("1:00 A1 clear try:1\n1:00.100 A1 clear try:2"))  # type: ignore[arg-type]
    assert [each["code"] for each in tried("attempts_penalty", {}, story, "stage")["flags"]] == []
    assert [each["code"] for each in tried("duplicate", {}, story, "doubts")["flags"]] == ["duplicate"]


@pytest.mark.parametrize(
    "line", ["soon A1 clear", "1:00 A1 clear nonsense", "1:00 A9..A1 clear", "1:00 A1", "1:00 A001..A999 clear", "1:00 A1 clear late:x"]
)
def test_a_line_that_tells_no_event_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(BadLine, match="line 2"):
        events_of(f"1:00 A1 clear\n{line}")


def test_lines_tell_many_events_at_once() -> None:
    found = events_of("1:00+0:10 A08..A10@desk-2 clear try:2 u_v=1|2 ok=true\n# nothing\n")
    assert [(each["contestant"], each["at_ms"], each["data"]["u_v"]) for each in found] == [
        ("A08", 60_000, "1"),
        ("A09", 70_000, "2"),
        ("A10", 80_000, "1"),
    ]
    assert all((each["data"]["ok"], each["device"], each["attempt"]) == (True, "desk-2", "2") for each in found)


SPOILT: list[tuple[str, dict[str, Any]]] = [
    ("tolerance_linear", {"field": "x", "nominal": 1, "full": 5, "zero": 1}),
    ("tolerance_bands", {"field": "x", "nominal": 1, "bands": []}),
    ("tolerance_bands", {"field": "x", "nominal": 1, "bands": [{"within": 2, "share": 1}, {"within": 1, "share": 1}]}),
    ("tolerance_bands", {"field": "x", "nominal": 0, "unit": "percent", "bands": [{"within": 2, "share": 1}]}),
    ("checklist", {"items": [{"field": "a", "marks": 3}]}),
    ("checklist", {"items": [{"field": "a"}], "mode": "k_of_n", "k": 5}),
    ("checklist", {"items": [{"field": "a", "marks": 5}, {"field": "a", "marks": 5}]}),
    ("attempt_decay", {"table": [1, 4]}),
    ("attempt_decay", {"table": [11]}),
    ("judgement_0_3", {"field": "m", "referees": 1}),
    ("middle_k", {"field": "m", "k": 0}),
    ("trimmed_mean", {"field": "m", "drop": 2, "least": 3}),
    ("quiz", {"field": "a", "items": [{"item": "q", "key": [], "marks": 10}]}),
    ("time_bonus", {"limit_s": "0.0001", "marks_per_s": 1}),
    ("time_bonus", {"limit_s": 1, "marks_per_s": 1, "quality_min": 3}),
    ("formula", {"value": "a", "names": ["a", "b"]}),
    ("best_of", {"field": "x", "full": 3, "zero": 3}),
    ("threshold", {"field": "x", "limit": 1, "places": 3}),
    ("threshold", {"field": "x", "limit": 1, "operator": "~"}),
    ("procedure_order", {"field": "s", "steps_due": [{"step": "a", "marks": 3}]}),
]
TREE = {"criteria": [{"id": ""}, {"id": "A"}]}


@pytest.mark.parametrize(("rule", "options"), SPOILT)
def test_what_a_rule_finds_wrong_is_told_in_chinese_as_well(rule: str, options: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError) as refused:
        play(Trial(rule, options, "aspect", simple_story({}), 10), JUDGES)
    for fault in refused.value.faults:
        told = fault_document(fault)
        assert told["code"] != "other", told
        assert is_chinese(told["message"]["zh"])


def spoilt(value: Any) -> Iterator[Any]:
    """What somebody might write instead: a number below, above or finer than any, an empty list, one that names everything twice."""
    match value:
        case bool() | str():
            return
        case int() | Decimal():
            yield from (-1, 10**9, Decimal("1e-14"))
        case list():
            yield from ([], [*value, *value])
            for index, each in enumerate(value):
                yield from ([*value[:index], other, *value[index + 1 :]] for other in spoilt(each))
        case dict():
            yield from ({**value, key: other} for key, each in value.items() for other in spoilt(each))


def refusals(name: str) -> Iterator[dict[str, Any]]:
    """What the rule itself says about its first example with one option spoilt."""
    example = read_gallery_file(JUDGES[name]).examples[0]
    hints = get_type_hints(JUDGES[name])
    usual = {each.name: each.default for each in fields(JUDGES[name]) if each.default is not MISSING and hints[each.name] in (int, Decimal)}
    for options in spoilt({**usual, **example.options}):
        try:
            trial = trial_of(replace(example, options={key: value for key, value in options.items() if key != "max"}), name, JUDGES[name])
            play(trial, JUDGES)
        except DefinitionError as error:
            yield from (told for told in map(fault_document, error.faults) if told["code"] == "bad_option")


def test_every_rule_refuses_in_both_languages() -> None:
    told = [(name, each["message"]) for name in JUDGES for each in refusals(name)]
    assert {name for name, words in told if not is_chinese(words["zh"]) or is_chinese(words["en"])} == set()
    assert len({name for name, _ in told}) > 50, "most rules have an option that can be wrong"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A rule of somebody else, who writes plain text in one place and two languages in the other."""

    rule: ClassVar[str] = "foreign"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    low: int = 0
    high: int = 0

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError("low is negative")
        if self.low > 100:
            raise ZeroDivisionError("low")
        if self.high < 0:
            raise ValueError(Said("high is {high}; at least 0", zh="high 为 {high}；至少为 0", high=self.high))

    def faults(self, stages: Sequence[StageView]) -> Iterator[str]:
        if self.low == 7:
            yield f"low is 7 at {stages[7].id}"

    def score(self, evidence: Evidence) -> Score:  # noqa: ARG002  the station's signature
        return Score(ZERO, self.max)


def test_a_criterion_without_an_id_is_refused() -> None:
    with pytest.raises(DefinitionError, match="a criterion has no id"):
        play(Trial("marking_tree", TREE, "total", simple_story({}), 10), JUDGES)


@pytest.mark.parametrize(("low", "raised"), [(101, "ZeroDivisionError: low"), (7, "IndexError: tuple index out of range")])
def test_a_rule_that_fails_while_it_is_read_is_a_fault_of_the_definition(low: int, raised: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        play(Trial("foreign", {"low": low}, "aspect", simple_story({}), 10), {**JUDGES, "foreign": Foreign})
    assert [fault_document(each)["message"]["en"] for each in refused.value.faults] == [
        f"rule 'foreign' failed while it was read: {raised}"
    ]


@pytest.mark.parametrize(
    ("options", "zh", "en"),
    [({"low": -1}, "low is negative", "low is negative"), ({"high": -1}, "high 为 -1；至少为 0", "high is -1; at least 0")],
)
def test_a_rule_of_somebody_else_refuses_in_its_own_words(options: dict[str, int], zh: str, en: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        play(Trial("foreign", options, "aspect", simple_story({}), 10), {**JUDGES, "foreign": Foreign})
    assert [fault_document(each)["message"] for each in refused.value.faults] == [{"zh": zh, "en": en}]
