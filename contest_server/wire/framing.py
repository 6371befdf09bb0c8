"""Messages as the bytes of websocket frames (RFC 6455, 7692), made once for everybody who gets them. Reads only whole short messages.

A message is deflated from nothing (`server_no_context_takeover`), so that the same bytes are good for everybody who agreed to that.
"""

from __future__ import annotations

import zlib
from typing import Final

try:
    from websockets.speedups import apply_mask
except ImportError:  # an installation without the compiled part
    from websockets.utils import apply_mask

WINDOW_BITS: Final = 12
"""Who allows a smaller window for what we send is sent plain frames: those are always good."""
_MEM_LEVEL: Final = 5
_LEVEL: Final = 6
_TAIL: Final = b"\x00\x00\xff\xff"
TEXT: Final = 0x81
"""The first byte of a whole text message,"""
DEFLATED: Final = 0xC1
"""and of one that is deflated."""
BYTES: Final = 0x82
"""A whole message of bytes."""
_MASKED: Final = 0x80
SHORT_MAX_BYTES: Final = 125
"""Longer payloads have longer heads."""
_LENGTH_FOLLOWS: Final = 126
"""Instead of a length: the two bytes after it are the length."""
MIDDLE_MAX_BYTES: Final = 65_535
"""What those two bytes can say."""
_HEAD_BYTES: Final = 6
"""Of a short masked frame."""


class Packed:
    """One text message, as the whole frames that carry it; each kind is made when it is first asked for."""

    __slots__ = ("_deflated", "_plain", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self._plain: bytes | None = None
        self._deflated: bytes | None = None

    def frame(self, *, deflated: bool) -> bytes:
        """The frame for those who agreed to deflating, or for the others."""
        return self.deflated if deflated else self.plain

    @property
    def plain(self) -> bytes:
        if self._plain is None:
            self._plain = text_frame(self.payload)
        return self._plain

    @property
    def deflated(self) -> bytes:
        if self._deflated is None:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -WINDOW_BITS, _MEM_LEVEL)
            data = packer.compress(self.payload) + packer.flush(zlib.Z_SYNC_FLUSH)
            self._deflated = _head(DEFLATED, len(data) - len(_TAIL)) + data[: -len(_TAIL)]
        return self._deflated


def text_frame(payload: bytes) -> bytes:
    """A text message in one plain frame, which everybody can read."""
    return _head(TEXT, len(payload)) + payload


def _head(first: int, length: int) -> bytes:
    if length <= SHORT_MAX_BYTES:
        return bytes((first, length))
    if length < 1 << 16:
        return bytes((first, 126)) + length.to_bytes(2)
    return bytes((first, 127)) + length.to_bytes(8)


def frame_end(data: bytes, begin: int) -> int | None:
    """Where the masked frame that begins here ends, if all of it is here and its payload has at most MIDDLE_MAX_BYTES; None otherwise."""
    head = begin + _HEAD_BYTES
    if len(data) < head:
        return None
    length = data[begin + 1] ^ _MASKED
    if length == _LENGTH_FOLLOWS:
        head += 2
        length = data[begin + 2] << 8 | data[begin + 3]
    elif length > SHORT_MAX_BYTES:
        return None
    return head + length if head + length <= len(data) else None


def is_middle(data: bytes, begin: int) -> bool:
    """Whether the frame that begins here, as far as it can be seen, is masked and no longer than MIDDLE_MAX_BYTES."""
    return len(data) < begin + 2 or _MASKED <= data[begin + 1] <= _MASKED | _LENGTH_FOLLOWS


def message_in(data: bytes, begin: int, end: int) -> bytes | None:
    """The payload of such a frame where it is a whole message of text or bytes, as it was sent; None for what only the parser can read."""
    if data[begin] not in (TEXT, BYTES):
        return None
    mask_at = begin + 4 if data[begin + 1] == _MASKED | _LENGTH_FOLLOWS else begin + 2
    message: bytes = apply_mask(data[mask_at + 4 : end], data[mask_at : mask_at + 4])
    return message if message.isascii() or data[begin] == BYTES or is_utf8(message) else None


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def short_frame_end(data: bytes, begin: int) -> int | None:
    """Where the short, masked, unfragmented frame that begins here ends; None for any other, and for one that is not whole."""
    if len(data) < begin + _HEAD_BYTES or not data[begin] & 0x80 or data[begin] & 0x0F == 0:
        return None
    length = data[begin + 1] ^ _MASKED
    end = begin + _HEAD_BYTES + length
    return end if length <= SHORT_MAX_BYTES and end <= len(data) else None


def short_text(data: bytes, begin: int, end: int) -> bytes | None:
    """The text of such a frame, in ASCII; None for what is no text, and for what only a careful reader can judge.

    A deflated one is read as the first of its sender's context: that is what `client_no_context_takeover` promises.
    """
    first = data[begin]
    if first not in (TEXT, DEFLATED):
        return None
    text = apply_mask(data[begin + _HEAD_BYTES : end], data[begin + 2 : begin + _HEAD_BYTES])
    if first == DEFLATED:
        try:
            text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(text + _TAIL, SHORT_MAX_BYTES)
        except zlib.error:
            return None
        if len(text) == SHORT_MAX_BYTES:
            return None  # there may be more of it
    return text if text.isascii() else None
