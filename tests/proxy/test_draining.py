"""Three servers behind nginx as `ops/nginx.conf` sets it up: each is ended in turn, as for an upgrade, and nobody misses anything.

Needs nginx, which is left out with the reason where it is not installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import pytest

from contest_server.core.facts import Event
from contest_server.ledger.urls import Stores, open_stores
from tests.contests import CUP
from tests.faults.displays import Display, Patience
from tests.faults.processes import SERVER, Program, Server, ended
from tests.postgres import free_port
from tests.web.places import EVENTS, PATIENCE_S, batch, clear, equip

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
DISPLAYS, BATCHES_A_ROUND = 12, 15
ENVIRONMENT = {"CONTEST_DRAIN_S": "0.2", "CONTEST_PAINT_INTERVAL_MS": "10"}

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def configuration(folder: Path, port: int, servers: list[Server]) -> Path:
    """The file that is shipped, with the addresses of this test."""
    text = (ROOT / "ops" / "nginx.conf").read_text()
    for number, server in enumerate(servers, 1):
        text, count = re.subn(rf"server{number}:8000", f"127.0.0.1:{server.port}", text)
        assert count == 1
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    places = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    whole.write_text(
        f"{user} pid {folder}/pid; error_log stderr notice; daemon off; events {{}} http {{ access_log off; {places}\n{text}\n}}"
    )
    return whole


@asynccontextmanager
async def behind_nginx(db: str, folder: Path, news: asyncio.Event) -> AsyncIterator[tuple[str, list[Server]]]:
    """The address of the proxy, and three servers behind it."""
    assert NGINX is not None
    servers = [Server(f"server{n}", db, free_port(), folder, news, ENVIRONMENT, SERVER) for n in (1, 2, 3)]
    port = free_port()
    command = (NGINX, "-p", str(folder), "-e", "stderr", "-c", str(configuration(folder, port, servers)))
    proxy = Program("nginx", command, folder, ready="start worker process", news=news)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(ended([proxy, *servers]))
        await asyncio.gather(*(server.start() for server in servers))
        await proxy.start()
        yield f"127.0.0.1:{port}", servers
        await proxy.stop()


async def tell(http: httpx.AsyncClient, url: str, secret: str, first: int) -> None:
    """One event, again until it is acknowledged, as an agent does."""
    body = json.dumps(batch(clear(first, contestant="A1", attempt=str(first))))
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    for _ in range(200):
        try:
            answer = await http.post(f"{url}{EVENTS.format(venue='yongjia')}", content=body, headers=headers, params={"source": "desk"})
        except httpx.TransportError:
            continue
        if answer.status_code == 200:
            return
        assert answer.status_code in (502, 503, 504), answer.text
        await asyncio.sleep(0.05)
    raise AssertionError("never acknowledged")


async def answers(http: httpx.AsyncClient, url: str) -> None:
    """Return once the proxy has somebody who is ready: who failed lately is put aside for a second."""
    for _ in range(200):
        if (await http.get(f"{url}/health/ready")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody is ready")


async def shown(displays: list[Display], news: asyncio.Event, position: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any(display.fault is None and (display.screen.position or 0) < position for display in displays):
            news.clear()
            await news.wait()


async def test_servers_end_one_after_the_other_and_no_display_misses_anything(postgres_url: str, tmp_path: Path) -> None:
    stores: Stores = open_stores(postgres_url)
    secrets, news, dice = await equip(stores), asyncio.Event(), Random(1)
    async with behind_nginx(postgres_url, tmp_path, news) as (place, servers), httpx.AsyncClient(timeout=5, trust_env=False) as http:
        path = f"ws://{place}/api/contests/{CUP}/board?view=all&after="
        displays = [Display(f"d{n}", "all", lambda cursor: path + cursor, Patience(8, 12), Random(n), news) for n in range(DISPLAYS)]
        async with AsyncExitStack() as watching:
            for display in displays:
                watching.callback(asyncio.create_task(display.watch()).cancel)
            seq = 0
            for server in servers:
                ending: asyncio.Task[int] | None = None
                for number in range(BATCHES_A_ROUND):
                    seq += 1
                    await tell(http, f"http://{place}", secrets["yongjia"], seq)
                    if number == dice.randint(2, 6) and ending is None:
                        ending = asyncio.create_task(server.stop())
                status = await (ending or server.stop())
                assert status == 0, server.tail()
                await server.start()
                await answers(http, f"http://{place}")
            await shown(displays, news, 1 + seq)
            board = (await http.get(f"http://{place}/api/contests/{CUP}/board")).json()
    stored = [entry.fact.seq for entry in await stores.ledger.read(CUP, 0) if isinstance(entry.fact, Event)]
    await stores.close()
    assert stored == list(range(1, seq + 1))
    assert [display.fault for display in displays] == [None] * DISPLAYS
    rows = {row["id"]: {name: value for name, value in row.items() if name != "rank"} for row in board["rows"]}
    assert all(display.screen.rows == rows and display.screen.position == board["to"] for display in displays)
    assert sum(display.opened for display in displays) > DISPLAYS, "somebody had to move"
