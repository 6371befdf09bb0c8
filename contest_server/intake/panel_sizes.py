"""Panels (`panel` at an aspect) that their rule could never judge: it needs more marks, or another number of them, than the panel has."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from contest_server.core.evidence import MissingEvidence
from contest_server.core.faults import Fault
from contest_server.core.rulebook import Rulebook
from contest_server.core.saying import Said

PANEL_MAX = 50


def panels_never_judged(book: Rulebook) -> Iterator[Fault]:
    """One for each panel that no result could ever come of. The rules themselves are asked (`share_of`)."""
    for rules in book.stages.values():
        places = {aspect.id: number for number, aspect in enumerate(rules.definition.aspects)}
        for aspect, rule in rules.scorers:
            if aspect.panel is None or aspect.double_entry or _judges(rule.judge, aspect.panel):
                continue
            where = f"stages[{rules.view.index}].aspects[{places[aspect.id]}].panel"
            yield Fault(where, _never(rule.name, rule.judge, aspect.panel), "panel_never_judged")


def _judges(judge: Any, count: int) -> bool:
    """Whether the rule makes something of so many marks. What does not say (no `share_of`) may take any number."""
    if not hasattr(judge, "share_of"):
        return True
    try:
        judge.share_of([Fraction(1)] * count)
    except MissingEvidence:
        return False
    except Exception:  # noqa: BLE001 - a third party's code may raise anything, which says nothing about the number of marks
        return True
    return True


def _never(rule: str, judge: Any, panel: int) -> Said:
    """What to set instead: the next panels that the rule judges, the smaller one first."""
    fewer = next((count for count in range(panel - 1, 0, -1) if _judges(judge, count)), None)
    more = next((count for count in range(panel + 1, PANEL_MAX + 1) if _judges(judge, count)), None)
    match fewer, more:
        case None, None:
            return Said("rule {rule!r} never judges a panel of {panel}; change the rule's options", rule=rule, panel=panel)
        case int(), int():
            return Said(
                "rule {rule!r} never judges a panel of {panel}; set panel to {fewer} or {more}, or change the rule's options",
                rule=rule,
                panel=panel,
                fewer=fewer,
                more=more,
            )
    return Said(
        "rule {rule!r} never judges a panel of {panel}; set panel to {fits}, or change the rule's options",
        rule=rule,
        panel=panel,
        fits=more if fewer is None else fewer,
    )
