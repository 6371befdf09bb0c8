"""Whether a ruling makes sense: what it is about exists, and what it does is possible. Names the field, and what would be right."""

from __future__ import annotations

from decimal import Decimal

from contest_server.core.acts import (
    Annul,
    Confirm,
    Disqualify,
    Drawn,
    Hold,
    Override,
    Penalise,
    Reinstate,
    Remove,
    Reopen,
    Rerun,
    Revealed,
    Ruled,
    Seconded,
    SendBack,
    SetStatus,
    StartClock,
    Step,
    StopClock,
    Undo,
)
from contest_server.core.contest import Contest
from contest_server.core.definition import AspectDef
from contest_server.core.denials import Denied
from contest_server.core.ids import ActId, AttemptId, ContestantId, StageId
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us

REASON_MIN_CHARS = 3
REASON_MAX_CHARS = 1_000
TIME_MAX_MS = 24 * 3_600_000
ON_AN_ATTEMPT = (Override, Annul, Reinstate, Rerun, SendBack)
NOT_UNDONE = (Drawn, Revealed, Seconded)


def check_form(contest: Contest, ruling: Ruled) -> None:
    """Whether the ruling makes sense at all."""
    if contest.definition is None:
        raise Denied("bad_ruling", Said("no definition has been adopted"))
    if contest.final and not isinstance(ruling.action, Reopen):
        raise Denied(
            "final", Said("the result is final since position {position}; the chief referee can reopen it", position=contest.final_at)
        )
    if not REASON_MIN_CHARS <= len(ruling.reason.strip()) <= REASON_MAX_CHARS:
        raise Denied(
            "bad_ruling", Said("reason: say in words why ({least} to {most} characters)", least=REASON_MIN_CHARS, most=REASON_MAX_CHARS)
        )
    _check_scope(contest, ruling)
    _check_action(contest, ruling)


def _check_action(contest: Contest, ruling: Ruled) -> None:
    """Whether what the ruling does is possible."""
    match ruling.action:
        case Override():
            _check_override(contest, ruling, ruling.action)
        case Penalise():
            _check_penalty(ruling.action)
        case Disqualify(aspect=str(aspect)):
            _aspect(contest, ruling, aspect)
        case Remove():
            _check_interval(contest, ruling.action)
        case StopClock() | StartClock():
            _check_clock(contest, ruling)
        case Reopen() if not contest.final:
            raise Denied("not_final", Said("the result is not final; there is nothing to reopen"))
        case Undo(act=act):
            _check_undo(contest, act)
        case _:
            pass


def _check_penalty(penalty: Penalise) -> None:
    if not Decimal(penalty.marks) and not penalty.time_ms:
        raise Denied("bad_ruling", Said("marks, time_ms: both are 0; say what is taken or given back"))
    if abs(penalty.time_ms) > TIME_MAX_MS:
        raise Denied("bad_ruling", Said("time_ms: {time_ms} is more than a day", time_ms=penalty.time_ms))


def _check_interval(contest: Contest, interval: Remove) -> None:
    if interval.from_us >= interval.to_us:
        raise Denied("bad_ruling", Said("from, to: the interval has to end after it begins"))
    venues = {each.id for each in contest.definition.venues} if contest.definition else set()
    if interval.venue is not None and interval.venue not in venues:
        raise Denied("bad_ruling", Said("venue: {venue!r} is not in the definition", venue=interval.venue))


def _check_clock(contest: Contest, ruling: Ruled) -> None:
    """A clock that stands still is started, and one that goes is stopped."""
    assert ruling.contestant is not None, "checked with the scope"
    stops = contest.office.stops_of(ruling.contestant)
    match ruling.action:
        case StopClock(from_us=since):
            before = next((begin for begin, end in stops if begin <= since and (end is None or since < end)), None)
            if before is not None:
                raise Denied(
                    "changed",
                    Said(
                        "the clock of {contestant} stands still already, since {since}",
                        contestant=ruling.contestant,
                        since=text_of_us(before),
                    ),
                )
        case StartClock(at_us=at_us) if not any(begin < at_us and (end is None or at_us < end) for begin, end in stops):
            raise Denied("changed", Said("the clock of {contestant} does not stand still then", contestant=ruling.contestant))


