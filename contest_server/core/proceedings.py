"""Everything officials state besides rulings: sign-offs, appeals, publication, rechecks, handovers, blind codes. Each act, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contest_server.core.actors import Actor
from contest_server.core.acts import (
    Appealed,
    AppealMoved,
    Drawn,
    HandedOver,
    Kept,
    Published,
    Rechecked,
    Revealed,
    Sampled,
    Signed,
)
from contest_server.core.appeals import Appeal, appeals_of, parties
from contest_server.core.blind import commitment_of
from contest_server.core.contest import Contest
from contest_server.core.corrections import digest_of_row
from contest_server.core.denials import Denied
from contest_server.core.ids import ContestantId
from contest_server.core.ruling_forms import REASON_MIN_CHARS, check_attempt
from contest_server.core.sampling import draw, samples_of
from contest_server.core.saying import Coded, Said

LAYERS_MAX = 9
DECISIONS = ("admitted", "upheld", "dismissed")
NOT_ADMITTED = ("filed", "late")


def sign(contest: Contest, actor: Actor, signed: Signed) -> Signed | None:
    """A signature under the result as it is now (its digest is filled in); None where it is entered already. Raises Denied."""
    row = contest.rows.get(signed.contestant)
    if row is None:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=signed.contestant))
    if _known(contest, signed, "digest"):
        return None
    _check_open(contest)
    if signed.role == "chief":
        _check_chief(actor)
    if signed.contestant in actor.recused:
        raise Denied("recused", Said("you are recused from {contestant}; another official has to sign", contestant=signed.contestant))
    return msgspec.structs.replace(signed, digest=digest_of_row(row))


def appeal(contest: Contest, appealed: Appealed) -> Appealed | None:
    """An appeal to enter; None where it is entered already. Late ones are entered, too, and say so. Raises Denied."""
    if _known(contest, appealed):
        return None
    _check_open(contest)
    if appealed.contestant not in contest.sheets:
        raise Denied("unknown_contestant", Said("{contestant!r} is not in the definition", contestant=appealed.contestant))
    if appealed.stage is not None and appealed.stage not in contest.fields:
        raise Denied("unknown_stage", Said("{stage!r} is not a stage", stage=appealed.stage))
    if appealed.stage is not None and appealed.attempt is not None:
        check_attempt(contest, appealed.contestant, appealed.stage, appealed.attempt)
    if appealed.ruling is not None and contest.office.rulings.ruling(appealed.ruling) is None:
        raise Denied("unknown_act", Said("there is no ruling {ruling!r}", ruling=appealed.ruling))
    _check_text("text", appealed.text)
    return appealed


def move_appeal(contest: Contest, actor: Actor, move: AppealMoved) -> AppealMoved | None:
    """An appeal's next state to enter; None where it is entered already. Who ruled on the matter does not decide on it. Raises Denied."""
    if _known(contest, move):
        return None
    _check_open(contest)
    _check_chief(actor)
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
    _check_text("reason", move.reason)
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


def publish(contest: Contest, actor: Actor, published: Published) -> Published | None:
    """The publication to enter; None where it is entered already. Raises Denied."""
    if _known(contest, published):
        return None
    _check_chief(actor)
    if contest.bench is None:
        raise Denied("bad_move", Said("there is nothing to publish without a definition"))
    if contest.frozen is not None:
        raise Denied("bad_move", Said("the public board is frozen; thaw it first"))
    return published


def sample(contest: Contest, actor: Actor, sampled: Sampled) -> Sampled | None:
    """A sample with its members as drawn from the standing now; None where it is entered already. Raises Denied."""
    if _known(contest, sampled, "members", "top", "percent"):
        return None
    _check_open(contest)
    _check_chief(actor)
    assert contest.definition is not None, "an actor comes from a definition"
    policy = contest.definition.referees
    members = draw(contest, sampled.seed, policy.recheck_top, policy.recheck_percent)
    if not members:
        raise Denied("bad_move", Said("nobody has a result yet; draw the sample after the contest"))
    return msgspec.structs.replace(sampled, top=policy.recheck_top, percent=policy.recheck_percent, members=members)


def recheck(contest: Contest, actor: Actor, rechecked: Rechecked) -> Rechecked | None:
    """What a recheck found; None where it is entered already. Raises Denied."""
    if _known(contest, rechecked):
        return None
    _check_open(contest)
    if rechecked.contestant in actor.recused:
        raise Denied("recused", Said("you are recused from {contestant}; another official has to recheck", contestant=rechecked.contestant))
    found = next((each for each in samples_of(contest) if each.drawn.id == rechecked.sample), None)
    if found is None:
        raise Denied("unknown_act", Said("there is no sample {sample!r}", sample=rechecked.sample))
    if rechecked.contestant not in found.drawn.members and not found.all_needed:
        raise Denied("bad_move", Said("contestant: {contestant} is not in the sample", contestant=rechecked.contestant))
    if not rechecked.right:
        _check_text("reason", rechecked.reason)
    return rechecked


