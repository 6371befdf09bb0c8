"""A text of TOML as plain values, its decimals exact. Refuses numbers that are too long to be told to anybody."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any


def read_toml(text: str) -> dict[str, Any]:
    """The document. Raises ValueError (also as TOMLDecodeError), RecursionError, ArithmeticError: `toml_fault` puts them in words."""
    document = tomllib.loads(text, parse_float=Decimal)
    repr(document)  # A hexadecimal number is read at any length, and would fail only where a fault shows it.
    return document
