"""Displays behind TLS of our own: the transport writes everything, and they get every frame."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any

import httpx
import pytest
import uvicorn

from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web import serving
from tests.contests import JUDGES
from tests.web.places import EVENTS, PATIENCE_S, batch, clear, equip
from tests.web.raw import Raw, frame
from tests.web.test_crowd_door import BOARD

EVENTS_SENT = 6


def without_certificates(protocol: int) -> ssl.SSLContext:
    """What both sides take, so that nobody needs a key."""
    context = ssl.SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context


@pytest.fixture
def tls(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """For whoever connects to servers of this test."""
    config_of = serving.config_of

    def with_tls(*given: Any) -> uvicorn.Config:
        config = config_of(*given)
        config.load()
        config.ssl = without_certificates(ssl.PROTOCOL_TLS_SERVER)
        return config

    monkeypatch.setattr(serving, "config_of", with_tls)
    return without_certificates(ssl.PROTOCOL_TLS_CLIENT)


@pytest.mark.parametrize("paints", [True, False])
async def test_a_display_behind_tls_gets_every_frame(tls: ssl.SSLContext, paints: bool) -> None:
    stores = open_stores("memory:")
    venue = {"Authorization": f"Bearer {(await equip(stores))['yongjia']}"}
    limits = Settings(port=0, paint_interval_ms=5)
    async with serving.serving(stores, JUDGES, limits) as url, httpx.AsyncClient(verify=tls, timeout=PATIENCE_S, trust_env=False) as http:
        safe = url.replace("http", "https")
        await http.get(f"{safe}{BOARD}")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]), ssl=tls)
        raw = Raw(reader, writer)
        await raw.say(
            f"GET {BOARD} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert (await raw.head())[0] == 101
        at = json.loads((await raw.frame())[1])["to"]
        for seq in range(1, EVENTS_SENT + 1):
            answer = await http.post(
                f"{safe}{EVENTS.format(venue='yongjia')}?source=desk",
                content=json.dumps(batch(clear(seq, attempt=str(seq)))),
                headers=venue,
            )
            async with asyncio.timeout(PATIENCE_S):
                while at < answer.json()["position"]:
                    at = json.loads((await raw.frame())[1])["to"]
            if paints:
                await raw.say(frame(json.dumps({"type": "painted", "to": at}).encode()))
        writer.close()
    await stores.close()
