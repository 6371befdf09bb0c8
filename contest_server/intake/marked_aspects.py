"""Aspects that referees are to mark (`panel`, `double_entry`) by a rule that takes no such marks: nothing would ever be judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contest_server.core.definition import AspectDef
from contest_server.core.faults import Fault
from contest_server.core.rulebook import Rulebook
from contest_server.core.saying import Said
from contest_server.core.telling import wanted_of

TAKES_NONE = "takes_no_marks"


def marks_never_taken(book: Rulebook) -> Iterator[Fault]:
    """One for each `panel` and each `double_entry` whose rule could make nothing of it. Rules say what they read themselves."""
    for rules in book.stages.values():
        places = {aspect.id: number for number, aspect in enumerate(rules.definition.aspects)}
        for aspect, rule in (*rules.scorers, *rules.compared):
            for key, why in _amiss(aspect, rule.judge):
                yield Fault(f"stages[{rules.view.index}].aspects[{places[aspect.id]}].{key}", why, TAKES_NONE)


def _amiss(aspect: AspectDef, judge: Any) -> Iterator[tuple[str, Said]]:
    """What is set in vain, and why."""
    of_a_panel = _takes_a_panel(judge)
    if aspect.panel is not None and not of_a_panel:
        yield "panel", Said("rule {rule!r} takes no marks of a panel; choose a rule that does, or leave panel out", rule=aspect.rule)
    if aspect.double_entry and of_a_panel:
        yield (
            "double_entry",
            Said("rule {rule!r} takes marks of a panel, not one value that two persons enter; set panel instead", rule=aspect.rule),
        )
    elif aspect.double_entry and not _takes_a_value(judge):
        yield (
            "double_entry",
            Said("rule {rule!r} reads no single value that two persons could enter; leave double_entry out", rule=aspect.rule),
        )


def _takes_a_panel(judge: Any) -> bool:
    """Whether the rule says so, by what it tells surveys of a panel."""
    return hasattr(judge, "marks_given") or hasattr(judge, "share_of")


def _takes_a_value(judge: Any) -> bool:
    """Whether the rule's `field` is one that somebody enters by hand."""
    return judge.field in {each.field for each in wanted_of(judge)}
