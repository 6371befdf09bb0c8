"""Blind codes over HTTP: layers are drawn by the chief referee and revealed in reverse order, before a witness.

What a code stands for is told once, to whoever drew it, for printing; and to all officials after the layer is revealed. The server keeps it
beside the ledger meanwhile; the ledger holds a commitment, so that nobody exchanges codes afterwards.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from contest_server.core.acts import Drawn, Revealed
from contest_server.core.blind import commitment_of
from contest_server.core.blind_layers import LAYERS_MAX, coded, draw_codes, reveal_codes
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.ids import ActId, ContestId, OfficialId
from contest_server.core.rulings import Filed
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.seals import Seal
from contest_server.live.coding import new_seal, prefix_of
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.web.callers import Person
from contest_server.web.entering import Name, Statement, actor_now, enter
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.login import is_witness
from contest_server.web.rights import needs, official_of

router = APIRouter(prefix="/api/contests/{contest}/blind", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]
Layer = Annotated[int, Field(ge=1, le=LAYERS_MAX)]

TOLD_FOR_US = 5 * 60 * 1_000_000
"""So long (µs) the same draw sent again is answered with the codes, because the first answer may have been lost on its way. Never later."""


class DrawOrder(Statement):
    """Which layer is drawn, and what its codes begin with (a letter, if left out)."""

    layer: Layer
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-]{0,8}$")] | None = None


class RevealOrder(Statement):
    """Who watches, with their own password: given on this device, by themselves."""

    witness: Name
    witness_password: str = Field(min_length=1, max_length=PASSWORD_MAX_CHARS)


@router.get("", dependencies=[needs("cases.read")])
async def layers(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """The layers that were drawn, and which are revealed. For officials."""
    desk = await house.desks.desk(ContestId(contest))
    codes = desk.contest.office.codes
    return {"layers": [_layer(drawn, codes.is_open(drawn.layer)) for _, drawn in sorted(codes.drawn.items())]}


@router.post("", dependencies=[needs("codes.change")])
async def draw(request: Request, contest: str, order: DrawOrder, house: HouseNeeded) -> dict[str, Any]:
    """Draw a layer: a code for every contestant, or for every code of the layer below. For the chief referee."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    if actor_now(desk.contest, person).role != "chief":
        raise Denied("not_chief", Said("this is for the chief referee"))
    seal = await _draw(house, desk.contest, order)
    filed = await _enter_sealed(house, desk, person, order, seal)
    assert isinstance(filed.act, Drawn), "another kind of act is refused"
    codes = await _told(house, desk.contest, filed.act, person)
    named = None if codes is None else {name: code for code, name in sorted(codes.items(), key=lambda each: each[1])}
    return {"position": filed.position, "layer": order.layer, "count": filed.act.count, "codes": named}


@router.post("/{layer}/reveal", dependencies=[needs("codes.change")])
async def reveal(request: Request, contest: str, layer: int, order: RevealOrder, house: HouseNeeded) -> dict[str, Any]:
    """Reveal the layer whose turn it is: the highest that is not revealed. For the chief referee, before another official."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    witness = OfficialId(order.witness)
    if witness != person.id and not await is_witness(house, ContestId(contest), witness, order.witness_password):
        raise ApiError(403, "bad_witness", Said("this is not the password of the witness"))
    drawn = desk.contest.office.codes.drawn.get(layer)
    seal = None if drawn is None else await house.stores.seals.look(ContestId(contest), drawn.commitment)
    seal = seal or Seal("", {})
    said = Revealed(ActId(order.id), 0, person.id, layer, seal.salt, seal.codes, witness)
    filed = await enter(house, desk, person, said, reveal_codes)
    if drawn is not None:
        await house.stores.seals.drop(ContestId(contest), drawn.commitment)
    assert isinstance(filed.act, Revealed), "another kind of act is refused"
    return {"position": filed.position, "layer": layer, "codes": filed.act.codes, "witness": witness}


async def codes_on_work(house: House, contest: Contest) -> list[str]:
    """The codes of the highest layer, by which work is marked, in order; none where none were drawn. Says nothing of whose they are."""
    top = contest.office.codes.top
    return sorted(await _codes(house, contest, top) or ()) if top else []


async def _codes(house: House, contest: Contest, layer: int) -> dict[str, str] | None:
    """What the codes of a layer stand for, revealed or not; None where it was not drawn, or what was drawn is not in this store."""
    if (revealed := contest.office.codes.opened.get(layer)) is not None:
        return revealed.codes
    drawn = contest.office.codes.drawn.get(layer)
    seal = None if drawn is None else await house.stores.seals.look(contest.id, drawn.commitment)
    return None if seal is None else seal.codes


async def _draw(house: House, contest: Contest, order: DrawOrder) -> Seal:
    """New codes for whatever the layer stands upon. No code is used twice, in no layer: a mark is never taken for another's."""
    names: list[str] = [*coded(contest)]
    taken = set(names)
    for layer in range(1, order.layer):
        below = await _codes(house, contest, layer)
        if below is None and layer in contest.office.codes.drawn:
            raise ApiError(
                409, "seal_missing", Said("the codes of layer {layer} are not in this store; restore it from the backup", layer=layer)
            )
        names = sorted(below or ())
        taken.update(names)
    prefix = prefix_of(order.layer) if order.prefix is None else order.prefix
    return new_seal(names, prefix, taken)


async def _enter_sealed(house: House, desk: Desk, person: Person, order: DrawOrder, seal: Seal) -> Filed:
    """Keep what is sealed, then enter the commitment to it: never the one without the other. What was not entered is not kept."""
    contest, commitment = desk.contest.id, commitment_of(seal.salt, seal.codes)
    try:
        await house.stores.seals.keep(contest, commitment, seal, house.now_us())
    except LimitExceeded as error:
        raise ApiError(400, "bad_request", sentence_of(error)) from None
    said = Drawn(ActId(order.id), 0, person.id, order.layer, 0, "")
    try:
        filed = await enter(house, desk, person, said, lambda now, actor, act: draw_codes(now, actor, act, seal.salt, seal.codes))
    except (DeskClosed, LedgerFault):
        raise  # it may have been entered
    except Exception:  # whatever refused it: it was not entered, and is raised on
        await house.stores.seals.drop(contest, commitment)
        raise
    if isinstance(filed.act, Drawn) and filed.act.commitment != commitment:
        await house.stores.seals.drop(contest, commitment)  # it was entered before, with other codes
    return filed


async def _told(house: House, contest: Contest, drawn: Drawn, person: Person) -> dict[str, str] | None:
    """The codes for whoever drew them, as long as the answer may have been lost; for everybody once the layer is revealed."""
    own = drawn.official == person.id and house.now_us() - drawn.at_us < TOLD_FOR_US
    return await _codes(house, contest, drawn.layer) if own or contest.office.codes.is_open(drawn.layer) else None


def _layer(drawn: Drawn, is_open: bool) -> dict[str, Any]:
    at = text_of_us(drawn.at_us)
    return {"layer": drawn.layer, "count": drawn.count, "revealed": is_open, "official": drawn.official, "at": at}
