"""Sign-offs over HTTP: a contestant, a referee or the chief referee signs a result as it is. A signature says whether it still holds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request

from contest_server.core.acts import Signed
from contest_server.core.corrections import SignOff, signoffs_of
from contest_server.core.ids import ActId, ContestantId, ContestId
from contest_server.core.proceedings import sign
from contest_server.core.sampling import begun
from contest_server.core.times import text_of_us
from contest_server.web.entering import Name, Statement, enter
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs, official_of

router = APIRouter(prefix="/api/contests/{contest}/signoffs", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]


class SignOrder(Statement):
    """Whose result is signed, and as whom. A contestant signs on the device of the official who is logged in there."""

    contestant: Name
    role: Literal["contestant", "referee", "chief"]


@router.get("", dependencies=[needs("cases.read")])
async def signoffs(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """All signatures, oldest first; `valid` is false where the result changed since. `due`: whose result has to be signed. For officials.

    That is everybody who has begun, but guests; finalising counts the same.
    """
    desk = await house.desks.desk(ContestId(contest))
    return {"signoffs": [_document(each) for each in signoffs_of(desk.contest)], "due": begun(desk.contest)}


@router.post("", dependencies=[needs("result.sign")])
async def sign_off(request: Request, contest: str, order: SignOrder, house: HouseNeeded) -> dict[str, Any]:
    """Sign a result. For officials; as the chief referee, for the chief referee."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = Signed(ActId(order.id), 0, person.id, ContestantId(order.contestant), order.role, "")
    filed = await enter(house, desk, person, said, sign)
    found = next((each for each in signoffs_of(desk.contest) if each.signed.id == order.id), None)
    return {"position": filed.position, "signoff": None if found is None else _document(found)}


def _document(signoff: SignOff) -> dict[str, Any]:
    signed = signoff.signed
    return {
        "contestant": signed.contestant,
        "role": signed.role,
        "official": signed.official,
        "at": text_of_us(signed.at_us),
        "valid": signoff.valid,
        "position": signoff.position,
    }
