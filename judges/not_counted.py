"""Attempts that a rule does not count, each with the reason. Shared by the rules that count a cell's attempts."""

from __future__ import annotations

from collections.abc import Collection

from contest_server.core.judging import CellView, Coded, Said, Text


def not_counted(cell: CellView, outcomes: Collection[str]) -> dict[str, Text]:
    """Those of a cell that were admitted, but have none of these outcomes, by their names: "is free", "is still at work"."""
    return {
        str(each.id): Said("is {outcome}", outcome=Coded("outcome", each.outcome) if each.outcome else Said("still at work"))
        for each in cell.counted
        if each.outcome not in outcomes
    }
