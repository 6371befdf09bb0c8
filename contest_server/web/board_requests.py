"""What a display's address asks for, remembered: a crowd that comes back asks for a few things, each of them many times.

Knows the public board only, plainly written; whatever else is asked for is None, and the declared route's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs

from fastapi.routing import APIWebSocketRoute

from contest_server.core.audience import Audience
from contest_server.core.ids import ContestId
from contest_server.core.roles import ACTIONS
from contest_server.live.views import BadView, View, parse_view
from contest_server.web import displays
from contest_server.web.rights import needed_by

AUDIENCE: Final[Audience] = "public"
ADDRESS_MAX_BYTES: Final = 512
ADDRESSES_KEPT: Final = 1_024


@dataclass(frozen=True, slots=True)
class BoardRequest:
    """To see this view of the public board, after this cursor."""

    contest: ContestId
    view: View
    after: str


def board_request_of(address: bytes) -> BoardRequest | None:
    """The request in an address such as `/api/contests/cup/board?view=top:50`."""
    return _board_request_of(address) if len(address) <= ADDRESS_MAX_BYTES else None


def _declared() -> APIWebSocketRoute:
    """The route as it is described and tested. Nobody who asks for that is asked who they are, so it has to be everybody's."""
    [route] = [each for each in displays.router.routes if isinstance(each, APIWebSocketRoute)]
    needs = needed_by(route)
    assert needs is not None, "the board's socket names no action of core/roles.py"
    assert ACTIONS[needs.action].is_public, "the public board is for everybody"
    return route


_PATH: Final = _declared().path_regex


@lru_cache(ADDRESSES_KEPT)
def _board_request_of(address: bytes) -> BoardRequest | None:
    path, _, query = address.decode("latin-1").partition("?")
    found = _PATH.match(path)
    asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if found is None or "%" in path or asked.get("audience", AUDIENCE) != AUDIENCE:
        return None
    try:
        return BoardRequest(ContestId(found["contest"]), parse_view(asked.get("view", "all")), asked.get("after", ""))
    except BadView:
        return None
