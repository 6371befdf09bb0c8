"""May this official rule so, now? Looks at the contest at one position and returns the act to enter, or refuses it with a reason.

What needs a second person is decided here, from what the ruling would change now, and stands in the entry: the fold only obeys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count

import msgspec

from contest_server.core.actors import Actor
from contest_server.core.acts import (
    Confirm,
    Disqualify,
    Hold,
    Remove,
    Reopen,
    Ruled,
    Seconded,
    SetStatus,
    StartClock,
    Step,
    StopClock,
    Undo,
)
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied, NotAsked
from contest_server.core.effects import Effect, needs_of
from contest_server.core.flags import Flag
from contest_server.core.ids import ActId, ContestantId, StageId
from contest_server.core.questions import is_about_official, questions_of
from contest_server.core.ruling_forms import REASON_MIN_CHARS, check_form
from contest_server.core.rulings import Filed
from contest_server.core.saying import Coded, Said
from contest_server.core.statements import check_chief, is_entered
from contest_server.core.supposing import Supposition, supposed_effect

BASIS_CHARS = 24
FOR_THE_CHIEF = (SetStatus, Hold, Remove, Reopen)
WITHOUT_FRESH_LOGIN = (Confirm, Step, StopClock, StartClock)
"""Among them what cannot wait for a password."""
NOW_US = 60_000_000
"""A clock stops or goes on now, and cannot wait, where that is at most a minute ago. Time that is taken out later is for the chief."""


def basis_of(contest: Contest, contestant: ContestantId, stage: StageId) -> str:
    """What a decision is based on, as a digest: attempts with their evidence, rulings, marks, and what was judged. Not the position: other
    people's events do not change it.
    """
    sheet, bench = contest.sheets[contestant], contest.bench
    assert bench is not None, "nothing is judged without a definition"
    attempts = sheet.attempts(stage, bench) if stage in sheet.entries else []
    rulings = [(each.act.id, contest.office.rulings.state(each.act.id)) for each in rulings_about(contest, contestant, stage)]
    cell = sheet.cells.get(stage)
    seen = [
        contest.version,
        [(each.id, each.outcome, each.time_ms, each.events, dict(each.data)) for each in attempts],
        rulings,
        [each.id for each in contest.office.marks_of(contestant, stage)],
        None if cell is None else (cell.state, cell.marks, cell.penalty_ms),
    ]
    return hashlib.sha256(msgspec.json.encode(seen, enc_hook=str, order="sorted")).hexdigest()[:BASIS_CHARS]


def rule(
    contest: Contest,
    actor: Actor,
    ruling: Ruled,
    basis: str | None,
    surveys: Sequence[Flag] | None = None,
    supposition: Supposition | None = None,
) -> Ruled | None:
    """The ruling to enter, with what it `needs`; None where it is entered already. `basis` is what the official saw, `surveys` are the
    questions about the contest as a whole as they were found not long ago; without them they are asked, which is work.

    Raises:
        Denied: with the reason.
        ToBeSupposed: all is right with it as far as is known without a `supposition` of it, which has to be made first.
    """
    if is_entered(contest, ruling, "needs"):
        return None
    check_form(contest, ruling)
    _check_right(contest, actor, ruling)
    _check_flags(contest, actor, ruling, surveys)
    _check_basis(contest, ruling, basis)
    return with_needs(contest, ruling, supposition)


def _check_flags(contest: Contest, actor: Actor, ruling: Ruled, surveys: Sequence[Flag] | None) -> None:
    """Only questions that are asked now can be answered (by surveys: not long ago), and none that is about the official's own people or
    conduct.
    """
    wanted = set(ruling.flags)
    asked = {flag.key: flag for flag in questions_of(contest, surveys=()) if flag.key in wanted} if wanted else {}
    if wanted - asked.keys():
        found = questions_of(contest) if surveys is None else surveys
        asked |= {flag.key: flag for flag in found if flag.key in wanted}
    for flag in asked.values():
        if flag.contestant is not None and flag.contestant in actor.recused:
            raise Denied(
                "recused",
                Said("you are recused from {contestant}; another referee has to answer this question", contestant=flag.contestant),
            )
        if is_about_official(flag, actor.id):
            raise Denied("own_decision", Said("the question {key} is about you; another official has to answer it", key=flag.key))
    if gone := wanted - asked.keys():
        raise NotAsked(
            "changed", Said("flags: {gone}: not asked (any more); look at the questions again", gone=", ".join(sorted(gone))[:200])
        )


def _check_basis(contest: Contest, ruling: Ruled, basis: str | None) -> None:
    """What was looked at is what is there. Answers to questions need no basis: a question's key says what was seen."""
    if ruling.contestant is None or ruling.stage is None or ruling.stage not in contest.sheets[ruling.contestant].cells:
        return
    if basis is None and isinstance(ruling.action, Confirm) and ruling.flags:
        return
    if basis is None:
        raise Denied("bad_ruling", Said("basis: missing; look at the case first and send back its basis"))
    if basis != basis_of(contest, ruling.contestant, ruling.stage):
        raise Denied("changed", Said("the case has changed since you looked; look at what changed and decide again"))


