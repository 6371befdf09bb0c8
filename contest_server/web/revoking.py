"""Revoked tokens and ended sessions lose their open sockets, not only the next one. Asks the stores once an interval for all sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from contest_server.ledger.officials import Officials
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tokens import Token, Tokens

if TYPE_CHECKING:
    from contest_server.web.access import Person

log = structlog.get_logger()

ASK_EVERY_S = 1.0


class Revocations:
    """Which tokens and sessions have open sockets, and whether they are still in force."""

    def __init__(self, tokens: Tokens, officials: Officials, now_us: Callable[[], int]) -> None:
        self._tokens, self._officials, self._now_us = tokens, officials, now_us
        self._of_tokens: dict[str, set[asyncio.Event]] = {}
        self._of_sessions: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, who: Token | Person | None) -> Iterator[asyncio.Event]:
        """An event that is set when this token is revoked, or this session over; never for nobody."""
        revoked = asyncio.Event()
        if who is None:
            yield revoked
            return
        watched, key = (self._of_tokens, who.id) if isinstance(who, Token) else (self._of_sessions, who.session_id)
        watched.setdefault(key, set()).add(revoked)
        try:
            yield revoked
        finally:
            watched[key].discard(revoked)
            if not watched[key]:
                del watched[key]

    async def run(self) -> None:
        """Ask again and again, until cancelled. A store that does not answer is asked again: its desks say what is wrong."""
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            try:
                await self._ask()
            except LedgerFault as error:
                log.warning("tokens and sessions cannot be read", reason=str(error))

    async def _ask(self) -> None:
        over: list[set[asyncio.Event]] = []
        if self._of_tokens:
            known = await self._tokens.all()
            over += [self._of_tokens[token.id] for token in known if token.revoked_us is not None and token.id in self._of_tokens]
        if watched := dict(self._of_sessions):
            still_open = await self._officials.open_sessions(self._now_us())
            over += [sockets for session, sockets in watched.items() if session not in still_open]
        for revoked in (event for sockets in over for event in sockets):
            revoked.set()
