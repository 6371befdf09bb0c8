"""The desk of a venue: what it may enter, which station it works at, and how a page speaks for a venue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from websockets.asyncio.client import connect

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.core.faults import DefinitionError
from contest_server.core.forms import form_of
from contest_server.core.judging import API_VERSION, Evidence, Score
from contest_server.intake.toml_file import checked_document
from contest_server.ledger.urls import open_stores
from contest_server.web.pages import STATIC
from contest_server.web.stations import LEASE_US, STATIONS_MAX
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.web.places import EVENTS, Client, Place, dialled, equip, note, served

HERE = f"/api/contests/{CUP}"
STATIONS = f"{HERE}/venues/yongjia/stations"
MEASURED: Json = {
    "id": "measuring",
    "entries": [
        {"field": "coil", "name": {"zh": "线圈", "en": "Coil"}, "unit": "Ω", "min": "1", "max": "2000", "places": 1},
        {"field": "neat", "name": {"zh": "整齐", "en": "Neat"}},
    ],
    "aspects": [
        {"id": "coil", "rule": "tolerance_bands", "max": 5, "field": "coil", "nominal": 500, "bands": [{"within": 5, "share": 1}]},
        {"id": "insulation", "rule": "threshold", "max": 5, "field": "insulation_mohm", "limit": 1, "name": "Insulation"},
        {"id": "safe", "rule": "checklist", "max": 2, "items": [{"field": "helmet"}, {"field": "gloves"}]},
        {"id": "look", "rule": "judgement_0_3", "max": 3, "field": "look_marks", "panel": 2, "kind": "judgement", "name": "Look"},
        {"id": "conduct", "rule": "deduction_ledger", "max": 5, "deductions": [{"code": "no_helmet", "marks": 5}]},
    ],
    "rules": [
        {
            "rule": "penalty_time",
            "penalties": [{"code": "late", "seconds": 10, "zh": "迟到", "en": "Late"}, {"code": "no_helmet", "seconds": 5}],
        }
    ],
}


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        return self.now_us


def measured() -> Json:
    return document(stages=[MEASURED])


def lines_of(form: Json) -> dict[str, Json]:
    return {each["field"]: each for each in form["fields"]}


# ---- what a stage wants entered ---------------------------------------------------------------------------------------------------


async def test_a_stage_says_what_it_wants_entered_with_units_and_ranges_and_never_what_would_be_right() -> None:
    async with served(document_=measured()) as place:
        form = await place.get(f"{HERE}/stages/measuring/form")
        lines = lines_of(form)
        assert list(lines) == ["coil", "insulation_mohm", "helmet", "gloves"], "each field once, in the order of the aspects"
        coil = {
            "kind": "number",
            "unit": "Ω",
            "min": "1",
            "max": "2000",
            "places": 1,
            "name": {"zh": "线圈", "en": "Coil"},
            "aspect": "coil",
        }
        assert coil.items() <= lines["coil"].items()
        assert lines["coil"]["name"] == {"zh": "线圈", "en": "Coil"}
        insulation = lines["insulation_mohm"]
        assert (insulation["unit"], insulation["min"], insulation["max"]) == ("MΩ", "0", None), "the name says the unit"
        assert insulation["name"] == {"zh": "Insulation", "en": "Insulation"}
        assert lines["gloves"]["kind"] == "yes_no"
        assert lines["gloves"]["name"] is None
        assert form["marked"] == ["look"], "referees mark it"
        assert form["names"] == {
            "insulation": {"zh": "Insulation", "en": "Insulation"},
            "look": {"zh": "Look", "en": "Look"},
            "look_marks": {"zh": "Look", "en": "Look"},
            "neat": {"zh": "整齐", "en": "Neat"},
        }, "aspects, and fields that nobody enters here: rules speak of them"
        assert form["violations"] == ["no_helmet", "late"]
        assert form["violation_names"] == {"late": {"zh": "迟到", "en": "Late"}}
        told = json.dumps(form)
        assert "500" not in told, "the nominal value"
        assert (await place.get(f"{HERE}/forms"))["stages"] == [{key: value for key, value in form.items() if key != "definition"}]
        missing = await place.http.get(f"{place.url}{HERE}/stages/nothing/form")
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_stage")


def test_every_rule_tells_only_fields_that_it_reads() -> None:
    told = [judge for judge in JUDGES.values() if hasattr(judge, "wanted")]
    assert len(told) >= 14
    book = compile_rulebook(read_definition(measured()), JUDGES)
    for stage in book.stages.values():
        rules = [rule for _, rule in stage.scorers if hasattr(rule.judge, "wanted")]
        assert rules, "and the walk meets some"
        for rule in rules:
            text = repr(rule.judge)
            assert all(repr(each.field) in text for each in rule.judge.wanted()), rule.name


def test_the_rules_of_a_stage_may_want_something_too_and_devices_fill_the_rest() -> None:
    stage = {
        "id": "climb",
        "aspects": [
            {"id": "top", "rule": "top_and_zone", "max": 10, "zone": 5, "cost": 1},
            {"id": "files", "rule": "evidence_complete", "max": 1, "field": "files", "required": [{"kind": "front"}]},
        ],
        "rules": [{"rule": "cap_plus", "cap_s": 100}, {"rule": "hint", "hints": [{"hint": "h1", "marks": 1}]}],
    }
    [rules] = compile_rulebook(read_definition(document(stages=[stage])), JUDGES).stages.values()
    form = form_of(rules)
    by_field = {each.wanted.field: each for each in form.fields}
    assert list(by_field) == ["reached", "steps_left", "hints"]
    assert by_field["reached"].wanted.choices == ("none", "zone", "top")
    assert (by_field["steps_left"].low, by_field["steps_left"].places) == (Decimal(0), 0)
    assert form.devices == ("files",)


@dataclass(frozen=True, slots=True)
class Talker:
    """A rule that tells whatever it is given."""

    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    says: str
    field: str = "x"

    def score(self, _: Evidence) -> Score:
        return Score(self.max, self.max)

    def wanted(self) -> Any:
        return eval(self.says)

    violation_codes = violation_names = wanted


@pytest.mark.parametrize("says", ["1 / 0", "7", "None", "[7]", "[('a', 1, 2)]", "{1: ('a', 'b')}"])
def test_a_rule_that_fails_to_tell_takes_no_form_away_and_is_named_by_the_check(says: str) -> None:
    """What is in force goes on with the fields of all other rules; nobody adopts it anew without hearing of it."""
    aspects = [each for each in MEASURED["aspects"] if each["id"] != "look"]
    given = document(stages=[{**MEASURED, "aspects": [*aspects, {"id": "odd", "rule": "talker", "max": 1, "says": says}]}])
    judges = {**JUDGES, "talker": Talker}
    [rules] = compile_rulebook(read_definition(given), judges).stages.values()
    form = form_of(rules)
    assert [each.wanted.field for each in form.fields] == ["coil", "insulation_mohm", "helmet", "gloves"]
    assert (form.devices, form.violations) == (("x",), ("no_helmet", "late"))
    with pytest.raises(DefinitionError, match="rule 'talker' failed while it was read") as caught:
        checked_document(given, judges)
    assert {fault.where for fault in caught.value.faults} == {"stages[0].aspects[4]"}


def test_entries_change_no_digest_where_nobody_wrote_any_and_contradict_nobody() -> None:
    assert all("entries" not in stage for stage in ledger_document(read_definition(document()))["stages"])
    assert ledger_document(read_definition(measured()))["stages"][0]["entries"][0]["unit"] == "Ω"
    for wrong, said in (
        ([{"field": "coil", "min": 2, "max": 1}], "above max"),
        ([{"field": "coil"}, {"field": "coil"}], "named twice"),
        ([{"field": "coil", "min": "NaN"}], "finite"),
        ([{"field": "coil", "unit": "u" * 17}], "at most 16"),
    ):
        with pytest.raises(DefinitionError, match=said):
            read_definition(document(stages=[{**MEASURED, "entries": wrong}]))


# ---- leases -------------------------------------------------------------------------------------------------------------------------


async def hold(place: Place, station: str, desk: str, who: str = "yongjia", **more: Any) -> Json:
    answer = await place.post(f"{STATIONS}/{station}/lease", {"desk": desk, **more}, who)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_two_desks_at_one_station_are_told_of_each_other_and_the_second_may_take_it() -> None:
    async with served() as place:
        assert (await hold(place, "S1", "desk-1", holder="王"))["mine"] is True
        second = await hold(place, "S1", "desk-2", holder="李")
        assert second["mine"] is False
        assert (second["lease"]["desk"], second["lease"]["holder"]) == ("desk-1", "王")
        assert (await hold(place, "S2", "desk-2"))["mine"] is True, "another station is free"
        assert (await hold(place, "S1", "desk-2", take=True))["lease"]["desk"] == "desk-2"
        assert (await hold(place, "S1", "desk-1"))["lease"]["desk"] == "desk-2", "and now the first is told"
        listed = await place.get(STATIONS, "yongjia")
        assert [(each["station"], each["desk"]) for each in listed["stations"]] == [("S1", "desk-2"), ("S2", "desk-2")]


async def test_a_lease_that_nobody_renews_is_over_and_one_that_is_renewed_says_since_when() -> None:
    clock = Hands()
    async with served(clock=clock) as place:
        began = (await hold(place, "S1", "desk-1"))["lease"]["since"]
        clock.now_us += LEASE_US - 1
        assert (await hold(place, "S1", "desk-2"))["mine"] is False
        assert (await hold(place, "S1", "desk-1"))["lease"]["since"] == began
        clock.now_us += LEASE_US
        assert (await hold(place, "S1", "desk-2"))["mine"] is True


async def test_only_whoever_holds_a_station_can_leave_it() -> None:
    async with served() as place:
        await hold(place, "S1", "desk-1")
        assert (await hold(place, "S1", "desk-2", leave=True))["lease"]["desk"] == "desk-1"
        assert await hold(place, "S1", "desk-1", leave=True) == {"mine": False, "lease": None}
        assert (await hold(place, "S1", "desk-2"))["mine"] is True


async def test_other_servers_know_who_holds_a_station() -> None:
    stores = open_stores("memory:")
    secrets = await equip(stores)
    async with served(stores, secrets=secrets) as one, served(stores, secrets=secrets) as two:
        await hold(one, "S1", "desk-1")
        assert (await hold(two, "S1", "desk-2"))["lease"]["desk"] == "desk-1"
    await stores.close()


async def test_a_venue_holds_its_own_stations_so_many_and_with_names_that_can_be_read() -> None:
    async with served() as place:
        await hold(place, "工位3", "desk-1")
        for who, status in (("yueqing", 403), ("staff", 403), (None, 401)):
            assert (await place.post(f"{STATIONS}/S1/lease", {"desk": "desk-1"}, who)).status_code == status
            assert (await place.http.get(f"{place.url}{STATIONS}", headers=place.bearer(who))).status_code == status
        other = f"{HERE}/venues/yueqing/stations"
        assert (await place.get(other, "yueqing"))["stations"] == [], "each venue its own"
        for bad in (
            {},
            {"desk": ""},
            {"desk": "a b"},
            {"desk": "d", "holder": "x" * 65},
            {"desk": "d", "take": 1},
            {"desk": "d", "more": 1},
        ):
            assert (await place.post(f"{STATIONS}/S1/lease", bad, "yongjia")).status_code == 400, bad
        assert (await place.post(f"{STATIONS}/a%20b/lease", {"desk": "d"}, "yongjia")).status_code == 400
        for number in range(STATIONS_MAX - 1):
            await hold(place, f"S{number}", "desk-1")
        full = await place.post(f"{STATIONS}/one-more/lease", {"desk": "desk-1"}, "yongjia")
        assert (full.status_code, full.json()["code"]) == (409, "too_many_stations")


# ---- a page speaks for a venue -------------------------------------------------------------------------------------------------------


def page(place: Place, origin: str | None = None) -> connect:
    """A socket as a page in a browser opens it: it can send no token beside it."""
    return dialled(place.url, EVENTS.format(venue="yongjia"), {"Origin": origin or place.url})


async def test_a_page_brings_its_token_in_the_hello_and_sends_like_any_device() -> None:
    async with served() as place:
        async with page(place) as socket:
            venue = Client(socket)
            await venue.say({"type": "hello", "source": "desk-1", "token": place.secrets["yongjia"]})
            assert (await venue.hear("welcome"))["after"] == 0
            assert (await venue.send(note(1), note(2)))["seq"] == 2
        async with page(place) as socket:
            again = Client(socket)
            await again.say({"type": "hello", "source": "desk-1", "token": place.secrets["yongjia"]})
            assert (await again.hear("welcome"))["after"] == 2


@pytest.mark.parametrize("who", ["yueqing", "elsewhere", "staff", "cs_wrong", None])
async def test_a_hello_with_another_token_or_none_lets_nobody_in(who: str | None) -> None:
    async with served() as place, page(place) as socket:
        venue = Client(socket)
        await venue.say({"type": "hello", "source": "desk-1", "token": place.secrets.get(who or "", who)})
        assert await venue.until_closed() == (4501, "not_allowed")


async def test_a_token_that_is_revoked_ends_the_page_s_socket_too() -> None:
    async with served() as place, page(place) as socket:
        venue = Client(socket)
        await venue.say({"type": "hello", "source": "desk-1", "token": place.secrets["yongjia"]})
        await venue.hear("welcome")
        [token] = [each for each in await place.stores.tokens.all(CUP) if each.venue == "yongjia"]
        assert await place.stores.tokens.revoke(token.id, 1)
        assert await venue.until_closed() == (4501, "not_allowed")


async def test_a_page_that_says_nothing_is_sent_away_in_time() -> None:
    async with served(hello_timeout_s=0.2) as place, page(place) as socket:
        assert await Client(socket).until_closed() == (4001, "hello_timeout")


# ---- the page itself -----------------------------------------------------------------------------------------------------------------


async def test_the_desk_alone_may_use_a_camera_and_what_it_is_installed_from_is_served_beside_it() -> None:
    async with served() as place:
        desk = await place.http.get(f"{place.url}/desk")
        assert "camera=(self)" in desk.headers["permissions-policy"]
        assert "microphone=()" in desk.headers["permissions-policy"]
        assert "camera=()" in (await place.http.get(f"{place.url}/referee")).headers["permissions-policy"]
        if desk.status_code == 503 or not (STATIC / "desk-sw.js").is_file():
            pytest.skip("the pages are not built")
        worker = await place.http.get(f"{place.url}/desk-sw.js")
        assert worker.headers["content-type"].startswith("text/javascript")
        manifest = await place.http.get(f"{place.url}/desk.webmanifest")
        assert manifest.headers["content-type"] == "application/manifest+json"
        for icon in manifest.json()["icons"]:
            assert (await place.http.get(f"{place.url}/{icon['src']}")).status_code == 200
