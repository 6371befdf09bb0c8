"""Evaluates a checked expression: each node at most once, and each name only where it is needed. What has no value asks."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction

from contest_server.core.expression_functions import ARITHMETIC, COMPARISONS, FUNCTIONS, power
from contest_server.core.expression_values import ExpressionError, Kind, Value, as_number, as_truth, bounded, kind_of
from contest_server.core.saying import Coded, Said


class Evaluation:
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
                return not as_truth(self.of(node.operand))
            case ast.UnaryOp():
                operand = as_number(self.of(node.operand))
                return -operand if isinstance(node.op, ast.USub) else operand
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.BoolOp():
                wanted = isinstance(node.op, ast.Or)
                return wanted if any(as_truth(self.of(part)) is wanted for part in node.values) else not wanted
            case ast.Compare():
                return self._comparison(node)
            case ast.IfExp():
                return self.of(node.body if as_truth(self.of(node.test)) else node.orelse)
            case ast.Call(func=ast.Name()):
                return bounded(FUNCTIONS[node.func.id].run(*(as_number(self.of(each)) for each in node.args)))  # type: ignore[attr-defined]
        raise AssertionError(f"{type(node).__name__} was let through when the definition was read")

    def _arithmetic(self, node: ast.BinOp) -> Fraction:
        left, right = as_number(self.of(node.left)), as_number(self.of(node.right))
        if isinstance(node.op, ast.Pow):
            return power(left, right)
        if right == 0 and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
            raise ExpressionError("division_by_zero", Said("{words} divides by zero", words=self._words(node)))
        return bounded(ARITHMETIC[type(node.op)](left, right))

    def _comparison(self, node: ast.Compare) -> bool:
        left = self.of(node.left)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = self.of(part)
            if fault := self._incomparable(node, sign, kind_of(left), kind_of(right)):
                raise ExpressionError("wrong_kind", fault)
            if not COMPARISONS[type(sign)](left, right):
                return False
            left = right
        return True

    def _incomparable(self, node: ast.Compare, sign: ast.cmpop, kind: Kind, other: Kind) -> Said | None:
        if kind != other:
            this, that = Coded("value", kind), Coded("value", other)
            return Said("{words} compares a {kind} with a {other}", words=self._words(node), kind=this, other=that)
        if kind != "number" and not isinstance(sign, (ast.Eq, ast.NotEq)):
            return Said("{words}: only numbers have an order", words=self._words(node))
        return None

    def _words(self, node: ast.expr) -> str:
        return self._source.encode()[node.col_offset : node.end_col_offset].decode(errors="replace")[:80]
