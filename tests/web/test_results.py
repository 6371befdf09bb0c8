"""The result as a table: the board of staff with names and figures, for whoever may see that board, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.conversions import figures_of, medals_of
from contest_server.core.facts import ContestantId
from contest_server.web.spreadsheets import clock_text, harmless
from tests.contests import CUP, JUDGES, Json, document, folded
from tests.web.places import Place, clear, served
from tests.web.screening import HERE
from tests.web.stating import Clock, said

PATH = f"{HERE}/results"
ASSIGNED: list[Json] = [
    {"id": "A1", "venue": "yongjia", "team": "north", "name": {"zh": "陈晨", "en": "Chen Chen"}, "number": "-7"},
    {"id": "A2", "venue": "yongjia", "team": "north", "name": '=HYPERLINK("http://there", "Bao")'},
    {"id": "B1", "venue": "yueqing", "team": "south", "name": "An", "employer": {"zh": "蓝桥电缆", "en": "@Bluebridge, Cable"}},
    {"id": "B2", "venue": "yueqing", "team": "south"},
    {"id": "G1", "venue": "yueqing", "status": "guest", "name": "Gu"},
]
DOCUMENT = document(
    contestants=ASSIGNED,
    venues=[{"id": "yongjia", "name": {"zh": "永嘉", "en": "Yongjia"}}, {"id": "yueqing"}],
    ties={"medals": [1, 1, 1]},
    conversions=[{"rule": "season_points"}, {"rule": "team"}, {"rule": "season_points", "team": 3}],
)


async def cleared(place: Place) -> None:
    """A1 and B1 tie before A2; the guest is as quick as anybody, and B2 has not come."""
    async with place.venue() as one, place.venue("yueqing") as other:
        await one.send(clear(1, "A1"), clear(2, "A2", at="01:00:09Z"), clear(3, "A2", stage="wiring", at="01:10:00Z", data={"mohm": "2"}))
        await other.send(clear(1, "B1"), clear(2, "G1"))
    await place.order("standings", contestant="B2", status="dns", reason="not there")


async def table(place: Place, who: str = "staff", **query: str) -> list[list[str]]:
    answer = await file(place, who, **query)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def file(place: Place, who: str = "staff", **query: str) -> httpx.Response:
    answer = await place.http.get(f"{place.url}{PATH}", params={"format": "csv", **query}, headers=place.bearer(who))
    assert answer.status_code == 200, answer.text
    return answer


def by_id(found: list[list[str]]) -> dict[str, dict[str, str]]:
    head, *rows = found
    return {row[1]: dict(zip(head, row, strict=True)) for row in rows}


async def test_ranks_points_and_digest_are_those_of_the_board_of_staff() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        board, found = await place.board("staff", audience="staff"), await place.get(PATH, "staff")
        same = ("id", "rank", "points", "time_ms", "cleared")
        assert [[row[name] for name in same] for row in found["rows"]] == [[row.get(name) for name in same] for row in board["rows"]]
        assert [row["status"] for row in found["rows"]] == [row.get("status", "ok") for row in board["rows"]]
        for row, shown in zip(found["rows"], board["rows"], strict=True):
            told = {stage: each.get("points", "0") for stage, each in shown["stages"].items()}
            assert {stage: points for stage, points in row["stages"].items() if points is not None} == told
            assert list(row["stages"]) == ["wiring", "quiz", "final"]
        assert (found["position"], found["digest"]) == (board["to"], board["digest"])
        assert (found["final"], found["frozen"], found["published"]) == (False, None, None)


async def test_equal_results_share_a_rank_and_statuses_are_told() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        found = by_id(await table(place))
        assert {who: row["Rank"] for who, row in found.items()} == {"A2": "1", "A1": "2", "B1": "2", "G1": "", "B2": ""}
        assert (found["B2"]["Status"], found["G1"]["Status"], found["A1"]["Status"]) == ("dns", "guest", "ok")
        chinese = by_id(await table(place, lang="zh"))
        assert (chinese["B2"]["状态"], chinese["G1"]["状态"], chinese["A1"]["姓名"], chinese["A1"]["赛区"]) == (
            "未参赛",
            "友情参赛",
            "陈晨",
            "永嘉",
        )


async def test_medals_and_figures_are_those_that_the_audit_tells() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        found, contest = await place.get(PATH, "C1"), folded(await place.stores.ledger.read(CUP, 0))
        assert {row["id"]: row["medal"] for row in found["rows"] if row["medal"]} == medals_of(contest)
        told = {(int(number), row["id"]): each["value"] for row in found["rows"] for number, each in row["conversions"].items() if each}
        told |= {(each["number"], each["who"]): each["value"] for each in found["figures"]}
        assert told == {(each.number, each.who): each.value for each in figures_of(contest)}
        assert [each["who"] for each in found["figures"]] == ["north", "south"]
        head = (await table(place))[0]
        assert head == [
            "Rank", "ID", "Number", "Name", "Venue", "Employer", "Points", "Time", "Stages cleared", "Status", "Medal",
            "wiring", "quiz", "final", "Season points (1)", "Season points (3)",
        ]  # fmt: skip
        assert [each["heading"] for each in found["columns"]] == head
        teams = await table(place, of="figures", lang="zh")
        values = {each["who"]: each["value"] for each in found["figures"]}
        assert teams[0] == ["换算成绩", "队伍", "数值", "备注"]
        assert [row[:3] for row in teams[1:]] == [["团体分", who, value] for who, value in values.items()]


async def test_names_medals_and_what_is_frozen_are_not_for_everybody() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        for form in ("json", "csv"):
            for who, status in (
                (None, 401),
                ("yongjia", 403),
                ("other staff", 403),
                ("R1", 403),
                ("staff", 200),
                ("C1", 200),
                ("admin", 200),
            ):
                answer = await place.http.get(f"{place.url}{PATH}", params={"format": form}, headers=place.bearer(who))
                assert answer.status_code == status, (form, who)
                assert ("陈晨" in answer.text) <= (status == 200)


async def test_what_is_frozen_published_and_final_is_said_and_shown_as_it_is() -> None:
    clock = Clock()
    async with served(document_=DOCUMENT, clock=clock) as place:
        await place.order("freeze", minutes=20)
        await cleared(place)
        shown = {row["id"]: row["points"] for row in (await place.board())["rows"]}
        found = await place.get(PATH, "staff")
        assert shown["A1"] == "0" != next(row["points"] for row in found["rows"] if row["id"] == "A1")
        assert found["frozen"]["position"] < found["position"]
        await place.order("thaw")
        published = (await said(place, "publish", "C1", id="p1"))["published"]
        about = (await place.get(PATH, "staff"))["published"]
        assert about == {name: published[name] for name in ("position", "at", "official", "digest")} | {"current": True}
        clock.to(121)
        assert (await place.order("finalise")).status_code == 200
        found = await place.get(PATH, "staff")
        assert (found["final"], found["frozen"], found["published"]["digest"]) == (True, None, found["digest"])


async def test_a_file_is_for_spreadsheets_and_nothing_in_it_is_a_formula() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        answer = await file(place)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith("\ufeff".encode()), "so that a spreadsheet reads UTF-8"
        assert answer.content.count(b"\n") == answer.content.count(b"\r\n") == 1 + len(ASSIGNED)
        found = by_id(await table(place))
        assert found["A2"]["Name"] == '\'=HYPERLINK("http://there", "Bao")'
        assert (found["B1"]["Employer"], found["A1"]["Number"]) == ("'@Bluebridge, Cable", "-7")
        both = by_id(await table(place, lang="both"))
        assert both["B1"]["单位 / Employer"] == "蓝桥电缆 / @Bluebridge, Cable"


@given(st.text())
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    written = harmless(cell)
    assert written.replace("'", "") == cell.replace("'", ""), "nothing but apostrophes is added"
    assert written[:1] not in ("=", "+", "@", "\t", "\r")
    assert not written.startswith("-") or Decimal(written).is_finite(), "a number below zero is one"


@given(st.text(alphabet=";|\t\r\n \"'=+-@＝a1"))
def test_no_cell_becomes_another_with_a_formula_where_semicolons_stand_between_cells(cell: str) -> None:
    """As spreadsheets of much of Europe read the file: `Smith;=1+1` would be two cells."""
    for part in re.split(r"[;|\t\r\n]", harmless(cell))[1:]:
        assert part.strip(" \"'")[:1] not in ("=", "+", "-", "@", "＝") or part.strip(' "').startswith("'")


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00:00"), (192_418, "0:03:12.418"), (36_000_000, "10:00:00")])
def test_times_are_written_as_spreadsheets_read_them(ms: int, text: str) -> None:
    assert clock_text(ms) == text


async def test_a_file_has_the_contest_s_name_and_position_also_in_chinese() -> None:
    async with served(document_=document(contest={"id": "电工杯"})) as place:
        address = f"{place.url}/api/contests/{quote('电工杯')}/results"
        for of, name in (("contestants", "results"), ("figures", "figures")):
            answer = await place.http.get(address, params={"format": "csv", "of": of}, headers=place.bearer("admin"))
            position = (await place.http.get(address, headers=place.bearer("admin"))).json()["position"]
            assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('电工杯')}-{name}-{position}.csv"


async def test_whose_name_was_erased_is_called_by_their_id() -> None:
    async with served(document_=DOCUMENT, clock=Clock()) as place:
        await cleared(place)
        await place.stores.people.erase(CUP, [ContestantId("A1")])
        assert by_id(await table(place))["A1"]["Name"] == "A1"


@dataclass(frozen=True)
class Fails:
    """A rule of somebody else's."""

    rule: ClassVar[str] = "fails"
    catalogue: ClassVar[str] = "none"
    api: ClassVar[int] = 1
    version: ClassVar[str] = "1"

    def convert(self, board: object) -> object:  # noqa: ARG002
        raise RuntimeError("no figures today")


async def test_a_rule_that_fails_says_why_and_a_remark_is_told_in_the_language_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JUDGES, "fails", Fails)
    asks = [{"rule": "fails"}, {"rule": "team", "size": 3}]
    async with served(document_={**DOCUMENT, "conversions": asks}, clock=Clock()) as place:
        await cleared(place)
        found = (await place.get(PATH, "staff", lang="both"))["figures"]
        assert [(each["rule"], each["who"]) for each in found] == [("fails", None), ("team", "north"), ("team", "south")]
        assert "no figures today" in found[0]["told"][0]["en"]
        (asked,) = found[1]["told"]
        assert asked["zh"] != asked["en"]
        for lang in ("zh", "en"):
            written = await table(place, of="figures", lang=lang)
            assert [written[1][:3], written[2][3]] == [["fails", "", ""], asked[lang]]


async def test_what_is_not_there_or_of_no_such_form_is_refused() -> None:
    async with served(document_=DOCUMENT) as place:
        unknown = await place.http.get(f"{place.url}/api/contests/none/results", headers=place.bearer("admin"))
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_contest")
        bad = await place.http.get(f"{place.url}{PATH}", params={"format": "xlsx"}, headers=place.bearer("admin"))
        assert bad.status_code == 400
