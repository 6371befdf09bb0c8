"""A table of contestants: every fault at its cell, nothing stored, and what would take too much is refused by its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from contest_server.builder.templates import template
from contest_server.builder.words import both
from contest_server.intake.contestants_table import Found, Venue, read_table
from contest_server.intake.sheets import COLUMNS_MAX, ROWS_MAX, Cells, TableRefused, cells_of_grid, cells_of_pasted, cells_of_text
from contest_server.intake.workbook import UNPACKED_MAX_BYTES, cells_of_workbook, is_workbook
from tests.builder.workbooks import cell, with_cells, with_parts, workbook

VENUES = [Venue("yj", ["永嘉", "Yongjia"]), Venue("yq", ["乐清", "Yueqing"])]
HEAD = ["编号", "姓名", "赛区", "单位"]
GOOD = ["A1", "陈建国", "永嘉", "永嘉供电"]


def read(rows: list[list[str]], venues: list[Venue] = VENUES) -> Found:
    return read_table(cells_of_grid(rows), venues)


def places(found: Found) -> list[tuple[int, int | None, str]]:
    return [(each.line, each.column, each.code) for each in found.faults]


# ---- faults at their cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (["", "李四", "永嘉", ""], (3, 0, "no_id")),
        (["A1", "李四", "永嘉", ""], (3, 0, "duplicate_id")),
        (["A 2", "李四", "永嘉", ""], (3, 0, "bad_id")),
        (["A2", " ", "永嘉", ""], (3, 1, "no_name")),
        (["A2", "李四", "", ""], (3, 2, "no_venue")),
        (["A2", "李四", "温州", ""], (3, 2, "unknown_venue")),
        (["A2", "李" * 401, "永嘉", ""], (3, 1, "too_long")),
        (["A2", "李四", "永嘉", "x", "y"], (3, 4, "too_many_cells")),
    ],
)
def test_each_fault_stands_at_its_cell_and_keeps_its_row_out(row: list[str], place: tuple[int, int, str]) -> None:
    found = read([HEAD, GOOD, row])
    assert places(found) == [place]
    assert [contestant["id"] for _, contestant in found.contestants] == ["A1"]
    assert found.faults[0].zh != found.faults[0].en, "in both languages"


def test_all_faults_of_a_table_are_told_at_once() -> None:
    found = read([HEAD, ["", "", "温州", ""], ["B 1", "王五", "乐清", ""], ["B2", "赵六", "", ""]])
    assert places(found) == [(2, 0, "no_id"), (2, 1, "no_name"), (2, 2, "unknown_venue"), (3, 0, "bad_id"), (4, 2, "no_venue")]


@pytest.mark.parametrize("written", ["永嘉", "永嘉赛区", " yongjia ", "YONGJIA", "yj", "永 嘉"])
def test_a_venue_is_known_by_any_of_its_names(written: str) -> None:
    assert read([HEAD, ["A1", "陈建国", written, ""]]).contestants[0][1]["venue"] == "yj"


def test_without_venues_none_is_checked() -> None:
    assert read([HEAD, ["A1", "陈建国", "温州", ""]], []).contestants[0][1]["venue"] == "温州"


def test_headings_are_known_in_both_languages_and_others_are_left_out_with_a_warning() -> None:
    found = read(
        [["ID", "姓名(中文)", "Name EN", "City", "工作单位", "队伍", "序"], ["A1", "陈建国", "Chen", "永嘉", "永嘉供电", "t1", "1"]]
    )
    assert found.fills == ["id", "name.zh", "name.en", "venue", "employer", "team", None]
    assert [(each.column, each.code) for each in found.warnings] == [(6, "unknown_heading")]
    assert found.contestants[0][1] == {
        "id": "A1", "venue": "yj", "team": "t1", "name": {"zh": "陈建国", "en": "Chen"}, "employer": "永嘉供电",
    }  # fmt: skip


def test_two_columns_that_say_the_same_are_a_fault() -> None:
    assert places(read([["编号", "姓名", "name"], ["A1", "陈", "Chen"]], [])) == [(1, 2, "twice_heading")]


def test_a_list_without_ids_takes_its_numbers_else_it_says_so() -> None:
    assert read([["号码", "姓名"], ["017", "陈建国"]], []).contestants == [(2, {"id": "017", "name": "陈建国"})]
    assert places(read([["姓名"], ["陈建国"]], [])) == [(1, None, "no_id_heading")]


def test_who_has_the_same_number_is_a_warning() -> None:
    found = read([["编号", "姓名", "号码"], ["A1", "陈", "7"], ["A2", "李", "7"]], [])
    assert [(each.line, each.column, each.code) for each in found.warnings] == [(3, 2, "same_number")]
    assert len(found.contestants) == 2


# ---- files -----------------------------------------------------------------------------------------------------------------------


def test_a_workbook_reads_as_the_library_reads_it(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "name", "n", "yes"], ["A1", "陈 & <b>", 17, True], ["A2", "x" * 300, 4.5, False], ["", "", 1e20, ""]]
    raw = workbook(rows)
    file = tmp_path / "people.xlsx"
    file.write_bytes(raw)
    theirs = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    ours = cells_of_workbook(raw).rows
    assert [row[:2] for row in ours[:3]] == [[str(each) for each in row[:2]] for row in theirs[:3]]
    assert (ours[1][2], ours[2][2], ours[1][3]) == ("17", "4.5", "true")


def test_a_formula_and_a_spreadsheet_error_are_faults_although_they_have_values() -> None:
    raw = with_cells(
        f'<row r="1">{cell("A1", "id")}{cell("B1", "name")}</row>'
        f'<row r="2">{cell("A2", "A1", formula="C9", kind="str")}{cell("B2", "Chen")}</row>'
        f'<row r="3">{cell("A3", "A2")}{cell("B3", "#REF!", formula="X1", kind="e")}</row>'
    )
    assert places(read_table(cells_of_workbook(raw))) == [(2, 0, "formula"), (3, 1, "error_cell")]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_table_to_begin_with_has_no_fault(language: str, kind: str, tmp_path: Path) -> None:
    raw = template(language, kind)  # type: ignore[arg-type]
    found = read_table(cells_of_workbook(raw) if is_workbook(raw) else cells_of_text(raw))
    assert (found.faults, found.warnings, len(found.contestants)) == ([], [], 1)
    if kind == "xlsx":
        file = tmp_path / "t.xlsx"
        file.write_bytes(raw)
        assert CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[0] == found.table[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_how_a_text_was_saved_does_not_matter(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (HEAD, GOOD))
    assert cells_of_text(text.encode(encoding)).rows == [HEAD, GOOD]


# ---- what is refused as a whole --------------------------------------------------------------------------------------------------


def refusal(raw: bytes) -> str:
    with pytest.raises(TableRefused) as refused:
        read_table(cells_of_workbook(raw) if is_workbook(raw) else cells_of_text(raw))
    zh, en = both(refused.value.fault.message).values()
    assert zh != en, "said in English only"
    assert "原文" not in zh, "partly in English"
    return refused.value.code


def bomb() -> bytes:
    """Honest about its size: a hundred megabytes of blanks in some kilobytes."""
    return with_cells(" " * (UNPACKED_MAX_BYTES + 1))


def lying_bomb() -> bytes:
    """Says of its sheet that it is small."""
    raw = bomb()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return raw.replace(true_size.to_bytes(4, "little"), (2_000).to_bytes(4, "little"))


def sheet_of(rows: int) -> bytes:
    head = f'<row r="1">{cell("A1", "id")}{cell("B1", "name")}</row>'
    return with_cells(head + "".join(f'<row r="{n}">{cell(f"A{n}", f"P{n}")}</row>' for n in range(2, rows + 2)))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (workbook([]), "empty"),
        (b"PK not really", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0 old", "old_format"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (with_parts({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "old_format"),
        (with_parts({"xl/worksheets/sheet1.xml": b"<worksheet><row"}), "not_a_workbook"),
        (with_parts({"xl/workbook.xml": b"<workbook/>"}), "not_a_workbook"),
        (with_cells('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'), "not_a_workbook"),
        (with_cells('<row r="0"><c r="A0" t="str"><v>x</v></c></row>'), "not_a_workbook"),
        (with_cells(f'<row r="1048576">{cell("A1048576", "x")}</row>'), "too_many_rows"),
        (with_cells(f'<row r="1">{cell("XFD1", "x")}</row>'), "too_many_columns"),
        (b"a\x00b", "not_text"),
        (b"\xff\xff\xff", "not_text"),
        (b"PK" + b" " * 4_000_001, "too_large"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused_by_name(raw: bytes, code: str) -> None:
    assert refusal(raw) == code


def test_a_document_type_is_refused_before_its_entities_grow() -> None:
    xml = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert refusal(with_parts({"xl/worksheets/sheet1.xml": xml})) == "not_a_workbook"


def test_a_bomb_is_refused_whether_it_tells_its_size_or_not() -> None:
    raw = bomb()
    assert len(raw) < 100_000
    assert refusal(raw) == "packed_too_tight"
    assert refusal(lying_bomb()) in ("packed_too_tight", "not_a_workbook")


def test_a_hundred_thousand_rows_are_refused_and_twenty_thousand_are_read() -> None:
    assert refusal(sheet_of(100_000)) == "too_many_rows"
    lines = "\n".join(["id,name", *(f"P{n},x" for n in range(ROWS_MAX))])
    with pytest.raises(TableRefused) as refused:
        cells_of_pasted(lines)
    assert refused.value.code == "too_many_rows"
    assert read_table(cells_of_pasted(lines.rpartition("\n")[0])).rows == ROWS_MAX - 1


def test_more_columns_than_any_list_has_are_refused() -> None:
    with pytest.raises(TableRefused) as refused:
        cells_of_pasted(",".join("x" * (COLUMNS_MAX + 1)))
    assert refused.value.code == "too_many_columns"


def test_empty_rows_far_below_cost_nothing() -> None:
    raw = with_cells(f'<row r="1">{cell("A1", "id")}</row><row r="1048576"><c r="A1048576"/></row>')
    assert cells_of_workbook(raw) == Cells([["id"]])
