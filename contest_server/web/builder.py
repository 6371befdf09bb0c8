"""Building a definition, over HTTP: rules tried, drafts checked, opened and written. Nothing of it is stored, and no contest is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contest_server.builder.beginnings import beginnings
from contest_server.builder.checking import Checked, check, totals_of
from contest_server.builder.drafts import draft_of
from contest_server.builder.gallery import gallery, story_faults, trial_of
from contest_server.builder.gallery_files import Example
from contest_server.builder.opening import opened
from contest_server.builder.results import result_of
from contest_server.builder.trials import PLACES, play
from contest_server.builder.words import fault_document
from contest_server.builder.writing import file_name, toml_of
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Named, Said
from contest_server.web.builder_tables import TableOrder, table_of
from contest_server.web.errors import ApiError
from contest_server.web.forms import form_document
from contest_server.web.house import House, house_of
from contest_server.web.reading import BODY_DOCS, Document, as_json, docs_of, json_of, order_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/builder", tags=["building"])

HouseNeeded = Annotated[House, Depends(house_of)]
TRIES_MAX = 100
ELAPSED_MAX_S = 30_000


@router.get("/gallery", dependencies=[needs("build")])
async def rules(house: HouseNeeded) -> Response:
    """Every rule that is installed here: what it is for, its options, and examples whose marks its judge reckons: once for each server."""
    async with house.gallery_lock:
        if house.gallery is None:
            house.gallery = await asyncio.to_thread(lambda: msgspec.json.encode(gallery(house.desks.judges)))
    return Response(house.gallery, media_type="application/json")


@router.get("/examples", dependencies=[needs("build")])
async def examples() -> Document:
    """Complete contests to begin from."""
    return {"examples": await asyncio.to_thread(beginnings)}


@router.post("/try", dependencies=[needs("build")], openapi_extra=BODY_DOCS)
async def try_rule(request: Request, house: HouseNeeded) -> Document:
    """What a rule makes of this input, and why. Refused with every fault, by the path of the option."""
    return await house.aside.read(_tried, await request.body())


def _tried(raw: bytes, judges: Judges) -> Document:
    """Raises ApiError."""
    body = json_of(raw)
    name = body.get("rule")
    if not isinstance(name, str) or name not in judges:
        unknown = Said("no rule is called {rule!r:.66}; expected one of GET /api/builder/gallery", rule=str(name))
        raise _refused("bad_rule", [Fault("rule", unknown)])
    try:
        example = _example_of(draft_of({key: body.get(key) for key in TRY_KEYS}))
        return result_of(play(trial_of(example, name, judges[name]), judges))
    except DefinitionError as error:
        raise _refused("bad_rule", error.faults) from None
    except ValidationError as error:
        raise _refused("bad_rule", story_faults(error)) from None


TRY_KEYS = ("options", "max", "place", "data", "story", "tries", "elapsed_s", "violations")


def _example_of(body: Mapping[str, Any]) -> Example:
    """Raises DefinitionError."""
    tries, elapsed_s, violations = body.get("tries", 1), body.get("elapsed_s", 60), body.get("violations", [])
    a_table, is_whole = Said("expected an object"), isinstance(tries, int) and not isinstance(tries, bool)
    checks = (
        *((name, isinstance(body.get(name, {}), dict), a_table) for name in ("options", "data", "story")),
        ("place", body.get("place") in (None, *PLACES), Said("expected one of {names}", names=list(PLACES))),
        ("tries", is_whole and 1 <= tries <= TRIES_MAX, Said("expected a whole number from {low} to {high}", low=1, high=TRIES_MAX)),
        (
            "elapsed_s",
            isinstance(elapsed_s, (int, Decimal)) and 0 <= elapsed_s <= ELAPSED_MAX_S,
            Said("expected seconds from 0 to {most}", most=ELAPSED_MAX_S),
        ),
        (
            "violations",
            isinstance(violations, list) and len(violations) <= TRIES_MAX,
            Said("expected a list of at most {most} codes", most=TRIES_MAX),
        ),
    )
    faults = [Fault(where, message) for where, holds, message in checks if not holds]
    if faults:
        raise DefinitionError(faults)
    story = body.get("story")
    codes = [str(each)[:64] for each in violations]
    told = {key: body.get(key) for key in ("max", "data", "place")}
    return Example({}, body.get("options", {}), story=story, tries=tries, elapsed_s=Decimal(elapsed_s), violations=codes, **told)


# ---- drafts ----------------------------------------------------------------------------------------------------------------------


@router.post("/check", response_model=Document, dependencies=[needs("build")], openapi_extra=BODY_DOCS)
async def check_draft(request: Request, house: HouseNeeded) -> Response:
    """Every fault of the draft by its path, what is merely odd, and what it adds up to."""
    return Response(await house.aside.read(_checked, await request.body()), media_type="application/json")


def _checked(raw: bytes, judges: Judges) -> bytes:
    """Raises ApiError."""
    checked = check(json_of(raw).get("draft"), judges)
    document = {
        "ok": checked.book is not None,
        "faults": checked.faults,
        "warnings": checked.warnings,
        "digest": checked.digest,
        "totals": totals_of(checked.draft),
        "forms": [] if checked.book is None else [form_document(each) for each in checked.book.stages.values()],
    }
    return as_json(document)


@router.post("/toml", response_model=Document, dependencies=[needs("build")], openapi_extra=BODY_DOCS)
async def write_draft(request: Request, house: HouseNeeded) -> Response:
    """The draft as TOML text, which reads as the same definition. Refused where it has faults."""
    return Response(await house.aside.read(_written, await request.body()), media_type="application/json")


def _written(raw: bytes, judges: Judges) -> bytes:
    """Raises ApiError."""
    checked = sound(json_of(raw).get("draft"), judges)
    return as_json({"toml": toml_of(checked.draft), "filename": file_name(checked.draft), "digest": checked.digest})


def sound(draft: object, judges: Judges) -> Checked:
    """The draft, without faults. Raises ApiError."""
    checked = check(draft, judges)
    if checked.book is None:
        count, worst = len(checked.faults), checked.faults[0]
        first = Said("{where}: {message}", where=worst["where"], message=Named(**worst["message"]))
        detail = Said("{count} faults, the first: {first}", count=count, first=first)
        if count == 1:
            detail = Said("1 fault, the first: {first}", first=first)
        raise ApiError(400, "bad_definition", detail, faults=checked.faults)
    return checked


class OpenOrder(BaseModel):
    """`contestants_file` is the table that the TOML names by that word, if it does."""

    model_config = ConfigDict(extra="forbid")

    toml: str = Field(max_length=8_000_000)
    contestants_file: TableOrder | None = None


@router.post("/open", response_model=Document, dependencies=[needs("build")], openapi_extra=docs_of(OpenOrder))
async def open_definition(request: Request, house: HouseNeeded) -> Response:
    """A definition that exists, as a draft. Its faults do not stop it; what is no TOML does."""
    return Response(await house.aside.read(_opened, await request.body()), media_type="application/json")


def _opened(raw: bytes, judges: Judges) -> bytes:
    """Raises ApiError."""
    order = order_of(raw, OpenOrder)
    table = None if order.contestants_file is None else table_of(order.contestants_file)
    try:
        draft = opened(order.toml, table)
    except DefinitionError as error:
        raise _refused("bad_toml", error.faults) from None
    return as_json({"draft": draft, "faults": check(draft, judges).faults})


def _refused(code: str, faults: Sequence[Fault]) -> ApiError:
    return ApiError(400, code, faults[0].sentence, faults=[fault_document(each) for each in faults[:100]])
