"""The network between some pages and a hall, which can be cut and mended while the hall itself goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from urllib.parse import urlsplit

from tests.browser.hall import LIMIT_S, Hall
from tests.faults.cable import Cable


class Network:
    """A cable to the hall. `url` is where pages find the hall through it."""

    def __init__(self, cable: Cable, loop: asyncio.AbstractEventLoop) -> None:
        self._cable, self._loop = cable, loop
        self.url = f"http://127.0.0.1:{cable.port}"

    def cut(self) -> None:
        """Every connection breaks, and none comes to be."""
        self._loop.call_soon_threadsafe(self._cable.cut)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._cable.mend)


@contextmanager
def network(hall: Hall) -> Iterator[Network]:
    """Lay a cable to the hall in a thread of its own, and take it away in the end."""
    address = urlsplit(hall.url)
    far = (str(address.hostname), int(address.port or 0))
    ready, ending = threading.Event(), asyncio.Event()
    laid: list[Network] = []

    async def carry() -> None:
        async with Cable(lambda: [far], Random(5)).laid() as cable:
            laid.append(Network(cable, asyncio.get_running_loop()))
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=asyncio.run, args=(carry(),), name="network", daemon=True)
    thread.start()
    assert ready.wait(LIMIT_S), "no port to listen on"
    try:
        yield laid[0]
    finally:
        laid[0]._loop.call_soon_threadsafe(ending.set)
        thread.join(LIMIT_S)
