"""The command line speaks the language of whoever runs it; nothing of English is left in Chinese but names, paths and options."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from contest_server.__main__ import app
from contest_server.commands.group import NAMES
from contest_server.commands.help import paragraphs, width, wrapped
from contest_server.commands.others import OF_DATABASES, OF_THE_SYSTEM, OF_USAGE, OF_VALUES, of_usage, understood
from contest_server.commands.tongue import ASKING, in_tongue, tongue
from contest_server.core.saying import Said
from contest_server.live.settings import Settings
from contest_server.words import CHINESE, helps, sentences
from tests.words import sources
from tests.words.test_dictionary import HALF_WIDTH, HAN

ZH = {"CONTEST_LANGUAGE": "zh"}
COLUMNS = 80
AS_TYPED = re.compile(r"`[^`]*`|\{[^。]*\}|contest-server [ -~]*|createdb [ -~]*|[a-z-]+、[a-z、-]+")
"""What somebody types as it stands there."""
LEFT_IN_ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]+[,;:]? [a-z]+[,;:]? [a-z]+\b")
"""Three words in a row are a piece of a sentence."""


def in_chinese(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, env=ZH)
    return done.exit_code, done.output


def is_chinese(text: str) -> bool:
    return HAN.search(text) is not None and LEFT_IN_ENGLISH.search(AS_TYPED.sub("", text)) is None


def commands() -> Iterator[Any]:
    """The whole, and each command."""
    whole: Any = typer.main.get_command(app)
    context = whole.make_context("contest-server", ["serve"], resilient_parsing=True)
    yield from (whole, *(whole.get_command(context, name) for name in NAMES))


def help_texts() -> set[str]:
    """Every paragraph of every help, as they stand in the sources."""
    found = {"Show this message and exit."}
    for command in commands():
        found |= set(paragraphs(command.help)) | {param.help for param in command.params if param.help}
    return found


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "", "LC_MESSAGES": "zh"}, "zh"),
        ({"LC_ALL": "zh_CN.GB18030", "CONTEST_LANGUAGE": "en"}, "en"),
        ({"LC_ALL": "en_GB.UTF-8", "CONTEST_LANGUAGE": "zh"}, "zh"),
    ],
)
def test_the_environment_says_which_language(environment: dict[str, str], name: str) -> None:
    assert tongue(environment).name == name


def test_every_paragraph_of_help_has_chinese_words_and_there_are_no_others() -> None:
    described = {field.description for field in Settings.model_fields.values()}
    assert len(help_texts()) > 150, "the sources are not where they were"
    assert help_texts() | described == helps().keys()


def test_help_in_chinese_is_chinese() -> None:
    assert [text for text in helps().values() if not is_chinese(text)] == []
    assert [text for text in helps().values() if HALF_WIDTH.search(text.replace("{level", "").replace("memory:", ""))] == []


@pytest.mark.parametrize("name", ["", *NAMES])
def test_a_page_of_help_is_chinese_as_a_whole_and_fits_a_terminal(name: str) -> None:
    code, page = in_chinese(*([name] if name else []), "--help")
    assert code == 0
    assert [line for line in page.splitlines() if line.strip() and not is_chinese(line) and LEFT_IN_ENGLISH.search(line)] == []
    assert not {"Usage", "Options", "Arguments", "Commands", "default", "required", "env var"} & set(
        re.findall(r"[A-Za-z]+(?: var)?", page)
    )
    assert max(width(line) for line in page.splitlines() if " " in line.strip()) <= COLUMNS


@pytest.mark.parametrize("name", ["", *NAMES])
def test_english_help_is_what_it_was(name: str) -> None:
    """A page is typer's own, unless somebody asks for another language."""
    page = CliRunner().invoke(app, [*([name] if name else []), "--help"], env={"LANG": "C.UTF-8"}).output
    assert page.startswith("Usage: ")
    assert HAN.search(page) is None


