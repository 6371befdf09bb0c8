"""Whether this server lives, and whether it can take events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from contest_server.web.house import House, house_of

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/ready")
async def ready(house: Annotated[House, Depends(house_of)]) -> dict[str, str | int]:
    """The ledger answers."""
    return {"status": "ready", "contests": len(await house.desks.names())}
