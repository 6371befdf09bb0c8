"""An expression is refused in words when it is read, or has an exact value in bounded time, or asks; it never does anything else."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.expression import (
    BITS_MAX,
    FUNCTIONS,
    NODES_MAX,
    SOURCE_CHARS_MAX,
    Expression,
    ExpressionError,
    ExpressionFault,
    Kind,
    check_names,
    parse,
    value_of,
)

NAMES = ("a", "b", "load_w", "phase", "ok", "电压")
SENT: dict[str, Any] = {"a": "0.1", "b": 3, "load_w": Decimal("12.50"), "phase": "B", "ok": True, "电压": "220"}


def lookup(name: str) -> Any:
    return value_of(name, SENT[name])


def worth(source: str, expected: Kind = "number") -> Any:
    return parse(source, NAMES, expected).value(lookup)


def fault(source: str, expected: Kind = "number") -> str:
    with pytest.raises(ExpressionFault) as refused:
        parse(source, NAMES, expected)
    return str(refused.value)


def error(source: str, expected: Kind = "number") -> str:
    with pytest.raises(ExpressionError) as asked:
        worth(source, expected)
    return asked.value.code


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2", "3/10"),
        ("1 / 3 * 3", "1"),
        ("2 + 3 * 4 - 10 / 4", "23/2"),
        ("-2 ** 2", "-4"),  # as on paper: minus the square
        ("2 ** -2", "1/4"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),  # -7 = -3 · 3 + 2
        ("7.5 % 2", "3/2"),
        ("1e3 + .5 + 2.", "2005/2"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "101/100"),  # as a binary float 1.005 is below 1.005
        ("floor(-0.5) + ceil(0.2)", "0"),
        ("min(3, 1, 2) + max(3, 1)", "4"),
        ("clamp(12, 0, 10) + clamp(-1, 0, 10)", "10"),
        ("abs(-3)", "3"),
        ("a + b", "31/10"),
        ("10 if load_w > 12 else 0", "10"),
        ("电压 / 2", "110"),
        ("1 if phase == 'B' else 2", "1"),
        ("1 if ok and not a > 1 else 2", "1"),
        ("(1\n + 2)", "3"),
        ("1 if 1 < b < 4 else 0", "1"),
    ],
)
def test_arithmetic_is_exact(source: str, expected: str) -> None:
    assert worth(source) == Fraction(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b == 3.1", True),
        ("a > 1 or ok", True),
        ("a > 1 and ok", False),
        ("phase != 'A'", True),
        ("not ok", False),
        ("True", True),
        ("ok == True", True),
    ],
)
def test_truths(source: str, expected: bool) -> None:
    assert worth(source, "truth") is expected


@pytest.mark.parametrize(
    ("source", "expected", "words"),
    [
        ("", "number", "is empty"),
        ("a +", "number", "is no expression"),
        ("load_v * 2", "number", "nothing is called 'load_v'; did you mean 'load_w'?"),
        ("zzz", "number", "there are a, b"),
        ("a.real", "number", "not in the language"),
        ("a[0]", "number", "'[' has no meaning"),
        ("(lambda: 1)()", "number", "':' has no meaning"),
        ("__import__('os')", "number", "no function is called '__import__'"),
        ("sum(1, 2)", "number", "no function is called 'sum'"),
        ("min(1)", "number", "min takes 2 to 20 values; found 1"),
        ("clamp(1, 2)", "number", "clamp takes 3 values"),
        ("min(*a, b)", "number", "takes plain values"),
        ("round(a, ndigits=2)", "number", "takes plain values"),
        ("0x10", "number", "'0x10' is not a number"),
        ("1_000", "number", "'1_000' is not a number"),
        ("1j", "number", "'1j' is not a number"),
        ("1if ok else 2", "number", "'1if' is not a number"),
        ("1e31", "number", "beyond 10^30"),
        ("1e-999999999", "number", "beyond 10^30"),
        ("f'{a}'", "number", "not in the language"),
        ("b'a' == b'a'", "truth", "not in the language"),
        ("'\\x41' == phase", "truth", "backslash"),
        ("a > 1", "number", "gives a truth; expected a number"),
        ("a + 1", "truth", "gives a number; expected a truth"),
        ("1 + (a > 1)", "number", "is a truth; expected a number"),
        ("a and ok > 1 and 3", "truth", "is a number; expected a truth"),
        ("'a' < phase", "truth", "only numbers have an order"),
        ("'a' == 1", "truth", "compares a number with a text"),
        ("a is b", "truth", "compare with == !="),
        ("a in (1, 2)", "truth", "not in the language"),
        ("a := 1", "number", "':' has no meaning"),
        ("a @ b", "number", "'@' has no meaning"),
        ("~a", "number", "'~' has no meaning"),
        ("None", "number", "not in the language"),
        ("...", "number", "not in the language"),
        ("1, 2", "number", "not in the language"),
        ("1\0", "number", "has no meaning"),
        ("+".join("a" * 300), "number", "at most 500 characters"),
        ("+".join("a" * 101), "number", "levels deep"),
        ("(" * 200 + "a" + ")" * 200, "number", ""),
        ("-" * 400 + "a", "number", "levels deep"),
        ("not " * 100 + "ok", "truth", "levels deep"),
        (
            "min(" + ",".join("1" * 20) + ")" + "".join(f"+max({','.join('1' * 20)})" for _ in range(5)),
            "number",
            f"at most {NODES_MAX} parts",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(source: str, expected: Kind, words: str) -> None:
    if words:
        assert words in fault(source, expected)
    else:
        assert worth(source, expected) == Fraction("0.1"), "200 brackets are one value"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("1 / (a - 0.1)", "division_by_zero"),
        ("1 // 0", "division_by_zero"),
        ("1 % 0", "division_by_zero"),
        ("0 ** -1", "division_by_zero"),
        ("1e29 * 10", "too_large"),
        ("(10 ** 16) ** 16", "too_large"),
        ("2 ** 17", "wrong_kind"),
        ("2 ** 0.5", "wrong_kind"),
        ("phase + 1", "wrong_kind"),
        ("ok + 1", "wrong_kind"),
        ("clamp(1, 3, 2)", "wrong_kind"),
        ("round(1, 0.5)", "wrong_kind"),
        ("1 if a else 2", "wrong_kind"),
        ("1 if phase > 1 else 2", "wrong_kind"),
    ],
)
def test_what_has_no_value_is_an_error_with_a_name(source: str, code: str) -> None:
    assert error(source) == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "wrong_kind"),
        ([1], "wrong_kind"),
        ({}, "wrong_kind"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        ("1e999", "too_large"),
        ("1e-999", "too_large"),
        (10**40, "not_a_number"),
        ("x" * 201, "too_large"),
    ],
)
def test_evidence_that_is_no_value_is_an_error_with_a_name(raw: object, code: str) -> None:
    with pytest.raises(ExpressionError) as asked:
        value_of("v", raw)
    assert asked.value.code == code


def test_a_zero_may_have_any_exponent() -> None:
    assert value_of("v", "0e-5000") == 0


def test_only_what_is_needed_is_looked_up() -> None:
    asked: list[str] = []

    def noting(name: str) -> Any:
        asked.append(name)
        return lookup(name)

    assert parse("a if ok else b", NAMES, "number").value(noting) == Fraction("0.1")
    assert asked == ["ok", "a"]


def test_equal_sources_are_equal_expressions() -> None:
    assert parse("a + 1", NAMES, "number") == parse("a + 1", NAMES, "number") != parse("a + 2", NAMES, "number")


@pytest.mark.parametrize("name", ["coil-ohm", "1st", "if", "min", "ﬁ", ""])
def test_names_that_no_expression_can_write_are_refused(name: str) -> None:
    with pytest.raises(ExpressionFault, match="cannot be a name"):
        check_names([name])


# ---- any text, and random arithmetic against Python's own fractions ---------------------------------------------------------------

WORDS = """1 0.1 1e9 2 0 ( ) , + - * / // % ** < == != >= and or not if else 'B' " ' True None . lambda for in is await \\ [ ] f'"""
SOUP = st.lists(st.sampled_from([*NAMES, *FUNCTIONS, *WORDS.split(), "\n"]), max_size=40).map(" ".join)