def with_needs(contest: Contest, ruling: Ruled, supposition: Supposition | None = None) -> Ruled:
    """The ruling with what makes a second person necessary, by what it would change now. Raises ToBeSupposed."""
    assert contest.definition is not None, "checked before"
    needs = needs_of(contest.definition.referees, ruling, supposed_effect(contest, ruling, supposition))
    return msgspec.structs.replace(ruling, needs=needs)


def preview(contest: Contest, actor: Actor, ruling: Ruled, supposition: Supposition | None = None) -> tuple[Effect, Sequence[str]]:
    """What the ruling would change if it were in force now, and why a second person would be needed. Enters nothing. Raises Denied where
    it makes no sense or this official may not rule so, whatever their login, and ToBeSupposed. One that waits for a second person is shown
    to whoever may be that person.
    """
    check_form(contest, ruling)
    if _waits(contest, ruling):
        _check_recusal(contest, actor, ruling)
    else:
        _check_office(contest, actor, ruling)
    assert contest.definition is not None, "checked with the form"
    supposed = msgspec.structs.replace(ruling, id=_unused_id(contest))
    effect = supposed_effect(contest, supposed, supposition)
    return effect, needs_of(contest.definition.referees, supposed, effect)


def _waits(contest: Contest, ruling: Ruled) -> bool:
    """Whether just this was ordered, and waits for a second person."""
    return any(_order(each) == _order(ruling) for each in contest.office.rulings.waiting())


def _order(ruling: Ruled) -> tuple[object, ...]:
    return ruling.action, ruling.contestant, ruling.stage, ruling.attempt


def _unused_id(contest: Contest) -> ActId:
    """The id of an act that is only supposed: what is entered keeps its own."""
    return ActId(next(name for number in count() if (name := f"supposed {number}") not in contest.office.acts))


def second(contest: Contest, actor: Actor, answer: Seconded) -> Seconded | None:
    """A second person's answer to enter; None where it is entered already. Raises Denied."""
    if is_entered(contest, answer):
        return None
    ruling = contest.office.rulings.ruling(answer.ruling)
    if ruling is None:
        raise Denied("unknown_act", Said("there is no ruling {ruling!r}", ruling=answer.ruling))
    if ruling.official == actor.id:
        raise Denied("own_decision", Said("nobody approves their own decision ({id}); another official has to", id=ruling.id))
    _check_recusal(contest, actor, ruling)
    _check_fresh(actor)
    state = contest.office.rulings.state(ruling.id)
    if state != "waiting":
        raise Denied("changed", Said("the ruling no longer waits for a second person: it is {state}", state=Coded("ruling", state)))
    if not answer.approve and len(answer.reason.strip()) < REASON_MIN_CHARS:
        raise Denied("bad_ruling", Said("reason: say in a few words why the ruling is rejected"))
    return answer


def rulings_about(contest: Contest, contestant: ContestantId, stage: StageId) -> list[Filed]:
    """Every ruling on this work, and those on the whole stage."""
    rulings = contest.office.rulings
    return rulings.about(contestant, stage) + [each for each in rulings.every() if (None, stage) in rulings.touched_by(each.act.id).cells]


def _check_right(contest: Contest, actor: Actor, ruling: Ruled) -> None:
    """Whether this official may rule so, now."""
    _check_office(contest, actor, ruling)
    if not isinstance(ruling.action, WITHOUT_FRESH_LOGIN) or _is_time_taken_out(contest, ruling):
        _check_fresh(actor)


def _check_office(contest: Contest, actor: Actor, ruling: Ruled) -> None:
    """Whether it is this official's to rule so: nobody else's office, and not about their own people."""
    _check_recusal(contest, actor, ruling)
    if isinstance(ruling.action, FOR_THE_CHIEF) or (isinstance(ruling.action, Disqualify) and ruling.stage is None):
        check_chief(actor)
    if actor.role != "chief" and isinstance(ruling.action, Undo) and contest.office.acts[ruling.action.act].act.official != actor.id:
        raise Denied("not_yours", Said("a referee undoes only their own acts; ask the chief referee"))
    if _is_time_taken_out(contest, ruling):
        check_chief(actor)


def _is_time_taken_out(contest: Contest, ruling: Ruled) -> bool:
    """Whether it moves a contestant's clock at a moment that is over, by itself or by undoing what moved it then."""
    action = ruling.action
    if isinstance(action, Undo):
        undone = contest.office.acts[action.act].act
        action = undone.action if isinstance(undone, Ruled) else action
    match action:
        case StopClock(moment_us) | StartClock(moment_us):
            return abs(ruling.at_us - moment_us) > NOW_US
        case _:
            return False


def _check_recusal(contest: Contest, actor: Actor, ruling: Ruled) -> None:
    about = {who for who, _ in contest.office.rulings.touched_by(ruling.id).cells} | {ruling.contestant}
    if isinstance(ruling.action, Undo):
        target = contest.office.acts.get(ruling.action.act)
        about |= {who for who, _ in contest.office.rulings.touched_by(ruling.action.act).cells}
        about.add(getattr(target.act, "contestant", None) if target is not None else None)
    for contestant in sorted(who for who in about if who is not None):
        if contestant in actor.recused:
            raise Denied("recused", Said("you are recused from {contestant}; another referee has to decide", contestant=contestant))


def _check_fresh(actor: Actor) -> None:
    if not actor.is_fresh:
        raise Denied("not_fresh", Said("give your password again: this needs a fresh login"))
