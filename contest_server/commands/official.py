"""`contest-server official`: give an official a password, or see who has one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, first_line, lasting_stores_at, unknown_contest
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.facts import ContestId, Json, OfficialId
from contest_server.core.saying import Said, said_by
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, new_password
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import latest
from contest_server.live.now import now_us


def official(
    contest: Annotated[str, typer.Option(help="The contest.")],
    official_id: Annotated[str | None, typer.Argument(metavar="ID", help="Who gets a password; without it, all are listed.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of making one.")
    ] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """Set the password of an official of the adopted definition, and print it, once: only its hash is kept.

    Whoever was logged in as this official has to log in again. Without an ID, lists the officials and whether they have a password.

    Exit codes: 0 done, 1 no such contest or official, 2 bad usage, a password too short or too long, or no database.
    """
    if password_stdin and official_id is None:
        fail(Said("--password-stdin sets a password: name the official, too"))
    given = first_line(PASSWORD_MAX_CHARS) if password_stdin else None
    stores = lasting_stores_at(db, create=False)
    asyncio.run(_official(stores, ContestId(contest), official_id, given))


async def _official(stores: Stores, contest: ContestId, official_id: str | None, given: str | None) -> None:
    try:
        officials = await _officials(stores, contest)
        if official_id is None:
            await _list(stores, contest, officials)
        else:
            await _set(stores, contest, official_id, officials, given)
    except (LimitExceeded, LedgerFault) as error:
        fail(said_by(error))
    finally:
        await stores.close()


async def _officials(stores: Stores, contest: ContestId) -> dict[str, Json]:
    """Those of the adopted definition, or the end of the command with what to do."""
    known = await stores.ledger.contests()
    if contest not in known:
        fail(unknown_contest(contest, known), EXIT_FAULTS)
    adopted = await latest(stores.ledger, contest)
    officials = {each["id"]: each for each in adopted.definition.get("officials", [])} if adopted else {}
    if not officials:
        told = Said(
            "the definition of {contest!r} has no officials; write [[officials]] into it, then contest-server adopt", contest=contest
        )
        fail(told, EXIT_FAULTS)
    return officials


async def _list(stores: Stores, contest: ContestId, officials: dict[str, Json]) -> None:
    since_us = await stores.officials.passwords(contest)
    for each in officials.values():
        at_us = since_us.get(OfficialId(each["id"]))
        state = Said("no password") if at_us is None else Said("password of {time}", time=_time(at_us))
        typer.echo(f"{each['id']}  {each['role']:7}  {each.get('venue', '-')}  {in_tongue(state)}")


def _time(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="seconds")


async def _set(stores: Stores, contest: ContestId, official_id: str, officials: dict[str, Json], given: str | None) -> None:
    if official_id not in officials:
        there = list(officials)
        fail(
            Said("contest {contest!r} has no official {official!r}; it has {there}", contest=contest, official=official_id, there=there),
            EXIT_FAULTS,
        )
    password = new_password() if given is None else given
    await stores.officials.set_password(contest, OfficialId(official_id), password, now_us())
    tell(Said("the password of {official} is set", official=official_id) if given is not None else password)
