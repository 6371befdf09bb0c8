"""Connections that never become a request end by themselves; those that did are left alone."""

from __future__ import annotations

import asyncio

import pytest

from tests.web.places import PATIENCE_S, note, served

BEGINNINGS = (b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\x16\x03\x01")


@pytest.mark.parametrize("beginning", BEGINNINGS)
async def test_a_connection_that_never_asks_is_dropped_and_others_are_served_meanwhile(beginning: bytes) -> None:
    async with served(hello_timeout_s=0.1) as place, place.venue() as venue:
        host, _, port = place.url.removeprefix("http://").partition(":")
        opened = [await asyncio.open_connection(host, int(port)) for _ in range(50)]
        for _, writer in opened:
            writer.write(beginning)
        assert (await venue.send(note(1)))["seq"] == 1
        async with asyncio.timeout(PATIENCE_S):
            for reader, writer in opened:
                await reader.read()
                writer.close()
        assert (await venue.send(note(2)))["seq"] == 2


async def test_a_request_may_take_longer_than_its_headers_and_a_connection_may_be_kept() -> None:
    async with served(hello_timeout_s=0.05, beat_interval_ms=100) as place, place.display() as display:
        for _ in range(2):
            await place.board()
            await display.hear("beat")
        assert (await place.board())["total"] == 5
