"""Connections that never finish asking are dropped: who opens a port and says nothing holds a descriptor for a while only."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


def protocol_within(seconds: float) -> type[HttpToolsProtocol]:
    """The HTTP protocol whose first request has to be complete, headers and all, within so many seconds."""

    class Impatient(HttpToolsProtocol):
        """Its hooks are uvicorn's own names; `tests/web/test_quiet.py` notices when a new version has others."""

        _first: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._first = self.loop.call_later(seconds, transport.close)

        def on_headers_complete(self) -> None:
            self._heard()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._heard()
            super().connection_lost(exc)

        def _heard(self) -> None:
            if self._first is not None:
                self._first.cancel()
                self._first = None

    return Impatient
