"""Revoked tokens lose their open sockets, not only the next one. Asks the store once an interval, however many sockets there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tokens import Token, Tokens

log = structlog.get_logger()

ASK_EVERY_S = 1.0


class Revocations:
    """Which tokens have open sockets, and whether they are still in force."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._watched: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, token: Token | None) -> Iterator[asyncio.Event]:
        """An event that is set when this token is revoked; never for nobody's token."""
        revoked = asyncio.Event()
        if token is None:
            yield revoked
            return
        self._watched.setdefault(token.id, set()).add(revoked)
        try:
            yield revoked
        finally:
            self._watched[token.id].discard(revoked)
            if not self._watched[token.id]:
                del self._watched[token.id]

    async def run(self) -> None:
        """Ask again and again, until cancelled. A store that does not answer is asked again: its desks say what is wrong."""
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            if not self._watched:
                continue
            try:
                known = await self._tokens.all()
            except LedgerFault as error:
                log.warning("tokens cannot be read", reason=str(error))
                continue
            for token in known:
                if token.revoked_us is not None:
                    for revoked in self._watched.get(token.id, ()):
                        revoked.set()
