"""Ranks as a person would count them, for tests to hold others against. Refuses nothing; the keys have to be in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def competition_ranks(keys: Sequence[Any]) -> list[int]:
    """Ranks of keys that are in order already: 98 95 95 90 → 1 2 2 4 (D2)."""
    ranks: list[int] = []
    for index, key in enumerate(keys):
        ranks.append(ranks[-1] if index and keys[index - 1] == key else index + 1)
    return ranks