def test_a_line_is_broken_where_chinese_may_be_broken() -> None:
    text = "检查竞赛定义（含名单），列出 every-word 和错误。"
    for columns in range(14, 60):
        lines = wrapped(text, columns)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert max(map(width, lines)) <= columns
        assert not any(line.startswith(tuple("，。；：、）")) or line.endswith("（") for line in lines)
        assert sum("every-word" in line for line in lines) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("serv",),
        ("--nope",),
        ("--config",),
        ("erase",),
        ("official",),
        ("check", "a", "b"),
        ("serve", "--prot", "3"),
        ("serve", "--port", "x"),
        ("serve", "--port"),
        ("backup", "--to", "x", "--keep", "-1"),
        ("backup", "--to", "x", "--force=3"),
        ("token", "--days", "9999"),
        ("venue", "--input-as", "x"),
        ("rehearse", "--url", "x", "--speed", "y"),
    ],
)
def test_how_a_command_was_typed_wrongly_is_said_in_chinese(arguments: tuple[str, ...]) -> None:
    code, said = in_chinese(*arguments)
    assert code == 2
    assert [line for line in said.splitlines() if line and not is_chinese(line) and LEFT_IN_ENGLISH.search(line)] == []
    assert said.splitlines()[-1].startswith("错误：")


def test_what_nobody_foresaw_of_typer_is_shown_as_typer_says_it() -> None:
    assert of_usage("Something new, in words of its own") == "Something new, in words of its own"


@pytest.mark.parametrize("said", [*OF_THE_SYSTEM, *OF_DATABASES, *OF_USAGE, *OF_VALUES], ids=lambda said: said.template)
def test_what_other_programs_say_is_read_back(said: Said) -> None:
    filled = said.template.format_map(
        {name: "No such file or directory" if name == "what" else "7" for name, *_ in sources.fields(said.template)}
    )
    if said in OF_USAGE:
        filled = filled.replace("No such file or directory", "all of them")
        assert isinstance(of_usage(filled), Said)
    else:
        assert isinstance(understood(filled), Said)


def test_what_was_filled_in_is_understood_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTEST_LANGUAGE", "zh")
    nested = Said("{refusals:;}", refusals=[Said("{host}: {why}", host="db1:1", why="[Errno 111] Connect call failed ('::1', 1)")])
    assert in_tongue(Said("{path}: {what}", path="x", what="Permission denied")) == "x：没有权限"
    assert in_tongue(nested) == "db1:1：无法连接 ('::1', 1)（错误码 111）"
    assert in_tongue("x.toml: Invalid value (at line 1, column 8)").endswith("（第 1 行第 8 列）")


def test_no_command_says_plain_text() -> None:
    """Whatever a command tells is Said, so that it has other languages."""
    assert sources.plainly_told_by_commands() == []


def test_sentences_of_commands_are_chinese() -> None:
    left = {english: told for english, told in sentences("command").items() if HAN.search(told) and not is_chinese(told)}
    assert left == {}
    assert [each for each in sentences("command").values() if "contest-server" in each and "contest-server：" in each] == []


def test_what_programs_read_is_the_same_in_every_language(tmp_path: Path) -> None:
    arguments = ["doctor", "--json", "--db", f"sqlite:///{tmp_path}/none.db"]
    english, chinese = (json.loads(CliRunner().invoke(app, arguments, env={"CONTEST_LANGUAGE": each}).stdout) for each in ("en", "zh"))
    for document in (english, chinese):
        document["findings"] = [each for each in document["findings"] if each["about"] != "clock"]
    assert english == chinese


def test_a_fault_is_told_in_the_language_of_whoever_runs_the_command(tmp_path: Path) -> None:
    (tmp_path / "junk.db").write_text("this is no database, and never was one")
    arguments = ["token", "--list", "--db", f"sqlite:///{tmp_path}/junk.db"]
    said = {each: CliRunner().invoke(app, arguments, env=dict.fromkeys(ASKING, "") | {"LANG": each}).stderr for each in ("zh_CN", "en")}
    assert said["en"].rstrip().endswith("junk.db: file is not a database. This is not a SQLite database. Is the path right?")
    assert said["zh_CN"].rstrip().endswith("junk.db：文件不是数据库。这不是 SQLite 数据库。请确认路径正确。")


def test_nobody_who_reads_english_waits_for_the_dictionary() -> None:
    module = "contest_server.commands.group"
    program = f"import sys; from {module} import function_of; function_of('token'); print('contest_server.words' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_dictionary_of_the_command_line_is_in_use() -> None:
    assert len(sentences("command")) > 300
    assert sentences("command").items() <= CHINESE.sentences.items()
