"""A JSON object in pieces: what did not change is not encoded again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec


class Pieces:
    """The members of an object as they were encoded last, each with what it was made of."""

    def __init__(self, document: Callable[[Any], Any]) -> None:
        self._document = document
        """What is shown of a member's value."""
        self._known: dict[str, tuple[Any, bytes]] = {}
        self._last: tuple[Sequence[tuple[str, Any]], bytes] = (), b"{}"

    def json(self, members: Sequence[tuple[str, Any]]) -> bytes:
        """The object with these members, in this order. Values that are equal are shown alike."""
        if members != self._last[0]:
            known = self._known if len(self._known) <= len(members) else {}
            for name, value in members:
                if name not in known or known[name][0] != value:
                    known[name] = value, self._encoded(name, value)
            self._known, self._last = known, (members, b"{" + b",".join([known[name][1] for name, _ in members]) + b"}")
        return self._last[1]

    def _encoded(self, name: str, value: Any) -> bytes:
        """The member as it stands between the braces."""
        return msgspec.json.encode({name: self._document(value)})[1:-1]
