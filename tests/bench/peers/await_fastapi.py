"""A fan-out as most would write it: FastAPI, and `await socket.send_text` to one display after another.

Says "port N"; takes `send FRAMES EVERY_US BYTES` on stdin and answers `sent FRAMES`.
"""

from __future__ import annotations

import asyncio
import sys
import time

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from tests.bench.peers.doors import BACKLOG, door

application = FastAPI()
displays: list[WebSocket] = []


@application.websocket("/board")
async def board(display: WebSocket) -> None:
    await display.accept()
    displays.append(display)
    try:
        while True:
            await display.receive_text()
    except WebSocketDisconnect:
        displays.remove(display)


async def broadcast(frames: int, every_s: float, size: int) -> None:
    began_s = time.monotonic()
    for number in range(1, frames + 1):
        text = f"frame {number} ".ljust(size, "x")
        for each in displays:
            await each.send_text(text)
        await asyncio.sleep(max(0.0, began_s + number * every_s - time.monotonic()))
    print(f"sent {frames}", flush=True)


async def main() -> None:
    listening = door()
    config = uvicorn.Config(application, log_level="warning", ws_per_message_deflate=False, ws_ping_interval=None, backlog=BACKLOG)
    serving = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listening]))
    print(f"port {listening.getsockname()[1]}", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        _, frames, every_us, size = line.split()
        await broadcast(int(frames), int(every_us) / 1e6, int(size))
    serving.cancel()


if __name__ == "__main__":
    asyncio.run(main())
