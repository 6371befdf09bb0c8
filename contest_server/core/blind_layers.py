"""Layers of blind codes as they are drawn and revealed: each act, or a refusal. What they are stands in `blind.py`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contest_server.core.actors import Actor
from contest_server.core.acts import Drawn, Revealed
from contest_server.core.blind import commitment_of
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.ids import ContestantId
from contest_server.core.saying import Said
from contest_server.core.statements import check_chief, check_open, is_entered

LAYERS_MAX = 9


def draw_codes(contest: Contest, actor: Actor, drawn: Drawn, salt: str, codes: Mapping[str, str]) -> Drawn | None:
    """A layer of blind codes to enter as its commitment only; None where it is entered already. Raises Denied."""
    if is_entered(contest, drawn, "commitment", "count"):
        return None
    check_open(contest)
    check_chief(actor)
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
    if is_entered(contest, revealed, "salt", "codes"):
        return None
    check_open(contest)
    check_chief(actor)
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
