"""Expressions of a definition (`when = …`, `formula`): exact arithmetic over named values. Refuses what could run long or reach further.

A small subset of Python's grammar, read by `ast` and never executed: numbers, names, text in quotes (only to compare), + - * / // % **,
comparisons, and / or / not, `a if b else c`, and the functions below. No attributes, no subscripts, no loops: an evaluation visits each
node at most once. Numbers are taken from the source text as decimals and reckoned as fractions: 0.1 + 0.2 == 0.3, 1 / 3 * 3 == 1.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from contest_server.core.saying import Coded, Said, Text

SOURCE_CHARS_MAX = 500
NODES_MAX = 100
DEPTH_MAX = 20
EXPONENT_MAX = 16
MAGNITUDE_MAX = 30
"""A value is below 10 to this power, and a number in the source or the evidence is not finer than its inverse."""
BITS_MAX = 512
"""Of the numerator and of the denominator of every intermediate value."""
TEXT_CHARS_MAX = 200

Value = Fraction | bool | str
Kind = Literal["number", "truth", "text"]

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_FORBIDDEN = re.compile(r"[^\w\s+\-*/%<>=!(),.]")
_WORD = re.compile(r"(?<![\w.])(?:\d|\.\d)(?:[eE][+-](?=\d)|[\w.])*")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class ExpressionFault(ValueError):
    """The expression cannot be used. Says what is wrong with it, and where it can, what was meant."""


class ExpressionError(Exception):
    """The expression has no value for these inputs. `code` is a stable word: division_by_zero, too_large, wrong_kind, not_a_number."""

    def __init__(self, code: str, detail: Text) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments, and what it does."""

    least: int
    most: int
    run: Callable[..., Fraction]


