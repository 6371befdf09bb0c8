"""How a contest's pages are dressed: read from a folder of the server, checked each time. A theme with faults is not worn, and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import Response

from contest_server.core.facts import ContestId
from contest_server.core.faults import Fault
from contest_server.core.saying import Said
from contest_server.intake.file_words import system_fault
from contest_server.intake.theme_file import FILE, NO_THEME, Theme, ThemeFault, read_image, read_theme
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.languages import told
from contest_server.web.rights import needs

log = structlog.get_logger()

router = APIRouter(prefix="/api/contests/{contest}/theme", tags=["contests"])

HouseNeeded = Annotated[House, Depends(house_of)]
Name = Annotated[str, InPath(max_length=64, pattern=r"^[\w\-][\w.\-]*$")]

KEPT_S = 300
"""How long a browser may keep an image."""


@router.get("", dependencies=[needs("contest.read")])
async def theme(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Colours and images of the contest's pages; `faults` where its theme cannot be worn. Without a theme, all of it is empty."""
    folder = await _folder(house, contest)
    try:
        found = NO_THEME if folder is None else await asyncio.to_thread(read_theme, folder)
    except FileNotFoundError:
        return _document(NO_THEME)
    except OSError as error:
        log.debug("theme cannot be read", contest=contest, error=str(error))
        return _document(NO_THEME, [Fault(FILE, Said("cannot be read ({reason})", reason=system_fault(error)))])
    except ThemeFault as error:
        log.debug("theme has faults", contest=contest, faults=[str(fault) for fault in error.faults])
        return _document(NO_THEME, error.faults)
    return _document(found)


@router.get("/{name}", dependencies=[needs("contest.read")], response_class=Response)
async def image(contest: str, name: Name, house: HouseNeeded) -> Response:
    """An image of the contest's theme: a logo, a card's picture, a contestant's photo."""
    folder = await _folder(house, contest)
    try:
        if folder is None:
            raise FileNotFoundError(name)
        content, media_type = await asyncio.to_thread(read_image, folder, name)
    except OSError:
        raise ApiError(404, "no_image", Said("{name!r} is no image of this contest's theme", name=name)) from None
    except ThemeFault as error:
        raise ApiError(404, "no_image", error.faults[0].sentence) from None
    return Response(content, media_type=media_type, headers={"Cache-Control": f"public, max-age={KEPT_S}"})


async def _folder(house: House, contest: str) -> Path | None:
    """Where this contest's theme is: in the folder that its definition names, else in one of its own name. Raises UnknownContest."""
    desk = await house.desks.desk(ContestId(contest))
    definition = desk.contest.definition
    if not house.settings.themes:
        return None
    name = (definition.contest.theme if definition is not None else None) or contest
    return None if name in (".", "..") else Path(house.settings.themes) / name


def _document(found: Theme, faults: Sequence[Fault] = ()) -> dict[str, Any]:
    return {
        "colours": dict(found.colours),
        "logo": found.logo,
        "background": found.background,
        "sponsors": list(found.sponsors),
        "faults": [told(each.sentence) for each in faults],
    }
