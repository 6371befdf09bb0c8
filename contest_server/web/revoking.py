"""Whoever is let in no more loses their open sockets, too, not only the next one. Asks the stores once an interval for all sockets.

A token may be revoked or end, a session be over, an account be disabled, a grant be taken back, an official leave the definition or have
less to say in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId
from contest_server.ledger.accounts import Accounts, AccountSession
from contest_server.ledger.officials import Officials
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tokens import Token, Tokens
from contest_server.web.callers import Caller, Holder, Person

log = structlog.get_logger()

ASK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is in force at one moment, as far as somebody relies on it."""

    tokens: frozenset[str]
    officials: frozenset[str]
    """The ids of their sessions."""
    accounts: Mapping[str, AccountSession]


class Revocations:
    """Who has open sockets, and whether what let them in is still in force."""

    def __init__(
        self,
        tokens: Tokens,
        officials: Officials,
        accounts: Accounts,
        definition_of: Callable[[ContestId], Definition | None],
        now_us: Callable[[], int],
    ) -> None:
        self._tokens, self._officials, self._accounts = tokens, officials, accounts
        self._definition_of, self._now_us = definition_of, now_us
        self._watched: dict[Caller, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, who: Caller | None) -> Iterator[asyncio.Event]:
        """An event that is set when this one would be let in no more; never for nobody."""
        revoked = asyncio.Event()
        if who is None:
            yield revoked
            return
        self._watched.setdefault(who, set()).add(revoked)
        try:
            yield revoked
        finally:
            self._watched[who].discard(revoked)
            if not self._watched[who]:
                del self._watched[who]

    def watched(self) -> list[Caller]:
        """Everybody who has an open socket here."""
        return list(self._watched)

    async def run(self) -> None:
        """Ask again and again, until cancelled. A store that does not answer is asked again: its desks say what is wrong."""
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            try:
                await self._ask()
            except LedgerFault as error:
                log.warning("tokens and sessions cannot be read", reason=str(error))
            except Exception:  # a fault of ours must not end the server, nor let whoever was sent away stay for ever
                log.exception("it is not known who may stay")

    async def _ask(self) -> None:
        """Only those are asked about who were here before the stores were read: of whoever came meanwhile, nothing was read."""
        watched = list(self._watched)
        if not watched:
            return
        standing = await self._standing(watched)
        for who in watched:
            if not self._stands(who, standing):
                for revoked in self._watched.get(who, ()):
                    revoked.set()

    async def _standing(self, watched: Sequence[Caller]) -> Standing:
        now_us = self._now_us()
        tokens = await self._tokens.all() if any(isinstance(who, Token) for who in watched) else []
        with_account = any(not isinstance(who, Token) and who.account is not None for who in watched)
        without = any(isinstance(who, Person) and who.account is None for who in watched)
        return Standing(
            frozenset(each.id for each in tokens if each.is_in_force(now_us)),
            frozenset(await self._officials.open_sessions(now_us) if without else ()),
            await self._accounts.open_sessions(now_us) if with_account else {},
        )

    def _stands(self, who: Caller, standing: Standing) -> bool:
        if isinstance(who, Token):
            return who.id in standing.tokens
        if isinstance(who, Person) and who.account is None:
            return who.session_id in standing.officials and self._is_still(who)
        session = standing.accounts.get(who.session_id)
        if session is None:
            return False
        if isinstance(who, Holder):
            return who.grant is None or who.grant in session.grants
        return any((each.contest, each.official) == (who.contest, who.id) for each in session.grants) and self._is_still(who)

    def _is_still(self, person: Person) -> bool:
        """Whether the definition that holds now still has this official, with no less to say."""
        definition = self._definition_of(person.contest)
        if definition is None:
            return True  # its desk is being opened again; whoever asks then is asked who they are
        official = next((each for each in definition.officials if each.id == person.id), None)
        return official is not None and (official.role == person.role or official.role == "chief")
