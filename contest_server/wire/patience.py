"""What a page's socket says, read: one message at a time, and with patience for a few that cannot be read."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from contest_server.core.json_words import reread
from contest_server.core.saying import Said
from contest_server.wire.limits import DETAIL_MAX_CHARS
from contest_server.wire.reading import BadMessage

T = TypeVar("T")

MESSAGE_MAX_BYTES = 4_096


def read_as(decoder: msgspec.json.Decoder[T], text: str | bytes) -> T:
    """One message of at most MESSAGE_MAX_BYTES. Raises BadMessage."""
    if len(text) > MESSAGE_MAX_BYTES:
        too_large = Said("{count} characters; at most {most} bytes in one message", count=len(text), most=MESSAGE_MAX_BYTES)
        raise BadMessage("too_large", too_large)
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessage("bad_message", reread(str(error)[:DETAIL_MAX_CHARS])) from None


class Patience(Generic[T]):
    """Reads for one socket, and bears with less than `bad_max` messages in a row that cannot be read."""

    def __init__(self, decoder: msgspec.json.Decoder[T], bad_max: int) -> None:
        self._decoder, self._bad_max, self._bad = decoder, bad_max, 0

    def receive(self, text: str | bytes) -> T | None:
        """What it says; None where that cannot be read. Raises BadMessage once it was so `bad_max` times in a row."""
        try:
            message = read_as(self._decoder, text)
        except BadMessage:
            self._bad += 1
            if self._bad >= self._bad_max:
                raise
            return None
        self._bad = 0
        return message
