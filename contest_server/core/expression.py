"""Expressions of a definition (`when = …`, `formula`): exact arithmetic over named values. Refuses what could run long or reach further.

A small subset of Python's grammar, read by `ast` and never executed: numbers, names, text in quotes (only to compare), + - * / // % **,
comparisons, and / or / not, `a if b else c`, and a few functions. No attributes, no subscripts, no loops: an evaluation visits each
node at most once. Numbers are taken from the source text as decimals and reckoned as fractions: 0.1 + 0.2 == 0.3, 1 / 3 * 3 == 1.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from contest_server.core.expression_evaluating import Evaluation
from contest_server.core.expression_functions import FUNCTIONS as FUNCTIONS
from contest_server.core.expression_reading import NODES_MAX as NODES_MAX
from contest_server.core.expression_reading import SOURCE_CHARS_MAX as SOURCE_CHARS_MAX
from contest_server.core.expression_reading import ExpressionFault as ExpressionFault
from contest_server.core.expression_reading import check_names as check_names
from contest_server.core.expression_reading import read
from contest_server.core.expression_values import BITS_MAX as BITS_MAX
from contest_server.core.expression_values import ExpressionError as ExpressionError
from contest_server.core.expression_values import Kind as Kind
from contest_server.core.expression_values import Value as Value
from contest_server.core.expression_values import as_number, as_truth
from contest_server.core.expression_values import shown as shown
from contest_server.core.expression_values import value_of as value_of


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
        return Evaluation(self.source, lookup).of(self.root)

    def number(self, lookup: Callable[[str], Value]) -> Fraction:
        return as_number(self.value(lookup))

    def holds(self, lookup: Callable[[str], Value]) -> bool:
        return as_truth(self.value(lookup))


def parse(source: str, names: Iterable[str], expected: Kind) -> Expression:
    """The expression in this text, whose names must be among these and whose value is of the expected kind.

    Raises:
        ExpressionFault: it is too long, too deep, not in the language, or names what is not there.
    """
    text, root, used = read(source, names, expected)
    return Expression(text, tuple(sorted(used)), root)
