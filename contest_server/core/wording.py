"""A ruling in a few words, for lists and logs. The pages word everything else themselves."""

from __future__ import annotations

from contest_server.core.acts import (
    Action,
    Annul,
    Confirm,
    Disqualify,
    Hold,
    Override,
    Penalise,
    Reinstate,
    Remove,
    Reopen,
    Rerun,
    SendBack,
    SetStatus,
    StartClock,
    Step,
    StopClock,
    Undo,
)
from contest_server.core.saying import Coded, Said
from contest_server.core.times import text_of_us

_PLAIN: dict[type, Said] = {
    Confirm: Said("judgement confirmed"),
    Annul: Said("attempt annulled"),
    Reinstate: Said("attempt reinstated"),
    Rerun: Said("re-run granted"),
    SendBack: Said("sent back to the venue"),
    Reopen: Said("final result reopened"),
}


def summary_of(action: Action) -> Said:
    """What the ruling does."""
    return _PLAIN.get(type(action)) or _with_values(action)


def _with_values(action: Action) -> Said:
    match action:
        case Override(aspect=aspect, marks=str(marks)):
            own = Said("overridden: {marks} marks", marks=marks)
            return Said("overridden {aspect}: {marks} marks", aspect=aspect, marks=marks) if aspect else own
        case Override(outcome=outcome):
            return Said("outcome overridden: {outcome}", outcome=Coded("outcome", str(outcome)))
        case Penalise():
            return _penalty(action)
        case Disqualify(aspect=aspect):
            return Said("disqualified from {aspect}", aspect=aspect) if aspect else Said("disqualified")
        case SetStatus(status=status):
            return Said("status {status}", status=Coded("status", status))
        case Hold() | Remove() | StopClock() | StartClock():
            return _of_time(action)
        case Step(to=to):
            return Coded("step", to)
        case Undo(act=act):
            return Said("{act} undone", act=act)
        case _:
            raise AssertionError(f"no words for {action}")


def _of_time(action: Hold | Remove | StopClock | StartClock) -> Said:
    match action:
        case Hold(from_us=since):
            return Said("judging held from {from_}", from_=text_of_us(since))
        case Remove(from_us=begin, to_us=end):
            return Said("interval {from_} – {to} removed", from_=text_of_us(begin), to=text_of_us(end))
        case StopClock(from_us=since):
            return Said("own clock stopped from {from_}", from_=text_of_us(since))
        case StartClock(at_us=at_us):
            return Said("own clock goes on from {from_}", from_=text_of_us(at_us))


def _penalty(penalty: Penalise) -> Said:
    """Negative amounts are given back (补时, 补分)."""
    parts = []
    marks, is_given = penalty.marks.lstrip("-"), penalty.marks.startswith("-")
    if penalty.marks.strip("-0.") != "":
        parts.append(Said("{marks} marks given back", marks=marks) if is_given else Said("{marks} marks taken", marks=marks))
    if penalty.time_ms:
        seconds = f"{abs(penalty.time_ms) / 1000:g}"
        less = penalty.time_ms < 0
        parts.append(Said("{seconds} s given back", seconds=seconds) if less else Said("{seconds} s added", seconds=seconds))
    return Said("{parts}", parts=parts)