def _check_scope(contest: Contest, ruling: Ruled) -> None:
    """What the ruling is about exists, and is what its verb is about."""
    if ruling.contestant is not None and ruling.contestant not in contest.sheets:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=ruling.contestant))
    if ruling.stage is not None and ruling.stage not in contest.fields:
        raise Denied("unknown_stage", Said("{stage!r} is not a stage", stage=ruling.stage))
    action = ruling.action
    if isinstance(action, ON_AN_ATTEMPT) and (ruling.contestant is None or ruling.stage is None or ruling.attempt is None):
        raise Denied("bad_ruling", Said("contestant, stage, attempt: this ruling is about one attempt; name all three"))
    if isinstance(action, (Penalise, Disqualify, SetStatus, Step, StopClock, StartClock)) and ruling.contestant is None:
        raise Denied("bad_ruling", Said("contestant: missing"))
    if isinstance(action, (StopClock, StartClock)) and ruling.stage is not None:
        raise Denied("bad_ruling", Said("stage: a contestant has one clock, for all stages"))
    if isinstance(action, SetStatus) and ruling.stage is not None:
        raise Denied("bad_ruling", Said("stage: a status is of the whole contest"))
    if isinstance(action, Hold) and (ruling.stage is None or ruling.contestant is not None):
        raise Denied("bad_ruling", Said("stage: judging is held for a stage, of everybody"))
    if isinstance(action, Confirm) and not ruling.flags and ruling.attempt is None:
        raise Denied("bad_ruling", Said("flags: name the questions that are answered, or the attempt that is right"))
    if ruling.contestant is not None and ruling.stage is not None and ruling.attempt is not None:
        check_attempt(contest, ruling.contestant, ruling.stage, ruling.attempt)


def check_attempt(contest: Contest, contestant: ContestantId, stage: StageId, attempt: AttemptId | None) -> None:
    sheet, bench = contest.sheets.get(contestant), contest.bench
    if sheet is None or bench is None:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=contestant))
    attempts = [each.id for each in sheet.attempts(stage, bench)] if stage in sheet.entries else []
    if attempt is not None and attempt not in attempts:
        names = ", ".join(attempts) or "none"
        raise Denied(
            "unknown_attempt",
            Said(
                "{contestant} has no attempt {attempt!r} at {stage}; there are: {names}",
                contestant=contestant,
                attempt=attempt,
                stage=stage,
                names=names,
            ),
        )


def _check_override(contest: Contest, ruling: Ruled, override: Override) -> None:
    if (override.marks is None) == (override.outcome is None):
        raise Denied("bad_ruling", Said("marks, outcome: give either other marks or another outcome"))
    if override.marks is None:
        if override.aspect is not None:
            raise Denied("bad_ruling", Said("aspect: an outcome is of the whole attempt"))
        return
    assert ruling.stage is not None, "checked with the scope"
    most = contest.fields[ruling.stage].rules.view.value if override.aspect is None else _aspect(contest, ruling, override.aspect).max
    if not 0 <= Decimal(override.marks) <= most:
        raise Denied("bad_ruling", Said("marks: {marks} is outside 0 to {most}", marks=str(override.marks), most=str(most)))


def _aspect(contest: Contest, ruling: Ruled, aspect: str) -> AspectDef:
    rules = contest.fields[ruling.stage].rules if ruling.stage in contest.fields else None
    found = next((each for each in rules.definition.aspects if each.id == aspect), None) if rules is not None else None
    if found is None:
        names = ", ".join(each.id for each in rules.definition.aspects) if rules is not None else "none"
        raise Denied(
            "bad_ruling", Said("aspect: the stage has no aspect {aspect!r}; it has {names}", aspect=aspect, names=names or Said("none"))
        )
    return found


def _check_undo(contest: Contest, act: ActId) -> None:
    filed = contest.office.acts.get(act)
    if filed is None:
        raise Denied("unknown_act", Said("act: there is no {act!r} to undo", act=act))
    if isinstance(filed.act, NOT_UNDONE):
        raise Denied("bad_ruling", Said("act: this cannot be undone"))
    if not contest.office.stands(filed.act.id):
        raise Denied("changed", Said("{act} is undone already", act=act))
