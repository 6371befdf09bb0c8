"""One database on several machines, of which one may be written to: asked in turn, the one that let somebody in last first.

So a failover needs nobody here: who loses a connection gets the next one from the machine that took over. Refuses where none is as wanted,
and says of each why. What is not about the machine (a wrong password) ends the search: the others would say the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from contest_server.core.saying import Said, Text
from contest_server.ledger.database_url import each_of

CONNECT_WITHIN_S: Final = 10.0
"""All machines together: one that is switched off says nothing at all."""
URLS_KEPT: Final = 16
_NEXT_PLEASE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TargetServerAttributeNotMatched,
)


class NoHost(OSError):
    """None of the machines is up and as it is wanted; the text says of each why."""


class Hosts:
    """Those of one URL."""

    def __init__(self, url: str) -> None:
        self._urls = each_of(url)

    async def connect(self, **settings: Any) -> asyncpg.Connection[Any]:
        """Raises NoHost, or what asyncpg raises: of a single host also that it is not there."""
        refusals = []
        for url in tuple(self._urls):
            try:
                connection = await asyncpg.connect(url, timeout=CONNECT_WITHIN_S / len(self._urls), **settings)
            except _NEXT_PLEASE as error:
                if len(self._urls) == 1 and not isinstance(error, asyncpg.TargetServerAttributeNotMatched):
                    raise
                refusals.append(Said("{host}: {why}", host=urlsplit(url).netloc.rpartition("@")[2], why=_why(error)))
            else:
                self._urls.sort(key=lambda each: each != url)
                return connection
        raise NoHost(Said("{refusals:;}", refusals=refusals))


@lru_cache(maxsize=URLS_KEPT)
def hosts_at(url: str) -> Hosts:
    """The same for everybody here, so that what one has found out the next one knows. Raises BadUrl."""
    return Hosts(url)


def _why(error: BaseException) -> Text:
    match error:
        case asyncpg.TargetServerAttributeNotMatched():
            return Said("is up, but not as target_session_attrs wants it (a standby takes no writes)")
        case TimeoutError():
            return Said("says nothing")
        case _:
            return str(error).partition("\n")[0] or type(error).__name__
