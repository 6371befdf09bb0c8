"""The answer to a display's request for a WebSocket (RFC 6455, 4.2), where that is as browsers and libraries write it.

Whatever is unusual is answered with None, and left to the library, which knows how to refuse it. What is answered here, the library would
have answered with the same bytes.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from contest_server.wire.framing import WINDOW_BITS
from contest_server.wire.messages import SUBPROTOCOL

SHARED_DEFLATE: Final = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=WINDOW_BITS,
    client_max_window_bits=WINDOW_BITS,
    compress_settings={"memLevel": 5},
)
"""Every message for itself: one that was deflated once is good for all, and a socket keeps no memory for it."""
SWITCHING: Final = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
CONNECTIONS: Final = (b"upgrade", b"keep-alive, upgrade")
"""As browsers, libraries and proxies write it."""
PROTOCOL: Final = SUBPROTOCOL.encode()
KEY_BYTES: Final = 16
WITH_BODY: Final = frozenset((b"content-length", b"transfer-encoding"))
"""A request for a socket has none."""
_NEGOTIATOR: Final = ServerProtocol(extensions=[SHARED_DEFLATE])


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer, and the extensions that it agrees to."""

    answer: bytes
    extensions: list[Extension]


def shake(headers: Mapping[bytes, bytes], more: Iterable[tuple[bytes, bytes]] = ()) -> Handshake | None:
    """The answer to a GET of HTTP/1.1 that has each of these headers once; names are in small letters. `more` headers are added to the
    answer. None: it asks for something else than a WebSocket, or only the library can judge.
    """
    agreed = _agreed(headers.get(b"sec-websocket-extensions")) if _is_usual(headers) else None
    if agreed is None:
        return None
    lines = [
        SWITCHING,
        f"Sec-WebSocket-Accept: {accept_key(headers[b'sec-websocket-key'].decode())}\r\n",
        f"Sec-WebSocket-Extensions: {agreed[0]}\r\n" if agreed[0] else "",
        *(f"{name.decode('latin-1').lower()}: {value.decode('latin-1')}\r\n" for name, value in more),
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n" if b"sec-websocket-protocol" in headers else "",
        "\r\n",
    ]
    return Handshake("".join(lines).encode("latin-1"), agreed[1])


def _is_usual(headers: Mapping[bytes, bytes]) -> bool:
    return (
        headers.get(b"connection", b"").lower() in CONNECTIONS
        and headers.get(b"upgrade", b"").lower() == b"websocket"
        and headers.get(b"sec-websocket-version") == b"13"
        and headers.get(b"sec-websocket-protocol", PROTOCOL) == PROTOCOL
        and WITH_BODY.isdisjoint(headers)
        and _is_key(headers.get(b"sec-websocket-key", b""))
    )


def _is_key(key: bytes) -> bool:
    try:
        return len(b64decode(key, validate=True)) == KEY_BYTES
    except binascii.Error:
        return False


def _agreed(offer: bytes | None) -> tuple[str, list[Extension]] | None:
    """The extensions that this offer leads to, as text and ready for use; None for one that cannot be read."""
    if offer is None:
        return "", []
    try:
        text, extensions = _NEGOTIATOR.process_extensions(Headers({"Sec-WebSocket-Extensions": offer.decode("latin-1")}))
    except InvalidHandshake:
        return None
    return text or "", extensions


def is_shared(extension: object) -> bool:
    """Whether frames that were deflated once for all can be read by who agreed to this."""
    return (
        isinstance(extension, PerMessageDeflate) and extension.local_no_context_takeover and extension.local_max_window_bits >= WINDOW_BITS
    )
