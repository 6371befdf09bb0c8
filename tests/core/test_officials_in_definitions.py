"""What a definition says of officials is checked, names stay out of the ledger, and an older document keeps its digest to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contest_server.core.definition_reading import digest_of, ledger_document, read_definition
from contest_server.core.faults import DefinitionError
from contest_server.intake.toml_file import parse
from tests.contests import Json, document

ROOT = Path(__file__).parents[2]

DIGESTS = {
    "small": "e5bd7f7cef19976aef7c839b8854358029c8804a5a05c6e0a6e77bbd8a062a65",
    "contest_server/demo/electricians.toml": "e30b3846c5f4baa9be02873b17fc607df60f5d89cc771835bac7c0f3404e2dd3",
    "docs/examples/insurance_claims/contest.toml": "60afebedde3a31429f87a999c8c6720fe60b3fd0c00c8c66071dd4e398f9afea",
}
"""Reckoned by the last version that knew no officials; that of the demo since its violations have names."""


def without_officials() -> Json:
    document_ = document()
    del document_["officials"]
    return document_


def test_a_document_that_asks_for_nothing_new_keeps_the_digest_that_it_had_before() -> None:
    assert digest_of(ledger_document(read_definition(without_officials()))) == DIGESTS["small"]
    spelled_out = without_officials() | {"officials": [], "referees": {"second_points": "5", "recheck_top": 3}}
    spelled_out["stages"][0]["aspects"][0]["double_entry"] = False
    assert digest_of(ledger_document(read_definition(spelled_out))) == DIGESTS["small"]


@pytest.mark.parametrize("name", [name for name in DIGESTS if name != "small"])
def test_so_do_the_bundled_contests(name: str) -> None:
    definition = parse((ROOT / name).read_text("utf-8"), (ROOT / name).parent)
    assert digest_of(ledger_document(definition.model_copy(update={"officials": []}))) == DIGESTS[name]


CHANGES: list[dict[str, Any]] = [
    {"officials": [{"id": "R1"}]},
    {"referees": {"second_points": 6}},
    {"referees": {"second_points": None}},
    {"referees": {"sign_off": ["chief"]}},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_what_is_asked_for_is_kept_and_read_again_as_it_was_meant(changes: dict[str, Any]) -> None:
    definition = read_definition(without_officials() | changes)
    kept = ledger_document(definition)
    assert digest_of(kept) != DIGESTS["small"]
    again = read_definition(kept)
    assert (again.officials, again.referees) == (definition.officials, definition.referees)
    assert ledger_document(again) == kept


def test_an_aspect_that_is_marked_by_several_says_so_in_the_ledger() -> None:
    document_ = document()
    document_["stages"][0]["aspects"][0] |= {"panel": 3}
    document_["stages"][0]["aspects"][1] |= {"double_entry": True}
    aspects = ledger_document(read_definition(document_))["stages"][0]["aspects"]
    assert [(each.get("panel"), each.get("double_entry")) for each in aspects] == [(3, None), (None, True), (None, None)]


def test_neither_name_nor_employer_of_an_official_is_in_the_ledger() -> None:
    kept = ledger_document(read_definition(document()))
    assert kept["officials"] == [
        {"id": "R1", "role": "referee", "recused": ["B2"]},
        {"id": "R2", "role": "referee", "recused": []},
        {"id": "R3", "role": "referee", "recused": []},
        {"id": "C1", "role": "chief", "recused": []},
    ]
    assert not any(secret in str(kept) for secret in ("Wei Lan", "鲁平", "bluebridge", "蓝桥"))
    assert ledger_document(read_definition(kept)) == kept


SAME = [
    ({"zh": "蓝桥电缆", "en": "Bluebridge"}, {"zh": "蓝桥电缆", "en": "Blue Bridge Cable"}, True),
    ({"zh": "蓝桥", "en": "Bluebridge"}, {"zh": "蓝桥电缆", "en": " BLUEBRIDGE\t"}, True),
    ("Bluebridge", {"zh": "蓝桥电缆", "en": "bluebridge"}, True),
    ("STRASSE 5", "Straße 5", True),
    ({"zh": "蓝桥", "en": "Greenbridge"}, {"zh": "Greenbridge", "en": "蓝桥"}, False),
    ("Bluebridge", "Bluebridge Cable", False),
    ({"zh": "", "en": "Bluebridge"}, {"zh": "", "en": "Greenbridge"}, False),
    ("  ", "  ", False),
    (None, "Bluebridge", False),
    ("Bluebridge", None, False),
]


@pytest.mark.parametrize(("officials", "contestants", "same"), SAME)
def test_who_works_for_the_same_employer_in_either_language_is_never_ruled_on(officials: Any, contestants: Any, same: bool) -> None:
    definition = read_definition(
        document(
            officials=[{"id": "R1", "employer": officials, "recused": ["G1"]}],
            contestants=[{"id": "A1", "venue": "yongjia", "employer": contestants}, {"id": "G1", "venue": "yongjia"}],
        )
    )
    assert ledger_document(definition)["officials"][0]["recused"] == (["A1", "G1"] if same else ["G1"])


def test_contestants_are_listed_once_and_in_order() -> None:
    employer = {"employer": "Bluebridge"}
    contestants = [{"id": name, "venue": "yongjia", **employer} for name in ("C", "A", "B")]
    definition = read_definition(document(officials=[{"id": "R1", "recused": ["C", "A", "C"], **employer}], contestants=contestants))
    assert ledger_document(definition)["officials"][0]["recused"] == ["A", "B", "C"]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"officials": [{"id": "R1"}, {"id": "R1"}]}, "officials[1].id", "'R1' is used already by officials[0]"),
    ({"officials": [{"id": "R1", "venue": "paris"}]}, "officials[0].venue", "'paris' is not a venue"),
    ({"officials": [{"id": "R1", "recused": ["A1", "Z9"]}]}, "officials[0].recused[1]", "'Z9' is not a contestant"),
    ({"officials": [{"id": "R1", "role": "king"}]}, "officials[0].role", "'referee'"),
    ({"officials": [{"id": "R1", "recuse": []}]}, "officials[0].recuse", "did you mean 'recused'?"),
    ({"officials": [{"id": "R1", "name": {"zh": "x", "eng": "y"}}]}, "officials[0].name.eng", "did you mean 'en'?"),
    ({"referees": {"second_point": 3}}, "referees.second_point", "did you mean 'second_points'?"),
    ({"referees": {"recheck_percent": 101}}, "referees.recheck_percent", "less than or equal to 100"),
    ({"oficials": []}, "oficials", "did you mean 'officials'?"),
    (
        {"officials": [{"id": "R1"}], "contestants": [{"id": "official:R1", "venue": "yongjia"}]},
        "officials[0].id",
        "a contestant is called 'official:R1'",
    ),
]


@pytest.mark.parametrize(("changes", "where", "message"), FAULTS)
def test_a_fault_about_officials_is_named_with_its_place(changes: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        read_definition(document(**changes))
    [fault] = [fault for fault in error.value.faults if fault.where == where]
    assert message in fault.message


@pytest.mark.parametrize(("panel", "officials", "fits"), [(3, None, True), (4, None, False), (4, [], True)])
def test_a_panel_is_no_larger_than_the_number_of_referees_where_they_are_known(
    panel: int, officials: list[Json] | None, fits: bool
) -> None:
    document_ = document() if officials is None else document(officials=officials)
    document_["stages"][0]["aspects"][0] |= {"panel": panel}
    if fits:
        read_definition(document_)
        return
    with pytest.raises(DefinitionError) as error:
        read_definition(document_)
    assert [(each.where, each.message) for each in error.value.faults] == [
        ("stages[0].aspects[0].panel", "a panel of 4 can never be complete: the number of referees is 3")
    ]
