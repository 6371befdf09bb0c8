"""A table of contestants as people keep it leads to the same contestants, whatever it was saved as; what is wrong is named by its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from contest_server.core.faults import DefinitionError
from contest_server.intake.contestants_file import read_contestants
from contest_server.intake.toml_file import read_file
from tests.contests import JUDGES

ROWS = [
    ["编号", "姓名", "英文名", "赛区", "单位", "号码", "状态"],
    ["A1", "陈建国", "Chen Jianguo", "yongjia", "永嘉供电公司", "017", ""],
    ["B2", "=1+1", "", "yueqing", "", "18", "guest"],
]
FOUND = [
    {
        "id": "A1",
        "name": {"zh": "陈建国", "en": "Chen Jianguo"},
        "venue": "yongjia",
        "employer": "永嘉供电公司",
        "number": "017",
    },
    {"id": "B2", "name": "=1+1", "venue": "yueqing", "number": "18", "status": "guest"},
]


def csv_text(rows: list[list[Any]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows)


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("gb18030", ";"), ("utf-8-sig", ";")]
)
def test_how_a_csv_was_saved_does_not_matter(encoding: str, delimiter: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(csv_text(ROWS, delimiter).encode(encoding))
    assert read_contestants(file) == FOUND


@pytest.mark.parametrize(("written", "meant"), [("正常", "ok"), ("表演", "guest"), ("Guest", "guest"), ("late", "late")])
def test_a_status_may_be_written_in_chinese(written: str, meant: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(csv_text([["编号", "状态"], ["A1", written]]), encoding="utf-8")
    assert read_contestants(file) == [{"id": "A1", "status": meant}]


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    assert read_contestants(workbook(tmp_path / "people.xlsx", ROWS)) == FOUND


def test_a_number_in_a_workbook_is_written_as_people_see_it(tmp_path: Path) -> None:
    found = read_contestants(workbook(tmp_path / "people.xlsx", [["id", "number"], [17, 4.0], ["017", 4.5]]))
    assert found == [{"id": "17", "number": "4"}, {"id": "017", "number": "4.5"}]


@pytest.mark.parametrize("headings", [["id", "name", "name_en"], ["id", "name_en", "name"]])
def test_a_name_with_an_english_one_beside_it_keeps_both(headings: list[str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    cells = {"id": "A1", "name": "陈建国", "name_en": "Chen"}
    file.write_text(csv_text([headings, [cells[heading] for heading in headings]]), "utf-8")
    assert read_contestants(file) == [{"id": "A1", "name": {"zh": "陈建国", "en": "Chen"}}]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "people.csv: is empty; the first row names the columns"),
        ([["name"], ["Chen"]], "people.csv row 1: no column is called id (编号)"),
        ([["id", "shoe"], ["A1", "44"]], "people.csv column 2: unknown heading 'shoe'; expected one of employer,"),
        ([["id", "编号"], ["A1", "A2"]], "people.csv column 2: '编号' says the same as column 1"),
        ([["id", "name"], ["A1", "Chen", "44"]], "people.csv row 2: 3 cells, but 2 columns are named"),
        ([["id", "name"], ["", "Chen"]], "people.csv row 2: the id is empty"),
        ([["id"], ["A1"], [""], ["A1"]], "people.csv row 4: the id 'A1' is used already in row 2"),
        ([["id"], ['"A1']], "people.csv: is not CSV: unexpected end of data"),
    ],
)
def test_what_is_wrong_with_a_table_is_named_by_its_row_or_column(rows: list[list[str]], expected: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(csv_text(rows), "utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_contestants(file)
    assert str(refused.value).startswith(expected)


@pytest.mark.parametrize(
    ("name", "content"), [("people.csv", b"id\n\xff\xff\xff"), ("people.xlsx", b"PK\x03\x04 no workbook"), ("people.xlsx", b"")]
)
def test_what_is_no_table_is_refused_by_name(name: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(DefinitionError, match=f"{name}: is (neither UTF-8 nor GB18030 text|not a readable workbook)"):
        read_contestants(file)


def test_a_definition_may_leave_its_contestants_to_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(csv_text(ROWS).encode("gb18030"))
    file = tmp_path / "cup.toml"
    file.write_text(
        'format = 1\n[contest]\nid = "cup"\nname = "Cup"\ncontestants_file = "people.csv"\n'
        '[[venues]]\nid = "yongjia"\n[[venues]]\nid = "yueqing"\n[[contestants]]\nid = "C3"\nvenue = "yueqing"\n[[stages]]\nid = "quiz"\n',
        "utf-8",
    )
    people = read_file(file, JUDGES).definition.contestants
    assert [(each.id, each.status) for each in people] == [("C3", "ok"), ("A1", "ok"), ("B2", "guest")]
