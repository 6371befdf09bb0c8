"""A fault in a definition is named with its line, its path, and what was expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contest_server.core.definition_reading import ledger_document
from contest_server.core.facts import ContestantId
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Rulebook
from contest_server.intake.toml_file import DOCUMENT_MAX_BYTES, checked_document, parse, read_file
from tests.contests import JUDGES, adopted, document, event, fold

GOOD = """format = 1
[contest]
id = "cup"
name = { zh = "杯", en = "Cup" }
starts = 2026-11-22T09:00:00+08:00
minutes = 120
[clock]
max_offset_ms = 500
[[venues]]
id = "yongjia"
colour = "#e5484d"
[[venues]]
id = "yueqing"
[[contestants]]
id = "A1"
name = "陈建国"
venue = "yongjia"
[[contestants]]
id = "B1"
venue = "yueqing"
[[stages]]
id = "wiring"
pass_marks = 3
  [[stages.aspects]]
  id = "insulation"
  rule = "threshold"
  max = 5
  field = "mohm"
  limit = 1.10
  [[stages.rules]]
  rule = "attempts_penalty"
  seconds = 60
[[stages]]
id = "quiz"
points = "10"
[[ranking]]
by = "points"
[[ranking]]
by = "time_ms"
unit = "second"
"""

FAULTS = {
    ("format = 1", "format = 2"): "line 1, format: input should be 1",
    ("format = 1\n", ""): "format: missing; this key is required",
    ('id = "cup"', 'id = "cup of tea"'): "line 3, contest.id: 'cup of tea' is not an id",
    ('en = "Cup" }', 'eng = "Cup" }'): "line 4, contest.name.eng: unknown key; did you mean 'en'?",
    ("minutes = 120", "minuts = 120"): "line 6, contest.minuts: unknown key; did you mean 'minutes'?",
    ("minutes = 120", "minutes = 0"): "line 6, contest.minutes: input should be greater than or equal to 1 (found 0)",
    ("minutes = 120", 'minutes = "long"'): "line 6, contest.minutes: input should be a valid integer",
    ("+08:00", ""): "line 5, contest.starts: has no time zone; write for example 2026-11-22T09:00:00+08:00",
    ("starts = 2026", "starts = 0001"): "line 5, contest.starts: is out of range",
    ("minutes = 120", "freeze_minutes = 5"): "line 6, contest.freeze_minutes: needs contest.minutes",
    ("minutes = 120", "minutes = 10\nfreeze_minutes = 20"): "line 7, contest.freeze_minutes: is longer than the contest (10 minutes)",
    ("[clock]", "[clok]"): "line 7, clok: unknown key; did you mean 'clock'?",
    ("max_offset_ms", "max_ofset_ms"): "line 8, clock.max_ofset_ms: unknown key; did you mean 'max_offset_ms'?",
    ('"#e5484d"', '"red"'): "line 11, venues[0].colour: string should match pattern",
    ('id = "yueqing"', 'id = "yongjia"'): "line 13, venues[1].id: 'yongjia' is used already by venues[0]",
    ('venue = "yongjia"', 'vanue = "yongjia"'): "line 17, contestants[0].vanue: unknown key; did you mean 'venue'?",
    ('venue = "yueqing"', 'venue = "wenzhou"'): "line 20, contestants[1].venue: 'wenzhou' is not a venue; expected one of yongjia, yueqing",
    ('venue = "yueqing"\n', ""): "line 18, contestants[1].venue: missing; expected one of yongjia, yueqing",
    ('id = "B1"', 'id = "A1"'): "line 19, contestants[1].id: 'A1' is used already by contestants[0]",
    ("pass_marks = 3", "pass_marks = 6"): "line 23, stages[0].pass_marks: 6 cannot be reached: the stage is worth 5",
    ("pass_marks = 3", "points = 3"): "line 23, stages[0].points: a stage has points or aspects, not both",
    (
        'rule = "threshold"',
        'rule = "treshold"',
    ): "line 26, stages[0].aspects[0].rule: no rule is called 'treshold'; did you mean 'threshold'?",
    ('rule = "threshold"', 'rule = "first_clear"'): "line 26, stages[0].aspects[0].rule: 'first_clear' cannot stand here",
    ("max = 5", "max = -1"): "line 27, stages[0].aspects[0].max: input should be greater than or equal to 0 (found -1)",
    ("max = 5", "max = nan"): "line 27, stages[0].aspects[0].max: input should be a finite number",
    ("  limit = 1.10\n", ""): "line 24, stages[0].aspects[0].limit: missing; the rule requires it",
    ("limit = 1.10", "limt = 1"): "line 29, stages[0].aspects[0].limt: rule 'threshold' has no such parameter; did you mean 'limit'?",
    ("seconds = 60", "seconds = -5"): "line 30, stages[0].rules[0]: seconds is -5; it must not be below 0",
    ("\n  limit = 1.10", '\n  limit = 1.10\n[[stages.aspects]]\nid = "t"\nrule = "set_match"\nmax = 1\nfield = "f"\nreference = [5]'): (
        "line 35, stages[0].aspects[1].reference[0]: Input should be a table (found '5')"
    ),
    ('points = "10"', 'points = "ten"'): "line 35, stages[1].points: input should be a valid decimal (found 'ten')",
    ('by = "time_ms"', 'by = "tim_ms"'): "line 39, ranking[1].by: no measure is called 'tim_ms'; expected one of cleared,",
    ('by = "time_ms"', 'by = "stage:attic"'): "line 39, ranking[1].by: 'stage:attic' names no stage or group; stages are quiz, wiring",
    ('unit = "second"', 'unit = "day"'): "line 40, ranking[1].unit: input should be 'ms', 'second' or 'minute' (found 'day')",
    (
        'by = "time_ms"\nunit = "second"',
        'by = "cleared"\nunit = "second"',
    ): "line 40, ranking[1].unit: 'cleared' is no time; a unit is for measures that end in _ms, such as time_ms or group_ms:practical",
    ("format = 1", "format = 1\n=="): "document: is not TOML: Invalid statement (at line 2, column 1)",
    ("format = 1", "format = " + "[" * 5000): "document: is not TOML",
    (
        "minutes = 120",
        'contestants_file = "../x.csv"',
    ): "line 6, contest.contestants_file: '../x.csv' lies outside the folder of the document",
    ("minutes = 120", 'contestants_file = "none.csv"'): "line 6, contest.contestants_file: none.csv: No such file",
    ("minutes = 120", "contestants_file = 5"): "line 6, contest.contestants_file: expected the name of a CSV or XLSX file",
}


def read(folder: Path, text: str) -> Rulebook:
    file = folder / "cup.toml"
    file.write_text(text, "utf-8")
    return read_file(file, JUDGES)


@pytest.mark.parametrize(("change", "expected"), FAULTS.items(), ids=lambda each: each if isinstance(each, str) else "")
def test_a_fault_is_named_with_its_line_and_what_was_expected(change: tuple[str, str], expected: str, tmp_path: Path) -> None:
    assert GOOD.count(change[0]) >= 1
    with pytest.raises(DefinitionError) as refused:
        read(tmp_path, GOOD.replace(*change, 1))
    assert [str(fault) for fault in refused.value.faults if str(fault).startswith(expected)], refused.value


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as refused:
        read(tmp_path, GOOD.replace("max = 5", "max = -1").replace("minutes", "minuts").replace("#e5484d", "red"))
    assert [fault.where.partition(",")[0] for fault in refused.value.faults] == ["line 6", "line 11", "line 27"]


def test_the_good_document_is_good_and_its_decimals_are_exact(tmp_path: Path) -> None:
    book = read(tmp_path, GOOD)
    assert ledger_document(book.definition)["stages"][0]["aspects"][0]["limit"] == "1.10"


def test_the_ledger_holds_no_name_of_a_person(tmp_path: Path) -> None:
    assert "陈建国" in GOOD
    assert "陈建国" not in str(ledger_document(read(tmp_path, GOOD).definition))


def test_a_text_of_another_encoding_or_size_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cup.toml"
    file.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(DefinitionError, match=r"is not UTF-8 text \(byte \d+\); save it as UTF-8"):
        read_file(file, JUDGES)
    file.write_bytes(b"#" * (DOCUMENT_MAX_BYTES + 1))
    for endless in (file, Path("/dev/zero")):
        with pytest.raises(DefinitionError, match=f"larger than {DOCUMENT_MAX_BYTES} bytes"):
            read_file(endless, JUDGES)


def test_a_fault_of_a_contestant_in_a_table_is_named_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,venue\nA1,yongjia\n\nA2,nowhere\n", "utf-8")
    text = (
        'format = 1\n[contest]\nid = "c"\nname = "c"\ncontestants_file = "people.csv"\n[[venues]]\nid = "yongjia"\n[[stages]]\nid = "s"\n'
    )
    with pytest.raises(DefinitionError) as caught:
        parse(text, tmp_path)
    assert [fault.where for fault in caught.value.faults] == ["people.csv row 4 venue"]


@pytest.mark.parametrize("number", ["9" * 5_000, "-" + "9" * 5_000, "0x" + "f" * 20_000, "1e99999999999999999999"])
@pytest.mark.parametrize("field", ["minutes = 120", "max_offset_ms = 500", "max = 5", "limit = 1.10", "starts = 2026-11-22T09:00:00+08:00"])
def test_a_number_of_any_length_is_a_fault_and_never_an_accident(number: str, field: str, tmp_path: Path) -> None:
    name = field.split(" ")[0]
    with pytest.raises(DefinitionError):
        read(tmp_path, GOOD.replace(field, f"{name} = {number}"))


def test_a_file_that_an_editor_began_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = 'format = 1\n[contest]\nid = "c"\nname = "c"\n[[venues]]\nid = "v"\n[[stages]]\nid = "s"\n'
    (tmp_path / "c.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_file(tmp_path / "c.toml", JUDGES).definition.contest.id == "c"


def test_a_whole_number_is_neither_true_nor_a_text(tmp_path: Path) -> None:
    for wrong in ("true", '"60"', "60.5"):
        text = f'format = 1\n[contest]\nid = "c"\nname = "c"\nminutes = {wrong}\n[[venues]]\nid = "v"\n[[stages]]\nid = "s"\n'
        with pytest.raises(DefinitionError, match=r"contest\.minutes"):
            parse(text, tmp_path)


@pytest.mark.parametrize(("waits", "closed"), [({"a": "b", "b": "a", "c": "b"}, ["a", "b", "c"]), ({"b": "a", "c": "b"}, [])])
def test_stages_that_wait_for_each_other_are_a_fault(tmp_path: Path, waits: dict[str, str], closed: list[str]) -> None:
    stages = "".join(
        f'[[stages]]\nid = "{stage}"\n'
        + (f'[[stages.rules]]\nrule = "opens_after"\nstages = ["{waits[stage]}"]\n' if stage in waits else "")
        for stage in "abc"
    )
    file = tmp_path / "c.toml"
    file.write_text('format = 1\n[contest]\nid = "c"\nname = "c"\n[[venues]]\nid = "v"\n' + stages, "utf-8")
    if not closed:
        assert read_file(file, JUDGES).definition.contest.id == "c"
        return
    with pytest.raises(DefinitionError) as caught:
        read_file(file, JUDGES)
    assert [stage for stage in closed if f"stage '{stage}' can never be opened" in str(caught.value)] == closed


def test_a_ledger_that_holds_a_unit_of_no_time_goes_on_as_it_was() -> None:
    """It was adopted before anybody asked; refusing it now would close the contest."""
    contest = fold([adopted(document(ranking=[{"by": "points", "unit": "second"}])), event(1, at_s=4)])
    assert contest.ranking.rank_of(ContestantId("A1")) == 1


CRITERIA = [{"id": "A", "marks": 3}]
TREE = [{"id": "wiring", "aspects": [{"id": "one", "rule": "check", "field": "one", "max": 3, "criterion": "A", "abilities": ["wiring"]}]}]


@pytest.mark.parametrize(
    ("changes", "where", "told"),
    [
        ({"doubts_defaults": {"off": ["clock", "pase"]}}, "doubts_defaults.off[1]", "did you mean 'pace'?"),
        ({"doubts_defaults": {"off": ["contest_clok"]}}, "doubts_defaults.off[0]", "did you mean 'contest_clock'?"),
        (
            {"total": {"rule": "marking_tree", "out_of": 3, "when": "cleared > 1"}, "criteria": CRITERIA, "stages": TREE},
            "total.when",
            "always applies",
        ),
        ({"total": {"rule": "sum", "when": "cleared > 1"}}, "total.when", "always applies"),
    ],
)
def test_what_would_have_no_effect_is_a_fault(changes: dict[str, Any], where: str, told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        checked_document(document(**changes), JUDGES)
    assert [(fault.where, told in str(fault.message)) for fault in caught.value.faults] == [(where, True)]


def test_a_question_of_another_version_may_be_off() -> None:
    checked_document(document(doubts_defaults={"off": ["contest_clock", "photo_finish", "rule_of_others"]}), JUDGES)


def _paneled(rule: str, panel: int, **options: Any) -> dict[str, Any]:
    aspect = {"id": "order", "rule": rule, "max": 6, "field": "order", "panel": panel, "kind": "judgement", **options}
    return document(stages=[{"id": "wiring", "aspects": [aspect]}], officials=[])


@pytest.mark.parametrize(
    ("rule", "options", "panel", "fits"),
    [
        ("judgement_0_3", {}, 2, "3"),
        ("judgement_0_3", {"referees": 5}, 4, "5"),
        ("trimmed_mean", {"drop": 2}, 4, "5"),
        ("trimmed_mean", {"least": 7}, 5, "7"),
        ("middle_k", {"k": 3}, 2, "3"),
        ("middle_k", {"k": 3}, 4, "3 or 5"),
        ("max_deviation", {"deviation": 1}, 4, "3 or 5"),
    ],
)
def test_a_panel_that_its_rule_could_never_judge_is_a_fault(rule: str, options: dict[str, Any], panel: int, fits: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        checked_document(_paneled(rule, panel, **options), JUDGES)
    (fault,) = caught.value.faults
    assert fault.where == "stages[0].aspects[0].panel"
    assert f"set panel to {fits}" in str(fault.message)
    assert rule in str(fault.message)


@pytest.mark.parametrize(
    ("rule", "options", "panel"),
    [
        ("judgement_0_3", {}, 3),
        ("judgement_0_3", {}, 4),
        ("trimmed_mean", {}, 3),
        ("middle_k", {}, 5),
        ("max_deviation", {"deviation": 1}, 3),
    ],
)
def test_a_panel_of_as_many_as_its_rule_needs_is_none(rule: str, options: dict[str, Any], panel: int) -> None:
    assert checked_document(_paneled(rule, panel, **options), JUDGES).definition.stages[0].aspects[0].panel == panel


def test_a_ledger_that_holds_a_panel_which_is_too_small_stays_open() -> None:
    contest = fold([adopted(_paneled("judgement_0_3", 2)), event(1, at_s=4)])
    assert contest.version == 1


def _one_aspect(**aspect: Any) -> dict[str, Any]:
    return document(stages=[{"id": "wiring", "aspects": [{"id": "order", "max": 6, "field": "order", **aspect}]}], officials=[])


@pytest.mark.parametrize(
    ("aspect", "key", "hint"),
    [
        ({"rule": "threshold", "limit": 1, "panel": 3}, "panel", "leave panel out"),
        ({"rule": "check", "panel": 2}, "panel", "leave panel out"),
        ({"rule": "quiz", "items": [{"item": "1", "key": ["A"], "marks": 6}], "panel": 3}, "panel", "leave panel out"),
        ({"rule": "threshold", "limit": 1, "panel": 3, "double_entry": True}, "panel", "leave panel out"),
        ({"rule": "trimmed_mean", "double_entry": True}, "double_entry", "set panel instead"),
        ({"rule": "judgement_0_3", "double_entry": True, "panel": 3}, "double_entry", "set panel instead"),
        (
            {"rule": "quiz", "items": [{"item": "1", "key": ["A"], "marks": 6}], "double_entry": True},
            "double_entry",
            "leave double_entry out",
        ),
        ({"rule": "attempt_decay", "table": [6], "field": None, "double_entry": True}, "double_entry", "no `field`"),
        ({"rule": "attempt_decay", "table": [6], "field": None, "panel": 3}, "panel", "no `field`"),
    ],
)
def test_marks_of_referees_that_the_rule_could_not_take_are_a_fault(aspect: dict[str, Any], key: str, hint: str) -> None:
    given = _one_aspect(**aspect)
    read = given["stages"][0]["aspects"][0]
    if read["field"] is None:
        del read["field"]
    with pytest.raises(DefinitionError) as caught:
        checked_document(given, JUDGES)
    (fault,) = caught.value.faults
    assert fault.where == f"stages[0].aspects[0].{key}"
    assert aspect["rule"] in str(fault.message)
    assert hint in str(fault.message)


@pytest.mark.parametrize(
    "aspect",
    [
        {"rule": "threshold", "limit": 1, "double_entry": True},
        {"rule": "check", "double_entry": True},
        {"rule": "top_and_zone", "zone": 3, "cost": 1, "double_entry": True},
        {"rule": "trimmed_mean", "panel": 5},
    ],
)
def test_marks_of_referees_that_the_rule_takes_are_none(aspect: dict[str, Any]) -> None:
    checked_document(_one_aspect(**aspect), JUDGES)


def test_a_ledger_that_holds_marks_which_the_rule_cannot_take_stays_open() -> None:
    contest = fold([adopted(_one_aspect(rule="threshold", limit=1, panel=3)), event(1, at_s=4)])
    assert contest.version == 1
