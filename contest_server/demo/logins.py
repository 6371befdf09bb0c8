"""How the officials of a demo log in: passwords that anybody at this computer may know, and nobody elsewhere can."""

from __future__ import annotations

from collections.abc import Mapping

from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId, OfficialId
from contest_server.demo.bundle import bundled
from contest_server.demo.place import is_loopback
from contest_server.ledger.passwords import new_password
from contest_server.ledger.urls import Stores

Passwords = Mapping[OfficialId, str]


def passwords_for(host: str) -> Passwords:
    """The same ones for every show where only this computer can reach the server, otherwise new ones."""
    open_to_others = not is_loopback(host)
    return {OfficialId(each.id): new_password() if open_to_others else f"demo-pass-{each.id}" for each in bundled().officials}


async def chief_of(stores: Stores, definition: Definition, passwords: Passwords, now_us: int) -> str:
    """Set all passwords, for a round begins on an empty database, and log the chief referee in; returns the secret of the session."""
    contest = ContestId(definition.contest.id)
    for official, password in passwords.items():
        await stores.officials.set_password(contest, official, password, now_us)
    chief = next(OfficialId(each.id) for each in definition.officials if each.role == "chief")
    begun = await stores.officials.log_in(contest, chief, passwords[chief], now_us)
    assert begun is not None, "the password was set a moment ago"
    return begun.secret
