"""Playing a draft through, over HTTP: one at a time, so that a contest that goes on keeps its server. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from contest_server.builder.apart import Unfinished, apart
from contest_server.builder.drafts import Draft
from contest_server.builder.dry_run import CONTESTANTS_MAX, TooLargeToTry
from contest_server.builder.reports import played
from contest_server.builder.words import fault_document
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said
from contest_server.web.builder import sound
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.reading import BODY_DOCS, json_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/builder", tags=["building"])

HouseNeeded = Annotated[House, Depends(house_of)]
SEED_MAX = 1_000_000
RETRY_AFTER_S = 3


@router.post("/dry-run", dependencies=[needs("build")], openapi_extra=BODY_DOCS)
async def play_through(request: Request, house: HouseNeeded) -> dict[str, Any]:
    """What a contest by this draft might come to: simulated events, judged and ranked as real ones. One at a time."""
    body = await request.body()
    await house.aside.read(_check, body)
    if house.dry_run.locked():
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        raise ApiError(429, "busy", Said("another draft is being played through; try again in a moment"), headers=wait)
    async with house.dry_run:
        try:
            found: dict[str, Any] = await apart(_played, body, dict(house.desks.judges))
        except TooLargeToTry as error:
            raise ApiError(400, "too_large_to_try", sentence_of(error)) from None
        except DefinitionError as error:
            faults = [fault_document(each) for each in error.faults[:100]]
            raise ApiError(400, "bad_definition", error.faults[0].sentence, faults=faults) from None
        except Unfinished as error:
            raise ApiError(
                400, "too_large_to_try", Said("the dry run was {error}; ask for fewer contestants", error=sentence_of(error))
            ) from None
    return found


def _check(raw: bytes, judges: Judges) -> None:
    """Raises ApiError where it cannot be played through."""
    _wished(json_of(raw), judges)


def _played(raw: bytes, judges: Judges) -> dict[str, Any]:
    return played(*_wished(json_of(raw), judges), judges)


def _wished(body: Mapping[str, Any], judges: Judges) -> tuple[Draft, int, int | None]:
    """The draft, with which dice, and for how many. Raises ApiError."""
    seed, contestants = _whole(body, "seed", 0, SEED_MAX, 1), _whole(body, "contestants", 1, CONTESTANTS_MAX, None)
    return sound(body.get("draft"), judges).draft, seed or 0, contestants


def _whole(body: Mapping[str, Any], name: str, low: int, high: int, usual: int | None) -> int | None:
    """Raises ApiError."""
    value = body.get(name, usual)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high):
        raise ApiError(400, "too_large_to_try", Said("{name}: expected a whole number from {low} to {high}", name=name, low=low, high=high))
    return value
