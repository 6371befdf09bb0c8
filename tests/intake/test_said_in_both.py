"""What is wrong with a file that people made is said in Chinese, too, and in English letter by letter as whoever reads the file says it."""

from __future__ import annotations

import ast
import errno
import inspect
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.saying import ENGLISH, Said
from contest_server.intake.contestants_file import read_contestants
from contest_server.intake.file_words import system_fault
from contest_server.intake.sheets import TableRefused, cells_of_pasted
from contest_server.intake.theme_file import ThemeFault, read_theme
from contest_server.intake.toml_words import toml_fault
from contest_server.words import CHINESE

ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
"""Two words of a language that writes with blanks between them."""


def is_chinese(fault: Fault) -> bool:
    told = CHINESE.tell(fault.message)
    return told != ENGLISH.tell(fault.message) and ENGLISH_WORDS.search(told) is None


def messages_of_tomllib() -> Iterator[str]:
    """Every sentence that stands in the reader of TOML of this Python, with something filled in where it names something."""
    for call in ast.walk(ast.parse(inspect.getsource(import_module("tomllib._parser")))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "suffixed_err":
            parts = call.args[2].values if isinstance(call.args[2], ast.JoinedStr) else [call.args[2]]
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "'x'" for part in parts)


def test_every_sentence_of_pythons_toml_reader_is_known() -> None:
    found = sorted(set(messages_of_tomllib()))
    assert len(found) > 15, "the reader is not what it was"
    unknown = [each for each in found if not is_chinese(Fault("", toml_fault(ValueError(f"{each} (at line 3, column 5)")).sentence))]
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("a = ", "不是 TOML：值无效；文字要加引号（文件末尾）"),
        ('id = "cup', "不是 TOML：引号没有闭合（文件末尾）"),
        ("[x]\n[x]", "不是 TOML：('x',) 声明了两次（第 2 行第 3 列）"),
        ('a = "\x01"', "不是 TOML：不允许的字符 '\\x01'（第 1 行第 6 列）"),
        ("a = {b = 1", "不是 TOML：“{”没有对应的“}”（文件末尾）"),
    ],
)
def test_what_is_no_toml_says_so_with_its_place(text: str, chinese: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    fault = toml_fault(refused.value)
    assert str(fault.sentence) == f"is not TOML: {refused.value}"
    assert CHINESE.tell(fault.sentence) == chinese


def test_a_reader_that_says_something_new_is_told_in_its_own_words() -> None:
    fault = toml_fault(tomllib.TOMLDecodeError("Bits are tired (at line 1, column 2)"))
    assert (str(fault.sentence), fault.line) == ("is not TOML: Bits are tired (at line 1, column 2)", 1)


@pytest.mark.parametrize(
    "text",
    ["", "name\nChen", "id,shoe\nA1,44", "id,编号\nA1,A2", "id,name\nA1,Chen,44", "id,name\n,Chen", "id\nA1\nA1", 'id\n"A1'],
)
def test_a_faulty_list_of_contestants_is_refused_in_chinese(text: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(text, "utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_contestants(tmp_path / "people.csv")
    assert [fault for fault in refused.value.faults if not is_chinese(fault)] == []
    assert [CHINESE.tell(fault.sentence) for fault in refused.value.faults if ENGLISH_WORDS.search(CHINESE.tell(fault.sentence))] == []


@pytest.mark.parametrize(
    ("where", "chinese"),
    [
        ("people.csv row 3", "people.csv 第 3 行"),
        ("people.csv row 3 venue", "people.csv 第 3 行的 venue"),
        ("people.csv column 2", "people.csv 第 2 列"),
        ("line 7, stages[0].rules", "第 7 行，stages[0].rules"),
        ("line 7", "第 7 行"),
        ("document", "定义文件"),
        ("stages[0].rules", "stages[0].rules"),
    ],
)
def test_a_place_is_told_in_the_language_of_its_sentence(where: str, chinese: str) -> None:
    sentence = Fault(where, Said("expected a table")).sentence
    assert CHINESE.tell(sentence) == f"{chinese}：应为一张表"
    assert ENGLISH.tell(sentence) == f"{where}: expected a table"


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied", "没有权限"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error", "磁盘读写出错"),
        (OSError(errno.ENOSPC, "The disk is tired"), "The disk is tired", "（英文原文：The disk is tired）"),
        (OSError("no number"), "no number", "（英文原文：no number）"),
    ],
)
def test_what_the_system_says_of_a_file_is_told_in_both(error: OSError, english: str, chinese: str) -> None:
    assert (str(system_fault(error)), CHINESE.tell(system_fault(error))) == (english, chinese)


@pytest.mark.parametrize("name", ["none.csv", "bytes.csv", "broken.xlsx"])
def test_what_is_no_list_at_all_is_refused_in_chinese(name: str, tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(b"id\n\xff\xff\xff")
    (tmp_path / "broken.xlsx").write_bytes(b"PK")
    with pytest.raises(DefinitionError) as refused:
        read_contestants(tmp_path / name)
    told = [CHINESE.tell(fault.message) for fault in refused.value.faults]
    assert all(re.match(r"none.csv：没有这个文件|既不是 UTF-8|不是可读取的 Excel 工作簿", each) for each in told), told


def test_a_pasted_table_that_is_none_is_refused_in_chinese() -> None:
    for text in ("a\0b", ",".join("x" * 65), "\n" * 20_002, '"' + "x" * 200_000):
        with pytest.raises(TableRefused) as refused:
            cells_of_pasted(text)
        assert is_chinese(refused.value.fault), refused.value.fault


@pytest.mark.parametrize(
    "text",
    [
        "colours = 3",
        "[colours]\naccent = 'red'\nglow = '#ffffff'",
        "[colours]\naccent = '#000000'\nink = '#000000'",
        "[fonts]\nface = 'x'",
        "[images]\nlogo = 'none.png'\nsponsors = 'x'\nfoot = 1",
        "[images]\nlogo = '../x.png'\nbackground = 'a.svg'",
        "[colours",
    ],
)
def test_a_faulty_theme_is_refused_in_chinese(text: str, tmp_path: Path) -> None:
    (tmp_path / "theme.toml").write_text(text, "utf-8")
    with pytest.raises(ThemeFault) as refused:
        read_theme(tmp_path)
    assert [fault for fault in refused.value.faults if not is_chinese(fault)] == []
