"""`contest-server token`: let a venue, the staff or an administrator in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, lasting_stores_at, unknown_contest
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import OLDER_WORDS
from contest_server.core.saying import Said, said_by
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tokens import Role, RotatedAlready, WrongScope
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import latest
from contest_server.live.now import now_us

ROLES: dict[str, Role] = {"venue": "venue", "display": "display", "director": "director", "auditor": "auditor", "admin": "admin"}
DAY_US = 86_400 * 1_000_000


def token(
    contest: Annotated[str | None, typer.Option(help="The contest it is for.")] = None,
    venue: Annotated[str | None, typer.Option(help="The venue it is for (role venue).")] = None,
    role: Annotated[
        str, typer.Option(help="venue: send events. display: a screen. director: clock, freeze. auditor: reads all. admin.")
    ] = "venue",
    label: Annotated[str, typer.Option(help="What it is for, so that you know later which one to revoke.")] = "",
    show: Annotated[bool, typer.Option("--list", help="List the tokens of the contest (never the secrets).")] = False,
    revoke: Annotated[str | None, typer.Option(metavar="ID", help="Revoke the token with this id.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="It ends by itself after so many days.")] = None,
    rotate: Annotated[
        str | None, typer.Option(metavar="ID", help="Issue another in the place of this one, which goes on for ten minutes.")
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Issue a token and print it, once: only its hash is kept. Also lists, rotates and revokes tokens.

    Exit codes: 0 done, 1 no such contest, venue or token, 2 bad usage or no database.
    """
    asked = ROLES.get(OLDER_WORDS.get(role, role))
    if asked is None:
        fail(Said("--role {word!r}: expected {words}", word=role, words=list(ROLES)))
    stores = lasting_stores_at(db, create=False)
    work = _rotate(stores, rotate) if rotate is not None else _token(stores, contest, venue, asked, label, show, revoke, days)
    asyncio.run(_run(stores, work))


async def _run(stores: Stores, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (WrongScope, LimitExceeded, RotatedAlready, LedgerFault) as error:
        fail(said_by(error))
    finally:
        await stores.close()


async def _token(
    stores: Stores, contest: str | None, venue: str | None, role: Role, label: str, show: bool, revoke: str | None, days: int | None
) -> None:
    if revoke is not None:
        await _revoke(stores, revoke)
    elif show:
        await _list(stores, contest)
    else:
        await _issue(stores, contest, venue, role, label, None if days is None else now_us() + days * DAY_US)


async def _issue(stores: Stores, contest: str | None, venue: str | None, role: Role, label: str, expires_us: int | None) -> None:
    if contest is not None:
        await _must_exist(stores, contest, venue)
    scope = (ContestId(contest) if contest else None, VenueId(venue) if venue else None)
    issued = await stores.tokens.issue(role, now_us(), *scope, label, expires_us=expires_us)
    typer.echo(issued.secret)


async def _must_exist(stores: Stores, contest: str, venue: str | None) -> None:
    known = await stores.ledger.contests()
    if ContestId(contest) not in known:
        fail(unknown_contest(contest, known), EXIT_FAULTS)
    adopted = await latest(stores.ledger, ContestId(contest))
    venues = [each["id"] for each in adopted.definition["venues"]] if adopted else []
    if venue is not None and venue not in venues:
        fail(Said("contest {contest!r} has no venue {venue!r}; it has {venues}", contest=contest, venue=venue, venues=venues), EXIT_FAULTS)


async def _list(stores: Stores, contest: str | None) -> None:
    if contest is not None:
        await _must_exist(stores, contest, None)
    for each in await stores.tokens.all(ContestId(contest) if contest else None):
        created = datetime.fromtimestamp(each.created_us / 1e6, UTC).isoformat(timespec="seconds")
        state = Said("revoked") if each.revoked_us else Said("in force") if each.is_in_force(now_us()) else Said("expired")
        where = f"{each.contest or '-'}  {each.venue or '-'}"
        typer.echo(f"{each.id}  {each.role:8}  {where}  {created}  {in_tongue(state)}  {each.label}")


async def _rotate(stores: Stores, token_id: str) -> None:
    issued = await stores.tokens.rotate(token_id, now_us())
    if issued is None:
        fail(Said("no token {id!r} is in force; see contest-server token --list", id=token_id), EXIT_FAULTS)
    typer.echo(issued.secret)


async def _revoke(stores: Stores, token_id: str) -> None:
    if not await stores.tokens.revoke(token_id, now_us()):
        fail(Said("no token {id!r} is in force; see contest-server token --list", id=token_id), EXIT_FAULTS)
    tell(Said("{id} revoked", id=token_id))
