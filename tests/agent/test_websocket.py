"""The port over a real WebSocket, to a peer that does not behave. Time is virtual: only what the peer does is waited for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from contest_server.agent.limits import AgentLimits
from contest_server.agent.port import Parted
from contest_server.agent.websocket import CLOSE_WAIT_S, NEXT_ADDRESS_AFTER_S, PING_EVERY_S, PONG_WAIT_S, Endpoint, connected
from tests.clockwork import run

BOUNDS = AgentLimits()
TEXT = "x" * (BOUNDS.message_bytes_max - 1_000)
TAKEN_BYTES = 4_096
"""What the peer's system takes without being asked; ours takes some megabytes on the way to itself."""
GOODBYE = b"\x88\x02\x03\xf3"
"""A close frame with 1011."""

Attend = Callable[[ServerConnection], Awaitable[None]]


def talking(attend: Attend, talk: Callable[[Endpoint], Awaitable[None]]) -> float:
    """Talk to a server that attends to its one connection like that. How long it took, in seconds."""

    async def both() -> float:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TAKEN_BYTES)
        over = asyncio.Event()

        async def attended(connection: ServerConnection) -> None:
            await attend(connection)
            await over.wait()
            connection.transport.abort()

        async with serve(attended, sock=listening, ping_interval=None):
            await talk(Endpoint(f"ws://127.0.0.1:{listening.getsockname()[1]}/", loopback=True))
            over.set()
            return asyncio.get_running_loop().time()

    return run(both())


async def reading_no_more(connection: ServerConnection) -> None:
    connection.transport.pause_reading()


def test_a_peer_that_vanished_is_given_up_in_time_however_much_is_under_way() -> None:
    """Neither what was written nor the pings behind it ever leave."""

    async def talk(where: Endpoint) -> None:
        async with connected(where, None) as port:
            for _ in range(4 * BOUNDS.batches_in_flight_max):
                await port.send(TEXT)
            with pytest.raises(Parted) as parted:
                await port.receive()
            assert parted.value.retry

    assert talking(reading_no_more, talk) <= PING_EVERY_S + PONG_WAIT_S + 2 * CLOSE_WAIT_S + 1


def test_who_leaves_is_not_held_up_by_what_is_under_way() -> None:
    async def talk(where: Endpoint) -> None:
        async with connected(where, None) as port:
            for _ in range(4 * BOUNDS.batches_in_flight_max):
                await port.send(TEXT)

    assert talking(reading_no_more, talk) <= CLOSE_WAIT_S + 1


def test_a_connection_that_ends_while_something_is_under_way_is_only_over() -> None:
    """The server says goodbye, and reads what still comes: then it has ended by itself when it is left."""

    async def attend(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(1)
        connection.transport.write(GOODBYE)
        connection.transport.write_eof()
        await asyncio.sleep(1)
        connection.transport.resume_reading()

    async def talk(where: Endpoint) -> None:
        async with connected(where, None) as port:
            for _ in range(3 * BOUNDS.batches_in_flight_max):
                await port.send(TEXT)
            await asyncio.sleep(3)
            with pytest.raises(Parted):
                await port.send(TEXT)

    talking(attend, talk)


def test_of_a_name_with_several_addresses_one_that_leads_nowhere_costs_no_more_than_a_moment() -> None:
    """Such as the newer kind of address (IPv6), in a hall whose network has it by name only."""

    async def scene() -> float:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_server(("127.0.0.1", 0)) as listening:
            loop, addresses = asyncio.get_running_loop(), [each.getsockname() for each in (full, listening)]
            waiting = [socket.socket() for _ in range(3)]
            for each in waiting:  # who come now are neither let in nor turned away
                each.setblocking(False)
                each.connect_ex(addresses[0])

            async def found(*_: object, **__: object) -> list[tuple[object, ...]]:
                return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]

            loop.getaddrinfo = found  # type: ignore[method-assign,assignment]
            async with serve(reading_no_more, sock=listening, ping_interval=None), connected(Endpoint("ws://hall.test/", False), None):
                took_s = loop.time()
            for each in waiting:
                each.close()
            return took_s

    assert run(scene()) <= 2 * NEXT_ADDRESS_AFTER_S
