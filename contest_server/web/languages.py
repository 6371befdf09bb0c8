"""In which language an answer is: `?lang=en|zh|both`, else the first of Accept-Language that is known, else English.

Nothing is asked before a sentence has to be told, so what holds none costs nothing. "both" (`mul` in the header) gives each sentence as
{"en": …, "zh": …}, for pages that change their language in place. Plain text, such as what somebody wrote, is the same in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Literal
from urllib.parse import parse_qs

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from contest_server.core.saying import ENGLISH, Said, Text
from contest_server.words import CHINESE, in_both

Language = Literal["en", "zh", "both"]
_NAMES: dict[str, Language] = {"en": "en", "zh": "zh", "both": "both", "mul": "both"}
KNOWN = "contest_server.language"
"""Where a request keeps what was found of it once: an answer may tell thousands of sentences."""
_asked: ContextVar[Scope | None] = ContextVar("asked", default=None)


class Languages:
    """Remembers what was asked for, for whoever has to tell a sentence in its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        before = _asked.set(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            _asked.reset(before)


def language() -> Language:
    """The language of the answer that is being made."""
    scope = _asked.get()
    if scope is None:
        return "en"
    known: Language | None = scope.get(KNOWN)
    if known is None:
        known = scope[KNOWN] = language_of(scope)
    return known


def language_of(scope: Mapping[str, Any]) -> Language:
    """The language that a request asks for, as far as it has been read."""
    wished = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", ["", ""])[-1]
    return _NAMES.get(wished) or _accepted(Headers(raw=list(scope.get("headers", ()))).get("accept-language", ""))


def _accepted(header: str) -> Language:
    """The first language of the header that is known; q is taken by the order, as browsers write it."""
    for each in header.split(","):
        known = _NAMES.get(re.split(r"[-;]", each.strip().lower(), maxsplit=1)[0])
        if known is not None:
            return known
    return "en"


def told(text: Text, of: Language | None = None) -> str | dict[str, str]:
    """The sentence in the language of the answer, or in this one."""
    match of or language():
        case "both":
            return in_both(text)
        case "zh":
            return CHINESE.tell(text)
        case _:
            return ENGLISH.tell(text)


def document_of(what: object) -> Any:
    """Anything of the core as JSON, its sentences in the language of the answer."""
    return msgspec.to_builtins(what, enc_hook=_as_json)


def _as_json(value: Any) -> Any:
    """Sentences in the language of the answer; what else JSON does not know as text."""
    return told(value) if isinstance(value, Said) else str(value)
