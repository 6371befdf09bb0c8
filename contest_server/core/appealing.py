"""Appeals as they are filed and moved on: each act, or a refusal. Who ruled on the matter, or is recused, does not decide on it."""

from __future__ import annotations

from contest_server.core.actors import Actor
from contest_server.core.acts import Appealed, AppealMoved
from contest_server.core.appeals import Appeal, appeals_of, parties
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.ruling_forms import check_attempt
from contest_server.core.saying import Coded, Said
from contest_server.core.statements import check_chief, check_open, check_text, is_entered

DECISIONS = ("admitted", "upheld", "dismissed")
NOT_ADMITTED = ("filed", "late")


def appeal(contest: Contest, appealed: Appealed) -> Appealed | None:
    """An appeal to enter; None where it is entered already. Late ones are entered, too, and say so. Raises Denied."""
    if is_entered(contest, appealed):
        return None
    check_open(contest)
    if appealed.contestant not in contest.sheets:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=appealed.contestant))
    if appealed.stage is not None and appealed.stage not in contest.fields:
        raise Denied("unknown_stage", Said("{stage!r} is not a stage", stage=appealed.stage))
    if appealed.stage is not None and appealed.attempt is not None:
        check_attempt(contest, appealed.contestant, appealed.stage, appealed.attempt)
    if appealed.ruling is not None and contest.office.rulings.ruling(appealed.ruling) is None:
        raise Denied("unknown_act", Said("there is no ruling {ruling!r}", ruling=appealed.ruling))
    check_text("text", appealed.text)
    return appealed


def move_appeal(contest: Contest, actor: Actor, move: AppealMoved) -> AppealMoved | None:
    """An appeal's next state to enter; None where it is entered already. Who ruled on the matter does not decide on it. Raises Denied."""
    if is_entered(contest, move):
        return None
    check_open(contest)
    check_chief(actor)
    found = next((each for each in appeals_of(contest) if each.filed.id == move.appeal), None)
    if found is None:
        raise Denied("unknown_act", Said("there is no appeal {appeal!r}", appeal=move.appeal))
    if move.to not in found.next:
        wanted = [Coded("appeal", each) for each in found.next] or Said("nothing: it is final")
        raise Denied(
            "bad_move",
            Said(
                "to: from {state} an appeal goes to {wanted}, not to {to}",
                state=Coded("appeal", found.state),
                wanted=wanted,
                to=Coded("appeal", move.to),
            ),
        )
    check_text("reason", move.reason)
    if move.to in DECISIONS:
        _check_panel(contest, found, move)
    for ruling in move.rulings:
        if contest.office.rulings.ruling(ruling) is None:
            raise Denied("unknown_act", Said("rulings: there is no ruling {ruling!r}", ruling=ruling))
    return move


def _check_panel(contest: Contest, found: Appeal, move: AppealMoved) -> None:
    """Somebody decides, and nobody who is recused or a party. Whether an appeal is admitted the chief referee may decide alone."""
    if not move.panel and found.state not in NOT_ADMITTED:
        raise Denied("bad_move", Said("panel: name the officials who decided"))
    officials = {each.id: each for each in contest.definition.officials} if contest.definition else {}
    involved = parties(contest, found)
    for member in move.panel or (move.official,):
        if member not in officials:
            raise Denied("bad_move", Said("panel: {member!r} is not an official of this contest", member=member))
        if found.filed.contestant in officials[member].recused:
            raise Denied(
                "recused",
                Said(
                    "panel: {member} is recused from {contestant}; others have to decide", member=member, contestant=found.filed.contestant
                ),
            )
        if member in involved:
            raise Denied(
                "own_decision",
                Said(
                    "panel: the appeal is about a decision of {member} ({involved}); others have to decide",
                    member=member,
                    involved=involved[member],
                ),
            )
