"""May this official give this mark, now? Refuses what its judge could not take, and what is complete already."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contest_server.core.actors import Actor
from contest_server.core.acts import Marked
from contest_server.core.contest import Contest
from contest_server.core.definition import AspectDef
from contest_server.core.denials import Denied
from contest_server.core.evidence import MissingEvidence, decimal_of
from contest_server.core.marks import sheaf_of
from contest_server.core.ruling_forms import REASON_MAX_CHARS, check_attempt
from contest_server.core.saying import Said
from contest_server.core.statements import is_entered


def mark(contest: Contest, actor: Actor, marked: Marked) -> Marked | None:
    """A referee's mark to enter; None where it is entered already. Raises Denied."""
    if is_entered(contest, marked):
        return None
    if contest.final:
        raise Denied("final", Said("the result is final"))
    aspect, judge = _marked_aspect(contest, marked)
    if marked.contestant is not None:
        if marked.contestant in actor.recused:
            raise Denied("recused", Said("you are recused from {contestant}", contestant=marked.contestant))
        check_attempt(contest, marked.contestant, marked.stage, marked.attempt)
        if marked.attempt is None:
            raise Denied("bad_mark", Said("attempt: missing; name the attempt that the mark is for"))
        if sheaf_of(aspect, marked.attempt, contest.office.marks_of(marked.contestant, marked.stage)).complete:
            raise Denied("complete", Said("all marks are in; changing one needs a ruling (override)"))
    elif marked.code is None or not contest.office.codes.top:
        raise Denied("bad_mark", Said("contestant: missing; name a contestant, or a code where blind codes were drawn"))
    _check_value(marked.value, aspect, judge)
    return marked


def _marked_aspect(contest: Contest, marked: Marked) -> tuple[AspectDef, Any]:
    """The aspect, and the judge of its marks."""
    rules = contest.fields[marked.stage].rules if marked.stage in contest.fields else None
    if rules is None:
        raise Denied("unknown_stage", Said("{stage!r} is not a stage", stage=marked.stage))
    for aspect, rule in (*rules.scorers, *rules.compared):
        if aspect.id == marked.aspect and aspect.id in rules.marked:
            return aspect, rule.judge
    names: Mapping[str, str] = rules.marked
    raise Denied(
        "bad_mark",
        Said("aspect: referees mark {names} at this stage, not {aspect!r}", names=sorted(names) or Said("nothing"), aspect=marked.aspect),
    )


def _check_value(value: str, aspect: AspectDef, judge: Any) -> None:
    """A panel's mark is one that its judge could take: `highest` and `whole_marks` say which, where the judge has them."""
    if aspect.double_entry and aspect.panel is None:
        if not value.strip() or len(value) > REASON_MAX_CHARS:
            raise Denied("bad_mark", Said("value: missing, or too long"))
        return
    try:
        number = decimal_of("value", value)  # as the judge will read it
    except MissingEvidence:
        raise Denied("bad_mark", Said("value: {value!r} is not a number", value=value[:40])) from None
    highest = getattr(judge, "highest", None)
    if number < 0 or (isinstance(highest, Decimal) and number > highest):
        raise Denied(
            "bad_mark",
            Said(
                "value: {value} is outside 0 to {highest}", value=value[:40], highest=str(highest) if highest is not None else Said("any")
            ),
        )
    if getattr(judge, "whole_marks", False) and number != number.to_integral_value():
        raise Denied("bad_mark", Said("value: {value} is no whole number", value=value[:40]))
