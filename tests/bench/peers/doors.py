"""The listening socket of a peer in Python: with the options of our own, so that no answer waits for the confirmation of the one before."""

from __future__ import annotations

import socket

BACKLOG = 4_096


def door() -> socket.socket:
    """On a free port of this machine. What is written to its connections leaves at once (TCP_NODELAY), as from nginx and NATS."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
