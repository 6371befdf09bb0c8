"""A JSON object in pieces, its members in the order of their names: what did not change is neither looked at nor encoded again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec


class Pieces:
    """The members of an object as they were encoded last, each with what it was made of."""

    def __init__(self, document: Callable[[Any], Any]) -> None:
        self._document = document
        """What is shown of a member's value."""
        self._known: dict[str, tuple[Any, bytes]] = {}
        self._text: bytes | None = b"{}"

    def change(self, members: Iterable[tuple[str, Any]]) -> bytes:
        """The object, of which these members may be others than before; None is no member. Values that are equal are shown alike."""
        is_new = False
        for name, value in members:
            known = self._known.get(name)
            if value is None:
                self._drop(name)
            elif known is None or known[0] != value:
                is_new = is_new or known is None
                self._known[name], self._text = (value, self._encoded(name, value)), None
        if is_new:
            self._known = dict(sorted(self._known.items()))
        if self._text is None:
            self._text = b"{" + b",".join([text for _, text in self._known.values()]) + b"}"
        return self._text

    def whole(self, members: Iterable[tuple[str, Any]]) -> bytes:
        """The object with these members and no others."""
        return self.change({**dict.fromkeys(self._known), **dict(members)}.items())

    def _drop(self, name: str) -> None:
        if self._known.pop(name, None) is not None:
            self._text = None

    def _encoded(self, name: str, value: Any) -> bytes:
        """The member as it stands between the braces."""
        return msgspec.json.encode({name: self._document(value)})[1:-1]
