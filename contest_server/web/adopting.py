"""Adopting a definition over HTTP, and letting its officials in: what `contest-server adopt | official` do. For administrators.

A definition comes alone: the server reads no file that it names.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contest_server.core.facts import ContestId, OfficialId
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.json_words import json_fault
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.intake.toml_file import DOCUMENT_MAX_BYTES, checked_document, checked_text
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, new_password
from contest_server.live.adopting import Adoption, VersionTaken, adoption_of, enter
from contest_server.web.callers import author_of
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.languages import told
from contest_server.web.rights import caller_of, needs

log = structlog.get_logger()

router = APIRouter(prefix="/api/contests", tags=["adopting"])

HouseNeeded = Annotated[House, Depends(house_of)]

FAULTS_TOLD_MAX = 200
DOCUMENT_DOCS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/toml": {"schema": {"type": "string"}},
        },
    }
}


class PasswordOrder(BaseModel):
    """Without a password the server makes one."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, min_length=8, max_length=PASSWORD_MAX_CHARS)


@router.post(
    "",
    dependencies=[needs("contest.adopt")],
    openapi_extra=DOCUMENT_DOCS,
    responses={201: {"description": "adopted"}, 200: {"description": "in force already; nothing was changed"}},
)
async def adopt_definition(request: Request, response: Response, house: HouseNeeded) -> dict[str, Any]:
    """Adopt a definition, as JSON or as TOML text. Refused with every fault, each with its line (TOML) or path. For administrators."""
    who = caller_of(request)
    try:
        adoption = await _adoption(request, house)
        fact, new = await enter(house.stores, adoption, author_of(who), house.now_us())
    except VersionTaken as error:
        raise ApiError(409, "version_taken", sentence_of(error)) from None
    except LimitExceeded as error:
        raise ApiError(400, "bad_definition", sentence_of(error)) from None
    contest = adoption.contest
    log.info("definition adopted", contest=contest, version=fact.version, new=new, author=author_of(who))
    response.status_code = 201 if new else 200
    return {"contest": contest, "version": fact.version, "digest": fact.digest, "new": new}


@router.post("/{contest}/officials/{official}/password", dependencies=[needs("accounts.change")])
async def set_password(request: Request, contest: str, official: str, order: PasswordOrder, house: HouseNeeded) -> dict[str, Any]:
    """Give an official a password, which ends their sessions. One that the server made is answered once. For administrators."""
    who = caller_of(request)
    definition = (await house.desks.desk(ContestId(contest))).contest.definition
    if definition is None or official not in {each.id for each in definition.officials}:
        raise ApiError(
            404, "unknown_official", Said("the definition of {contest!r} has no official {official!r}", contest=contest, official=official)
        )
    password = new_password() if order.password is None else order.password
    try:
        await house.stores.officials.set_password(ContestId(contest), OfficialId(official), password, house.now_us())
    except LimitExceeded as error:
        raise ApiError(400, "bad_request", sentence_of(error)) from None
    log.info("password set", contest=contest, official=official, author=author_of(who))
    return {"official": official, **({"password": password} if order.password is None else {})}


async def _adoption(request: Request, house: House) -> Adoption:
    """The definition in the body, checked with the rules of this server beside its other work. Raises ApiError, LimitExceeded."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > DOCUMENT_MAX_BYTES:
            raise ApiError(413, "too_large", Said("more than {most} bytes in one definition", most=DOCUMENT_MAX_BYTES))
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    try:
        return await house.aside.read(_checked, bytes(body), is_json)
    except DefinitionError as error:
        raise _faulty(error) from None


def _checked(body: bytes, judges: Judges, is_json: bool) -> Adoption:
    """Raises DefinitionError, LimitExceeded."""
    try:
        text = body.decode("utf-8-sig")
        if not is_json:
            return adoption_of(checked_text(text, judges).definition)
        document = json.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, ValueError, RecursionError, ArithmeticError) as error:
        raise DefinitionError([Fault("document", Said("cannot be read: {error}", error=json_fault(error)), "document")]) from None
    if not isinstance(document, dict):
        raise DefinitionError([Fault("document", Said("expected an object with format, contest, venues, stages, …"), "document")])
    return adoption_of(checked_document(document, judges).definition)


def _faulty(error: DefinitionError) -> ApiError:
    count, first = len(error.faults), error.faults[0].sentence
    detail = (
        Said("1 fault, the first: {first}", first=first)
        if count == 1
        else Said("{count} faults, the first: {first}", count=count, first=first)
    )
    shown = [{"where": fault.where, "message": told(fault.message)} for fault in error.faults[:FAULTS_TOLD_MAX]]
    return ApiError(400, "bad_definition", detail, faults=shown)
