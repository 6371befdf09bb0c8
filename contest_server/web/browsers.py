"""Browsers in which somebody has logged in before: what strangers try under that name, or from that address, locks nobody out of them.

Each has a secret of its own in a cookie, which is good for nothing else: whoever has it is no more than told apart. It is another one after
each login, and the browser is counted as the same: whoever has a password of their own does not guess the others' for it. Kept in memory,
as the wrong passwords are: after a restart, and on another server, a browser is a stranger's until somebody has logged in.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b

from fastapi import Request, Response

COOKIE = "contest_browser"
SECRET_BYTES = 24
SECRET_MAX_CHARS = 64
KEPT_S = 30 * 86_400
BROWSERS_MAX = 10_000
"""Beyond it, the one in which somebody logged in longest ago is forgotten."""
NAMES_MAX = 20
"""Of one browser: at a desk that several share."""


@dataclass(frozen=True, slots=True)
class Browser:
    """One of them, and the names that have logged in with it."""

    id: str
    names: tuple[Hashable, ...] = ()


class Browsers:
    """Which names have logged in, in which browser."""

    def __init__(self) -> None:
        self._browsers: dict[str, Browser] = {}
        """By what its secret comes to."""

    def known_as(self, request: Request, name: Hashable) -> str | None:
        """What is counted as this browser, where this name has logged in with it; else None."""
        secret = request.cookies.get(COOKIE, "")
        browser = self._browsers.get(_key(secret)) if 0 < len(secret) <= SECRET_MAX_CHARS else None
        return browser.id if browser is not None and name in browser.names else None

    def remember(self, request: Request, response: Response, name: Hashable) -> None:
        """This name has just logged in here. The browser gets a new secret: one that somebody put there is worth nothing."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        before = self._browsers.pop(_key(request.cookies.get(COOKIE, "")), Browser(_key(secret)))
        names = (*(each for each in before.names if each != name), name)[-NAMES_MAX:]
        self._browsers[_key(secret)] = Browser(before.id, names)
        while len(self._browsers) > BROWSERS_MAX:
            del self._browsers[next(iter(self._browsers))]
        is_https = request.url.scheme == "https"
        response.set_cookie(COOKIE, secret, KEPT_S, path="/api", httponly=True, samesite="strict", secure=is_https)


def _key(secret: str) -> str:
    return blake2b(secret.encode(errors="replace"), digest_size=16).hexdigest()