def rounded(number: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    """Halves away from zero, as marks are rounded."""
    if places.denominator != 1 or not 0 <= places <= 12:
        raise ExpressionError("wrong_kind", Said("round takes 0 to 12 places"))
    scale = 10 ** int(places)
    whole = (2 * abs(number) * scale + 1) // 2
    return Fraction(-whole if number < 0 else whole, scale)


def _clamp(number: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if low > high:
        raise ExpressionError("wrong_kind", Said("clamp takes a value, the lowest and the highest it may be"))
    return min(max(number, low), high)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(1, 1, abs),
    "ceil": Function(1, 1, lambda number: Fraction(math.ceil(number))),
    "clamp": Function(3, 3, _clamp),
    "floor": Function(1, 1, lambda number: Fraction(math.floor(number))),
    "max": Function(2, 20, max),
    "min": Function(2, 20, min),
    "round": Function(1, 2, rounded),
}

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `names` are those it uses, in order of the alphabet."""

    source: str
    names: tuple[str, ...]
    root: ast.expr = field(compare=False, repr=False)

    def value(self, lookup: Callable[[str], Value]) -> Value:
        """The value, with each name looked up only where it is needed.

        Raises:
            ExpressionError: division by zero, a value that is too large or of the wrong kind. What `lookup` raises passes through.
        """
        return _Evaluation(self.source, lookup).of(self.root)

    def number(self, lookup: Callable[[str], Value]) -> Fraction:
        return _number(self.value(lookup))

    def holds(self, lookup: Callable[[str], Value]) -> bool:
        return _truth(self.value(lookup))


def parse(source: str, names: Iterable[str], expected: Kind) -> Expression:
    """The expression in this text, whose names must be among these and whose value is of the expected kind.

    Raises:
        ExpressionFault: it is too long, too deep, not in the language, or names what is not there.
    """
    text = _checked_text(source)
    try:
        root = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ExpressionFault(f"{_shown(source)} is no expression: {reason}") from None
    reader = _Reader(text.encode(), set(names))
    found = reader.read(root, 1)
    if found not in (expected, None):
        raise ExpressionFault(f"{_shown(source)} gives a {found}; expected a {expected}")
    return Expression(text, tuple(sorted(reader.used)), root)


def value_of(name: str, raw: object) -> Value:
    """A value out of evidence: a number, true or false, or a text.

    Raises:
        ExpressionError: none of these, or a number beyond all limits.
    """
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, Fraction):
        return _bounded(raw)
    if isinstance(raw, (int, float, Decimal)):
        return _decimal(name, str(raw) if not isinstance(raw, int) or abs(raw) < 10**MAGNITUDE_MAX else "inf")
    if isinstance(raw, str):
        return _decimal(name, raw) if _NUMBER.fullmatch(raw.strip().removeprefix("-")) else _short(name, raw)
    raise ExpressionError("wrong_kind", Said("{name}: {raw!r:.40} is no number, truth or text", name=name, raw=raw))


def shown(value: Value) -> str:
    """A value as it stands in an explanation: 24, 49.9, true, B; what does not end is shown to 6 places."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    places = rounded(value, Fraction(6))
    text = format(Decimal(places.numerator) / Decimal(places.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_names(names: Iterable[str]) -> None:
    """Hold names to what an expression can write.

    Raises:
        ExpressionFault: naming the one it cannot.
    """
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name) or name in FUNCTIONS:
            raise ExpressionFault(
                f"{name!r} cannot be a name in an expression: letters, digits and '_', no function and no word of the language"
            )
        if unicodedata.normalize("NFKC", name) != name:
            raise ExpressionFault(f"{name!r} cannot be a name in an expression; write it as {unicodedata.normalize('NFKC', name)!r}")


def _checked_text(source: str) -> str:
    if len(source) > SOURCE_CHARS_MAX:
        raise ExpressionFault(f"an expression has at most {SOURCE_CHARS_MAX} characters; this one has {len(source)}")
    text = re.sub(r"[\t\r\n]", " ", source).strip()
    if not text:
        raise ExpressionFault("the expression is empty")
    if "\\" in text:
        raise ExpressionFault(f"{_shown(source)}: a backslash has no meaning in an expression")
    bare = _TEXT.sub(" x ", text)
    if found := _FORBIDDEN.search(bare):
        raise ExpressionFault(f"{_shown(source)}: {found[0]!r} has no meaning in an expression")
    for word in _WORD.finditer(bare):
        if not _NUMBER.fullmatch(word[0]):
            raise ExpressionFault(f"{_shown(source)}: {word[0]!r:.40} is not a number")
    return text


def _shown(source: str) -> str:
    return repr(source if len(source) <= 80 else f"{source[:77]}…")


class _Reader:
    """Walks a parsed text once: every node is known, every name is there, every number is taken from the text itself."""

    def __init__(self, text: bytes, names: set[str]) -> None:
        self.used: set[str] = set()
        self._text = text
        self._names = names
        self._nodes = 0

    def read(self, node: ast.expr, depth: int) -> Kind | None:
        """The kind of the node's value; None where only the evidence tells."""
        self._count(depth)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp() | ast.UnaryOp():
                return self._arithmetic(node, depth)
            case ast.BoolOp():
                for part in node.values:
                    self._expect("truth", part, depth)
                return "truth"
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.IfExp():
                return self._choice(node, depth)
            case ast.Call():
                return self._call(node, depth)
        raise ExpressionFault(f"{self._source(node)!r:.60} is not in the language of expressions")

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise ExpressionFault(f"an expression has at most {NODES_MAX} parts")
        if depth > DEPTH_MAX:
            raise ExpressionFault(f"an expression is at most {DEPTH_MAX} levels deep")

    def _choice(self, node: ast.IfExp, depth: int) -> Kind | None:
        self._expect("truth", node.test, depth)
        first, second = self.read(node.body, depth + 1), self.read(node.orelse, depth + 1)
        return first if first == second else None

    def _expect(self, kind: Kind, node: ast.expr, depth: int) -> None:
        found = self.read(node, depth + 1)
        if found not in (kind, None):
            raise ExpressionFault(f"{self._source(node)!r:.60} is a {found}; expected a {kind}")

    def _constant(self, node: ast.Constant) -> Kind:
        if isinstance(node.value, bool):
            return "truth"
        if isinstance(node.value, str):
            if len(node.value) > TEXT_CHARS_MAX:
                raise ExpressionFault(f"a text has at most {TEXT_CHARS_MAX} characters")
            return "text"
        if not isinstance(node.value, (int, float)):
            raise ExpressionFault(f"{self._source(node)!r:.60} is not in the language of expressions")
        try:
            node.value = _decimal("the number", self._source(node))  # type: ignore[assignment]  # the decimal of the text, not its float
        except ExpressionError as error:
            raise ExpressionFault(f"{self._source(node)!r:.60}: {error}") from None
        return "number"

    def _name(self, node: ast.Name) -> Kind | None:
        if node.id not in self._names:
            near = difflib.get_close_matches(node.id, self._names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(self._names)) or 'no names'}"
            raise ExpressionFault(f"nothing is called {node.id!r}; {hint:.400}")
        self.used.add(node.id)
        return None

    def _arithmetic(self, node: ast.BinOp | ast.UnaryOp, depth: int) -> Kind:
        if isinstance(node, ast.UnaryOp):
            kind: Kind = "truth" if isinstance(node.op, ast.Not) else "number"
            if isinstance(node.op, ast.Invert):
                raise ExpressionFault("'~' has no meaning in an expression")
            self._expect(kind, node.operand, depth)
            return kind
        if not isinstance(node.op, (*_ARITHMETIC, ast.Pow)):
            raise ExpressionFault(f"{self._source(node)!r:.60}: this operator is not in the language of expressions")
        self._expect("number", node.left, depth)
        self._expect("number", node.right, depth)
        return "number"

    def _comparison(self, node: ast.Compare, depth: int) -> Kind:
        kinds = {self.read(part, depth + 1) for part in (node.left, *node.comparators)} - {None}
        if not all(isinstance(each, tuple(_COMPARISONS)) for each in node.ops):
            raise ExpressionFault(f"{self._source(node)!r:.60}: compare with == != < <= > >=")
        if len(kinds) > 1:
            raise ExpressionFault(f"{self._source(node)!r:.60} compares a {' with a '.join(sorted(filter(None, kinds)))}")
        if kinds - {"number"} and not all(isinstance(each, (ast.Eq, ast.NotEq)) for each in node.ops):
            raise ExpressionFault(f"{self._source(node)!r:.60}: only numbers have an order")
        return "truth"

    def _call(self, node: ast.Call, depth: int) -> Kind:
        name = node.func.id if isinstance(node.func, ast.Name) else self._source(node.func)
        function = FUNCTIONS.get(name)
        if function is None:
            raise ExpressionFault(f"no function is called {name!r:.40}; there are {', '.join(FUNCTIONS)}")
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise ExpressionFault(f"{name} takes plain values")
        if not function.least <= len(node.args) <= function.most:
            wanted = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
            raise ExpressionFault(f"{name} takes {wanted} values; found {len(node.args)}")
        for each in node.args:
            self._expect("number", each, depth)
        return "number"

    def _source(self, node: ast.expr) -> str:
        return self._text[node.col_offset : node.end_col_offset].decode(errors="replace")


class _Evaluation:
    """One evaluation over looked-up values."""

    def __init__(self, source: str, lookup: Callable[[str], Value]) -> None:
        self._source = source
        self._lookup = lookup

    def of(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return node.value  # type: ignore[return-value]  # a Fraction since it was read
            case ast.Name():
                return self._lookup(node.id)
            case ast.UnaryOp(op=ast.Not()):
                return not _truth(self.of(node.operand))
            case ast.UnaryOp():
                operand = _number(self.of(node.operand))
                return -operand if isinstance(node.op, ast.USub) else operand
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.BoolOp():
                wanted = isinstance(node.op, ast.Or)
                return wanted if any(_truth(self.of(part)) is wanted for part in node.values) else not wanted
            case ast.Compare():
                return self._comparison(node)
            case ast.IfExp():
                return self.of(node.body if _truth(self.of(node.test)) else node.orelse)
            case ast.Call(func=ast.Name()):
                return _bounded(FUNCTIONS[node.func.id].run(*(_number(self.of(each)) for each in node.args)))  # type: ignore[attr-defined]
        raise AssertionError(f"{type(node).__name__} was let through when the definition was read")

    def _arithmetic(self, node: ast.BinOp) -> Fraction:
        left, right = _number(self.of(node.left)), _number(self.of(node.right))
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        if right == 0 and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
            raise ExpressionError("division_by_zero", Said("{words} divides by zero", words=self._words(node)))
        return _bounded(_ARITHMETIC[type(node.op)](left, right))

    def _words(self, node: ast.expr) -> str:
        return self._source.encode()[node.col_offset : node.end_col_offset].decode(errors="replace")[:80]

    def _comparison(self, node: ast.Compare) -> bool:
        left = self.of(node.left)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = self.of(part)
            if _kind(left) != _kind(right):
                raise ExpressionError(
                    "wrong_kind",
                    Said(
                        "{words} compares a {kind} with a {other}",
                        words=self._words(node),
                        kind=Coded("value", _kind(left)),
                        other=Coded("value", _kind(right)),
                    ),
                )
            if _kind(left) != "number" and not isinstance(sign, (ast.Eq, ast.NotEq)):
                raise ExpressionError("wrong_kind", Said("{words}: only numbers have an order", words=self._words(node)))
            if not _COMPARISONS[type(sign)](left, right):
                return False
            left = right
        return True


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > EXPONENT_MAX:
        raise ExpressionError("wrong_kind", Said("an exponent is a whole number from -{most} to {most}", most=EXPONENT_MAX))
    if base == 0 and exponent < 0:
        raise ExpressionError("division_by_zero", Said("a negative power of zero divides by zero"))
    return _bounded(Fraction(base ** int(exponent)))


def _kind(value: Value) -> Kind:
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _number(value: Value) -> Fraction:
    if not isinstance(value, Fraction):
        raise ExpressionError(
            "wrong_kind", Said("{value!r:.40} is a {kind}; expected a number", value=value, kind=Coded("value", _kind(value)))
        )
    return value


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError(
            "wrong_kind",
            Said("{value!s:.40} is a {kind}; expected a truth, e.g. a comparison", value=value, kind=Coded("value", _kind(value))),
        )
    return value


def _bounded(number: Fraction) -> Fraction:
    if number.numerator.bit_length() > BITS_MAX or number.denominator.bit_length() > BITS_MAX or abs(number) >= 10**MAGNITUDE_MAX:
        raise ExpressionError("too_large", Said("a value is beyond 10^{most}, or has too many digits", most=MAGNITUDE_MAX))
    return number


def _decimal(name: str, text: str) -> Fraction:
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        raise ExpressionError("not_a_number", Said("{name}: {text!r:.40} is not a number", name=name, text=text)) from None
    if not number.is_finite():
        raise ExpressionError("not_a_number", Said("{name}: {text!r:.40} is not a finite number", name=name, text=text))
    if not number:
        return Fraction(0)
    if number.adjusted() >= MAGNITUDE_MAX or int(number.as_tuple().exponent) < -MAGNITUDE_MAX:
        raise ExpressionError(
            "too_large",
            Said(
                "{name}: {text!r:.40} is beyond 10^{most}, or finer than its inverse",
                name=name,
                text=text,
                most=MAGNITUDE_MAX,
            ),
        )
    return _bounded(Fraction(number))


def _short(name: str, text: str) -> str:
    if len(text) > TEXT_CHARS_MAX:
        raise ExpressionError(
            "too_large",
            Said(
                "{name}: a text of {count} characters; at most {most} can be compared",
                name=name,
                count=len(text),
                most=TEXT_CHARS_MAX,
            ),
        )
    return text