def bounded(expression: Expression) -> None:
    try:
        found = expression.value(lookup)
    except ExpressionError:
        return
    assert isinstance(found, (bool, str, Fraction))
    if isinstance(found, Fraction):
        assert max(found.numerator.bit_length(), found.denominator.bit_length()) <= BITS_MAX


@given(
    st.one_of(st.text(max_size=SOURCE_CHARS_MAX + 10), SOUP, SOUP.map(lambda text: text.replace(" ", ""))),
    st.sampled_from(["number", "truth"]),
)
def test_any_text_is_refused_or_has_a_bounded_evaluation(source: str, expected: Kind) -> None:
    try:
        expression = parse(source, NAMES, expected)
    except ExpressionFault:
        return
    bounded(expression)


Pair = tuple[str, Fraction | None]
NUMBERS = st.decimals(min_value=0, max_value=1000, places=3)


def _leaf(number: Decimal) -> Pair:
    return str(number), Fraction(number)


def _joined(parts: tuple[Pair, str, Pair]) -> Pair:
    (left, x), sign, (right, y) = parts
    source = f"{sign}({left}, {right})" if sign in ("min", "max") else f"({left} {sign} {right})"
    if x is None or y is None or (sign in ("/", "//", "%") and y == 0):
        return source, None
    done = {
        "+": lambda: x + y,
        "-": lambda: x - y,
        "*": lambda: x * y,
        "/": lambda: x / y,
        "min": lambda: min(x, y),
        "max": lambda: max(x, y),
    }
    done |= {"//": lambda: Fraction(math.floor(x / y)), "%": lambda: x - y * math.floor(x / y)}
    value = done[sign]()
    return source, value if abs(value) < 10**30 else None


SIGNS = st.sampled_from(["+", "-", "*", "/", "//", "%", "min", "max"])
TREES = st.recursive(NUMBERS.map(_leaf), lambda below: st.tuples(below, SIGNS, below).map(_joined), max_leaves=12)


@given(TREES)
def test_arithmetic_is_that_of_fractions(tree: Pair) -> None:
    source, expected = tree
    try:
        found = worth(source)
    except (ExpressionError, ExpressionFault):
        assert expected is None or len(source) > SOURCE_CHARS_MAX
        return
    assert found == expected
