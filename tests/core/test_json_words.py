"""What readers of JSON find wrong is said in Chinese, too, and in English letter by letter as they say it."""

from __future__ import annotations

import ast
import inspect
import json
import json.decoder
import json.scanner
import re
import sys
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from contest_server.core.json_words import DETAIL_MAX_CHARS, json_fault
from contest_server.core.saying import ENGLISH
from contest_server.words import CHINESE

ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


def sentences_of_python() -> Iterator[str]:
    """Every sentence that stands in Python's reader."""
    for module in (json, json.decoder, json.scanner):
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "JSONDecodeError" and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)


def is_chinese(error: Exception) -> bool:
    said = json_fault(error)
    return ENGLISH.tell(said) == str(error) and "英文原文" not in CHINESE.tell(said) and ENGLISH_WORDS.search(CHINESE.tell(said)) is None


def test_every_sentence_of_pythons_reader_is_known() -> None:
    found = sorted(set(sentences_of_python()))
    assert len(found) > 5, "the reader is not what it was"
    assert [each for each in found if not is_chinese(json.JSONDecodeError(each, "{", 1))] == []


@pytest.mark.parametrize(
    "text", ['{"a":"\\q"}', '{"a":"\n"}', '{"a":"\\u12"}', "[1", "", "{} x", "\ufeff{}", "9" * (sys.get_int_max_str_digits() + 1)]
)
def test_what_is_no_json_says_so(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        json.loads(text)
    assert is_chinese(refused.value), str(refused.value)


class Part(msgspec.Struct, forbid_unknown_fields=True, tag="part"):
    n: Annotated[int, Meta(ge=1, le=3)] = 1
    x: float = 0.5
    s: Annotated[str, Meta(min_length=2, max_length=3, pattern="^a")] = "ab"
    m: int | None = None
    many: Annotated[list[int], Meta(max_length=1)] = []


VALUES: tuple[Any, ...] = (None, True, 0, 4, 1.5, "", "bbbb", "bb", [], [1, 2], {}, ["x"])


@pytest.mark.parametrize("name", ["type", "n", "x", "s", "m", "many", "more"])
def test_whatever_msgspec_finds_wrong_with_a_field_is_known(name: str) -> None:
    found = []
    for value in VALUES:
        try:
            msgspec.json.decode(json.dumps({"type": "part", name: value}), type=Part)
        except msgspec.ValidationError as error:
            found.append(error)
    assert len(found) > 3
    assert [str(error) for error in found if not is_chinese(error)] == []


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[1,]",
        b'{"a":1,}',
        b"{1:1}",
        b"{} x",
        b'{"a" 1}',
        b'{"a":1 "b"}',
        b"[1 2]",
        b"tru",
        b'"\\q"',
        b'"\\uxxxx"',
        b'"\\ud800"',
        b"1.",
        b"1e999",
        b"\xff",
    ],
)
def test_what_msgspec_cannot_read_is_known(raw: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)) as refused:
        msgspec.json.decode(raw)
    assert is_chinese(refused.value), str(refused.value)


def test_a_class_of_pythons_is_put_in_words_and_something_new_is_marked_as_others_words() -> None:
    with pytest.raises(InvalidOperation) as refused:
        Decimal("x")
    told = [CHINESE.tell(json_fault(error)) for error in (RecursionError("deep"), refused.value, ValueError("Bits are tired"))]
    assert told == ["嵌套太深", "有一个数无法读取", "（英文原文：Bits are tired）"]
    assert str(json_fault(ValueError("Bits are tired"))) == "Bits are tired"
    assert len(str(json_fault(ValueError("x" * 1_000)))) == DETAIL_MAX_CHARS