def hand_over(contest: Contest, handed: HandedOver) -> HandedOver | None:
    """A venue's statement of what it sent; None where it is entered already. Raises Denied."""
    if _known(contest, handed):
        return None
    _check_open(contest)
    if contest.definition is None or handed.venue not in {each.id for each in contest.definition.venues}:
        raise Denied("bad_move", Said("venue: {venue!r} is not in the definition", venue=handed.venue))
    for source, count in handed.counts.items():
        if not source.startswith(f"{handed.venue}/"):
            raise Denied(
                "bad_move",
                Said("counts: {source!r} is not a device of {venue}; it is written {venue}/NAME", source=source, venue=handed.venue),
            )
        if not 0 <= count <= 1 << 53:
            raise Denied("bad_move", Said("counts: {source} cannot have sent {count} events", source=source, count=count))
    return handed


def draw_codes(contest: Contest, actor: Actor, drawn: Drawn, salt: str, codes: Mapping[str, str]) -> Drawn | None:
    """A layer of blind codes to enter as its commitment only; None where it is entered already. Raises Denied."""
    if _known(contest, drawn, "commitment", "count"):
        return None
    _check_open(contest)
    _check_chief(actor)
    if drawn.layer != contest.office.codes.top + 1 or drawn.layer > LAYERS_MAX:
        raise Denied(
            "out_of_order", Said("layer: the next one is {layer} (at most {most})", layer=contest.office.codes.top + 1, most=LAYERS_MAX)
        )
    if contest.office.codes.opened:
        raise Denied("out_of_order", Said("layer: the codes are being revealed already"))
    if drawn.layer == 1 and sorted(codes.values()) != coded(contest):
        raise Denied("changed", Said("the contestants changed while the codes were drawn; draw them again"))
    return msgspec.structs.replace(drawn, commitment=commitment_of(salt, codes), count=len(codes))


def coded(contest: Contest) -> list[ContestantId]:
    """Who gets a blind code: every contestant but guests, by id."""
    return sorted(who for who, sheet in contest.sheets.items() if not sheet.guest)


def reveal_codes(contest: Contest, actor: Actor, revealed: Revealed) -> Revealed | None:
    """A layer's codes to enter, under supervision and in reverse order; None where it is entered already. Raises Denied."""
    if _known(contest, revealed, "salt", "codes"):
        return None
    _check_open(contest)
    _check_chief(actor)
    codes = contest.office.codes
    if revealed.layer != codes.next_to_reveal or not codes.next_to_reveal:
        layer = codes.next_to_reveal
        wanted = Said("layer {layer}", layer=layer) if layer else Said("nothing: all layers are revealed")
        raise Denied("out_of_order", Said("layer: layers are revealed in reverse order; the next one is {wanted}", wanted=wanted))
    officials = {each.id for each in contest.definition.officials} if contest.definition else set()
    if revealed.witness == actor.id:
        raise Denied("own_decision", Said("witness: name another official, who watches"))
    if revealed.witness not in officials:
        raise Denied("bad_move", Said("witness: {witness!r} is not an official of this contest", witness=revealed.witness))
    if commitment_of(revealed.salt, revealed.codes) != codes.drawn[revealed.layer].commitment:
        raise Denied("bad_move", Said("the codes are not those that were drawn"))
    return revealed


def _known(contest: Contest, act: Kept, *filled_in: str) -> bool:
    """Whether this very act is entered already, but for what the server fills in. Raises Denied where another act has its id."""
    filed = contest.office.acts.get(act.id)
    if filed is None:
        return False
    mine, theirs = (_said(each, filled_in) for each in (act, filed.act))
    if type(filed.act) is not type(act) or mine != theirs:
        raise Denied("id_taken", Said("the id {id!r} is used by another act; choose a new one", id=act.id))
    return True


def _said(act: Kept, filled_in: tuple[str, ...]) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(act)
    return {key: value for key, value in document.items() if key not in ("at_us", *filled_in)}


def _check_open(contest: Contest) -> None:
    if contest.final:
        raise Denied("final", Said("the result is final since position {position}", position=contest.final_at))


def _check_chief(actor: Actor) -> None:
    if actor.role != "chief":
        raise Denied("not_chief", Said("this is for the chief referee"))


def _check_text(name: str, text: str) -> None:
    if len(text.strip()) < REASON_MIN_CHARS:
        raise Denied("bad_move", Said("{name}: missing; say it in a few words", name=name))
