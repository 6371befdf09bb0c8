"""The bare limit of a connection: an ASGI application on uvicorn that accepts a socket, sends one frame, and waits.

Says "port N"; the first argument is the text of the frame.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from tests.bench.peers.doors import BACKLOG, door

Message = MutableMapping[str, Any]


def application(text: str) -> Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]:
    async def serve(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": text})
        while (await receive())["type"] != "websocket.disconnect":
            continue

    return serve


def main() -> None:
    listening = door()
    config = uvicorn.Config(application(sys.argv[1]), lifespan="off", log_level="error", ws_per_message_deflate=False, backlog=BACKLOG)
    print(f"port {listening.getsockname()[1]}", flush=True)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
