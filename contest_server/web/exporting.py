"""A contest's whole ledger over HTTP, in the form that anybody can verify. For administrators and auditors: it is filtered for nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId
from contest_server.core.times import text_of_us
from contest_server.ledger.exporting import State, export
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["contests"])

NDJSON = "application/x-ndjson"


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {}}, "description": "a header, one line an entry, and where it ends"}},
    dependencies=[needs("export.read")],
)
async def export_ledger(contest: str, house: Annotated[House, Depends(house_of)]) -> StreamingResponse:
    """The ledger as `contest-server export` writes it, up to now. Check it with `contest-server verify`; judge it anew with `audit`."""
    desk = await house.desks.desk(ContestId(contest))
    as_file = f"attachment; filename=\"export.ndjson\"; filename*=UTF-8''{quote(f'{desk.contest.id}.ndjson', safe='')}"
    headers = {"Content-Disposition": as_file, "Cache-Control": "no-store"}
    return StreamingResponse(_lines(house, desk.contest), media_type=NDJSON, headers=headers)


async def _lines(house: House, contest: Contest) -> AsyncIterator[bytes]:
    head = await house.stores.ledger.head(contest.id)
    async for lines in export(house.stores.ledger, contest.id, state=_state(contest), exported_at=_now(house), head=head):
        yield lines


def _state(contest: Contest) -> State:
    return "final" if contest.final else "frozen" if contest.frozen is not None else "live"


def _now(house: House) -> str:
    return f"{text_of_us(house.now_us())[:19]}Z"
