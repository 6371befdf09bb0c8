"""`contest-server account`: people who log in once for the whole installation, what is granted to them, and their passwords."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, first_line, lasting_stores_at, unknown_contest
from contest_server.commands.tongue import in_tongue, tell
from contest_server.core.facts import ContestId
from contest_server.core.roles import ROLES, Role, Scope, WrongScope, check_scope, role_of
from contest_server.core.saying import Coded, Said, said_by
from contest_server.ledger.accounts import Account, BadAccount, Grant, LastAdmin, UnknownAccount
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.passwords import PASSWORD_MAX_CHARS, check_password, new_password
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores
from contest_server.live.adopting import latest
from contest_server.live.now import now_us

PARTS = ("venue", "official", "contestant")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for, of which account. `grant` is a role with what it holds for."""

    name: str
    grant: tuple[Role, Scope] | None
    password: str | None
    full_name: str
    email: str | None
    subject: str | None


Act = Callable[[Stores, Order], Coroutine[Any, Any, None]]


def account(
    act: Annotated[str, typer.Argument(help="add, grant, revoke, disable, enable, password or list.")],
    name: Annotated[str | None, typer.Argument(help="The account, such as lin.mei: small letters, digits, '.', '_', '-'.")] = None,
    role: Annotated[
        str | None, typer.Option(help="admin, director, chief, referee, venue, auditor or contestant (add, grant, revoke).")
    ] = None,
    contest: Annotated[str | None, typer.Option(help="The contest of the role; directors and auditors may have all.")] = None,
    venue: Annotated[str | None, typer.Option(help="The venue that somebody speaks for (role venue).")] = None,
    official: Annotated[str | None, typer.Option(help="Which official of the definition this is (roles chief, referee).")] = None,
    contestant: Annotated[str | None, typer.Option(help="Which contestant this is (role contestant).")] = None,
    full_name: Annotated[str | None, typer.Option("--full-name", help="What people call them (add).")] = None,
    email: Annotated[str | None, typer.Option(help="How an identity provider may know them (add).")] = None,
    subject: Annotated[str | None, typer.Option(help="Who they are to an identity provider (add).")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input (add, password).")
    ] = False,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it, once (add, password).")] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """Add accounts, grant roles and take them back, disable, set passwords, list.

    `add` and `password` ask for the password on a terminal. The first administrator, before there is any database:
    contest-server account add admin --role admin. A new password ends the sessions of the account, and disabling it those and its sockets.

    Exit codes: 0 done; 1 no such account, grant, contest, venue, official or contestant, or nobody would be left who may administer;
    2 bad usage, a password too short or too long, or no database.
    """
    if act not in ACTS:
        fail(Said("{act!r}: expected {acts}", act=act, acts=list(ACTS)))
    if (name is None) != (act == "list"):
        fail(Said("list takes no account") if act == "list" else Said("name the account"))
    grant = _granted(act, role, Scope(contest, venue, official, contestant))
    with_provider = email is not None or subject is not None
    password = _password(password_stdin, generate, may_be_none=act == "add" and with_provider) if act in ("add", "password") else None
    order = Order(name or "", grant, password, full_name or name or "", email, subject)
    may_be_first = act == "add" and contest is None
    asyncio.run(_run(lasting_stores_at(db, create=may_be_first), ACTS[act], order))
    if act != "list":
        tell(password if generate and password is not None else Said("{name}: done", name=name))


def _granted(act: str, word: str | None, scope: Scope) -> tuple[Role, Scope] | None:
    """The role that was named with what it holds for, or the end of the command."""
    if word is None:
        if act in ("grant", "revoke"):
            fail(Said("{act} needs --role", act=act))
        return None
    role = role_of(word)
    if role is None:
        fail(Said("--role {word!r}: expected {words}", word=word, words=list(ROLES)))
    try:
        check_scope(role, scope, may_be_all=True)
    except WrongScope as error:
        fail(said_by(error))
    return role, scope


def _password(from_stdin: bool, generate: bool, *, may_be_none: bool) -> str | None:
    """A password that was typed, piped or made; None where an identity provider is to let them in."""
    if generate:
        return new_password()
    if from_stdin or sys.stdin is None or not sys.stdin.isatty():
        given = first_line(PASSWORD_MAX_CHARS)
        if not given and may_be_none:
            return None
        if not given:
            fail(Said("no password was given: --generate makes one, --password-stdin reads its first line, a terminal is asked"))
    else:
        given = getpass.getpass(in_tongue(Said("password: ")))
        if given != getpass.getpass(in_tongue(Said("the same again: "))):
            fail(Said("these were two different passwords; nothing was changed"))
    try:
        check_password(given)
    except LimitExceeded as error:
        fail(said_by(error))
    return given


async def _run(stores: Stores, act: Act, order: Order) -> None:
    try:
        if order.grant is not None:
            await _check_there(stores, order.grant[1])
        await act(stores, order)
    except (BadAccount, UnknownAccount, LastAdmin) as error:
        fail(said_by(error), EXIT_FAULTS)
    except (LimitExceeded, WrongScope, LedgerFault) as error:
        fail(said_by(error))
    finally:
        await stores.close()


async def _add(stores: Stores, order: Order) -> None:
    await stores.accounts.add(order.name, order.full_name, now_us(), email=order.email, subject=order.subject)
    await _set_password(stores, order)
    if order.grant is not None:
        await _grant(stores, order)


async def _grant(stores: Stores, order: Order) -> None:
    assert order.grant is not None, "checked before"
    await stores.accounts.grant(order.name, *order.grant, now_us())


async def _revoke(stores: Stores, order: Order) -> None:
    """Take back the grant of this role with this scope."""
    found = await stores.accounts.account(order.name)
    for each in () if found is None else found.grants:
        if (each.role, Scope(each.contest, each.venue, each.official, each.contestant)) == order.grant:
            await stores.accounts.take(order.name, each.id)
            return
    raise UnknownAccount(Said("{account!r} has no such role; see contest-server account list", account=order.name))


async def _disable(stores: Stores, order: Order) -> None:
    await stores.accounts.disable(order.name, now_us())


async def _enable(stores: Stores, order: Order) -> None:
    await stores.accounts.enable(order.name, now_us())


async def _set_password(stores: Stores, order: Order) -> None:
    if order.password is not None:
        await stores.accounts.set_password(order.name, order.password, now_us())


async def _check_there(stores: Stores, scope: Scope) -> None:
    """The end of the command where the adopted definition has no such venue, official or contestant."""
    if scope.contest is None:
        return
    known = await stores.ledger.contests()
    if scope.contest not in known:
        fail(unknown_contest(scope.contest, known), EXIT_FAULTS)
    adopted = await latest(stores.ledger, ContestId(scope.contest))
    for part in PARTS:
        wanted = getattr(scope, part)
        there = [each["id"] for each in adopted.definition.get(f"{part}s", [])] if adopted else []
        if wanted is not None and wanted not in there:
            what = Coded("account", part)
            fail(Said("contest {contest!r} has no {what} {name!r}", contest=scope.contest, what=what, name=wanted), EXIT_FAULTS)


async def _list(stores: Stores, _: Order) -> None:
    for each in await stores.accounts.all():
        typer.echo("  ".join(_line(each)))


def _line(each: Account) -> list[str]:
    state = Said("disabled") if each.disabled_us is not None else Said("password") if each.has_password else Said("no password")
    return [each.id, in_tongue(state), each.name, "; ".join(_words(grant) for grant in each.grants) or in_tongue(Said("no role"))]


def _words(grant: Grant) -> str:
    scope = [part for part in (grant.contest, grant.venue, grant.official, grant.contestant) if part is not None]
    return " ".join([grant.role, *scope])


ACTS: Mapping[str, Act] = {
    "add": _add, "grant": _grant, "revoke": _revoke, "disable": _disable, "enable": _enable, "password": _set_password, "list": _list,
}  # fmt: skip
