"""Every question of a contest: what judges ask, and what the officials' own acts give reason to ask. One list for all who read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from contest_server.core.acts import Override
from contest_server.core.adjusting import late_adjustments
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.corrections import broken_signatures
from contest_server.core.field_flags import Questions
from contest_server.core.flags import Flag
from contest_server.core.ids import OfficialId, StageId
from contest_server.core.sampling import begun, samples_of, too_many_errors
from contest_server.core.saying import Coded, Said

RECUSAL, OVERRIDES = "recusal", "overrides"
"""What stands for a rule where officials' acts give reason to ask."""
OVERRIDES_MIN = 5
OVERRIDES_PERCENT = 10
"""From so many overrides by one official on, and so many per cent of all judged work, the rule rather than the work should be looked at."""


def questions_of(contest: Contest, surveys: Sequence[Flag] | None = None, stages: Mapping[StageId, Questions] | None = None) -> list[Flag]:
    """Open and answered ones, judges' first. `surveys` are those about the contest as a whole, and `stages` those about several contestants
    at a stage, where somebody asked for them already.
    """
    if contest.bench is None:
        return []
    own = (broken_signatures, _recusals, _overrides, _samples, _nobodys_marks, late_adjustments)
    return [*flags_of(contest, surveys, stages), *(flag for ask in own for flag in ask(contest))]


def is_about_official(flag: Flag, official: OfficialId) -> bool:
    """Whether it asks about what this official did; others answer it."""
    if flag.rule == RECUSAL:
        return bool(flag.seen == official)
    return flag.rule == OVERRIDES and flag.subject == f"official {official}"


def _recusals(contest: Contest) -> Iterator[Flag]:
    """Who tried to act where they may not (回避): refused, and told."""
    for position, away in contest.office.turned_away:
        detail = Said(
            "{official} tried to {verb} and was refused: {detail}",
            official=away.official,
            verb=Coded("deed", away.verb),
            detail=away.detail,
        )
        code = "own_unit" if away.code == "recused" else away.code
        suggestion = Said("let another referee look at this work; speak with the official")
        yield Flag(
            code, "review", RECUSAL, away.contestant, away.stage, f"entry {position}", detail, None, away.official, suggestion=suggestion
        )


def _overrides(contest: Contest) -> Iterator[Flag]:
    """Overriding is the exception: where it becomes the rule, the rule is wrong, or the official is (F)."""
    judged = sum(len(sheet.cells) for sheet in contest.sheets.values())
    by = Counter(each.official for each in contest.office.rulings.in_force() if isinstance(each.action, Override))
    for official, count in sorted(by.items()):
        if count >= OVERRIDES_MIN and 100 * count > OVERRIDES_PERCENT * judged:
            percent = (Decimal(100 * count) / judged).quantize(Decimal("0.1"))
            detail = Said(
                "{official} overrode {count} of {judged} judgements ({percent} %)",
                official=official,
                count=count,
                judged=judged,
                percent=str(percent),
            )
            suggestion = Said("mend the rule and rejudge, rather than override one by one")
            yield Flag(
                "override_rate", "review", OVERRIDES, None, None, f"official {official}", detail, OVERRIDES_PERCENT, str(percent),
                suggestion=suggestion,
            )  # fmt: skip


def _samples(contest: Contest) -> Iterator[Flag]:
    """A recheck that found too many errors (F)."""
    sample = too_many_errors(samples_of(contest), begun(contest))
    if sample is not None:
        detail = Said(
            "wrong in the sample: {errors} of {count} results; everybody has to be rechecked",
            errors=sample.errors,
            count=len(sample.drawn.members),
        )
        flag = Flag(
            "recheck_errors", "block", "recheck", None, None, f"sample {sample.drawn.id}", detail, sample.limit_percent,
            sample.errors_percent, suggestion=Said("recheck everybody"),
        )  # fmt: skip
        percent = (Decimal(100 * sample.errors) / max(1, len(sample.drawn.members))).quantize(Decimal("0.1"))
        yield replace(flag, seen=str(percent))  # what is compared: of the whole sample; the key stays what it was


def _nobodys_marks(contest: Contest) -> Iterator[Flag]:
    """A mark under a code that was never drawn: somebody's mark is missing where it should be."""
    for mark in contest.office.nobodys_marks():
        detail = Said(
            "{official} marked {aspect} under the code {code!r}, which was never drawn; the mark counts for nobody",
            official=mark.official,
            aspect=mark.aspect,
            code=mark.code,
        )
        suggestion = Said("ask the referee whose work it was, and have it marked again")
        yield Flag(
            "unknown_code", "review", "blind_codes", None, mark.stage, f"mark {mark.id}", detail, None, mark.code, suggestion=suggestion
        )
