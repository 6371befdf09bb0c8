"""Reads the text of an expression: every node is in the language, every name is there, every kind fits. Refuses whatever could run long."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterable

from contest_server.core.expression_functions import ARITHMETIC, COMPARISONS, FUNCTIONS
from contest_server.core.expression_values import NUMBER, TEXT_CHARS_MAX, ExpressionError, Kind, number_in
from contest_server.core.saying import Coded, Said, Text

SOURCE_CHARS_MAX = 500
NODES_MAX = 100
DEPTH_MAX = 20

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_FORBIDDEN = re.compile(r"[^\w\s+\-*/%<>=!(),.]")
_WORD = re.compile(r"(?<![\w.])(?:\d|\.\d)(?:[eE][+-](?=\d)|[\w.])*")


class ExpressionFault(ValueError):
    """The expression cannot be used. Says what is wrong with it, and where it can, what was meant."""

    def __init__(self, detail: Text) -> None:
        super().__init__(detail)
        self.detail = detail


def check_names(names: Iterable[str]) -> None:
    """Hold names to what an expression can write.

    Raises:
        ExpressionFault: naming the one it cannot.
    """
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name) or name in FUNCTIONS:
            rule = Said(
                "{name!r} cannot be a name in an expression: letters, digits and '_', no function and no word of the language", name=name
            )
            raise ExpressionFault(rule)
        usual = unicodedata.normalize("NFKC", name)
        if usual != name:
            raise ExpressionFault(Said("{name!r} cannot be a name in an expression; write it as {usual!r}", name=name, usual=usual))


def read(source: str, names: Iterable[str], expected: Kind) -> tuple[str, ast.expr, set[str]]:
    """The text on one line, its tree with exact numbers, and the names that it uses.

    Raises:
        ExpressionFault: it is too long, too deep, not in the language, names what is not there, or gives another kind.
    """
    text = _checked_text(source)
    root = _parsed(text, source)
    reader = _Reader(text.encode(), set(names))
    found = reader.read(root, 1)
    if found not in (expected, None):
        fault = Said("{source} gives a {kind}; expected a {expected}", source=_shown(source), kind=_named(found), expected=_named(expected))
        raise ExpressionFault(fault)
    return text, root, reader.used


def _checked_text(source: str) -> str:
    if len(source) > SOURCE_CHARS_MAX:
        most = Said("an expression has at most {most} characters; this one has {count}", most=SOURCE_CHARS_MAX, count=len(source))
        raise ExpressionFault(most)
    text = re.sub(r"[\t\r\n]", " ", source).strip()
    if not text:
        raise ExpressionFault(Said("the expression is empty"))
    if "\\" in text:
        raise ExpressionFault(Said("{source}: a backslash has no meaning in an expression", source=_shown(source)))
    bare = _TEXT.sub(" x ", text)
    if found := _FORBIDDEN.search(bare):
        raise ExpressionFault(Said("{source}: {sign!r} has no meaning in an expression", source=_shown(source), sign=found[0]))
    for word in _WORD.finditer(bare):
        if not NUMBER.fullmatch(word[0]):
            raise ExpressionFault(Said("{source}: {word!r:.40} is not a number", source=_shown(source), word=word[0]))
    return text


def _parsed(text: str, source: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ExpressionFault(Said("{source} is no expression: {reason}", source=_shown(source), reason=reason)) from None


def _shown(source: str) -> str:
    return repr(source if len(source) <= 80 else f"{source[:77]}…")


def _named(kind: str | None) -> Coded:
    return Coded("value", str(kind))


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
        raise self._foreign(node)

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise ExpressionFault(Said("an expression has at most {most} parts", most=NODES_MAX))
        if depth > DEPTH_MAX:
            raise ExpressionFault(Said("an expression is at most {most} levels deep", most=DEPTH_MAX))

    def _choice(self, node: ast.IfExp, depth: int) -> Kind | None:
        self._expect("truth", node.test, depth)
        first, second = self.read(node.body, depth + 1), self.read(node.orelse, depth + 1)
        return first if first == second else None

    def _expect(self, kind: Kind, node: ast.expr, depth: int) -> None:
        found = self.read(node, depth + 1)
        if found not in (kind, None):
            words = self._source(node)
            raise ExpressionFault(
                Said("{words!r:.60} is a {kind}; expected a {expected}", words=words, kind=_named(found), expected=_named(kind))
            )

    def _constant(self, node: ast.Constant) -> Kind:
        if isinstance(node.value, bool):
            return "truth"
        if isinstance(node.value, str):
            if len(node.value) > TEXT_CHARS_MAX:
                raise ExpressionFault(Said("a text has at most {most} characters", most=TEXT_CHARS_MAX))
            return "text"
        if not isinstance(node.value, (int, float)):
            raise self._foreign(node)
        try:
            node.value = number_in("the number", self._source(node))  # type: ignore[assignment]  # the decimal of the text, not its float
        except ExpressionError as error:
            raise ExpressionFault(Said("{words!r:.60}: {error}", words=self._source(node), error=error.detail)) from None
        return "number"

    def _name(self, node: ast.Name) -> Kind | None:
        if node.id not in self._names:
            raise ExpressionFault(_unknown(node.id, sorted(self._names)))
        self.used.add(node.id)
        return None

    def _arithmetic(self, node: ast.BinOp | ast.UnaryOp, depth: int) -> Kind:
        if isinstance(node, ast.UnaryOp):
            kind: Kind = "truth" if isinstance(node.op, ast.Not) else "number"
            if isinstance(node.op, ast.Invert):
                raise ExpressionFault(Said("'~' has no meaning in an expression"))
            self._expect(kind, node.operand, depth)
            return kind
        if not isinstance(node.op, (*ARITHMETIC, ast.Pow)):
            raise ExpressionFault(Said("{words!r:.60}: this operator is not in the language of expressions", words=self._source(node)))
        self._expect("number", node.left, depth)
        self._expect("number", node.right, depth)
        return "number"

    def _comparison(self, node: ast.Compare, depth: int) -> Kind:
        words = self._source(node)
        kinds = {self.read(part, depth + 1) for part in (node.left, *node.comparators)} - {None}
        if not all(isinstance(each, tuple(COMPARISONS)) for each in node.ops):
            raise ExpressionFault(Said("{words!r:.60}: compare with == != < <= > >=", words=words))
        if len(kinds) > 1:
            first, second, *_ = sorted(filter(None, kinds))
            raise ExpressionFault(
                Said("{words!r:.60} compares a {kind} with a {other}", words=words, kind=_named(first), other=_named(second))
            )
        if kinds - {"number"} and not all(isinstance(each, (ast.Eq, ast.NotEq)) for each in node.ops):
            raise ExpressionFault(Said("{words!r:.60}: only numbers have an order", words=words))
        return "truth"

    def _call(self, node: ast.Call, depth: int) -> Kind:
        name = node.func.id if isinstance(node.func, ast.Name) else self._source(node.func)
        if name not in FUNCTIONS:
            raise ExpressionFault(Said("no function is called {name!r:.40}; there are {functions}", name=name, functions=list(FUNCTIONS)))
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise ExpressionFault(Said("{name} takes plain values", name=name))
        _check_count(name, len(node.args))
        for each in node.args:
            self._expect("number", each, depth)
        return "number"

    def _foreign(self, node: ast.expr) -> ExpressionFault:
        return ExpressionFault(Said("{words!r:.60} is not in the language of expressions", words=self._source(node)))

    def _source(self, node: ast.expr) -> str:
        return self._text[node.col_offset : node.end_col_offset].decode(errors="replace")


def _unknown(name: str, names: list[str]) -> Said:
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return Said("nothing is called {name!r}; did you mean {near!r}?", name=name, near=near[0])
    if not names:
        return Said("nothing is called {name!r}; there are no names", name=name)
    return Said("nothing is called {name!r}; there are {names:.400}", name=name, names=", ".join(names))


def _check_count(name: str, count: int) -> None:
    least, most = FUNCTIONS[name].least, FUNCTIONS[name].most
    if least == most != count:
        raise ExpressionFault(Said("{name} takes {least} values; found {count}", name=name, least=least, count=count))
    if not least <= count <= most:
        raise ExpressionFault(Said("{name} takes {least} to {most} values; found {count}", name=name, least=least, most=most, count=count))
