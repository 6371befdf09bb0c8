"""Waiting for what a server becomes, with a bound that is no condition of passing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from tests.web.places import PATIENCE_S


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again."""
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0)


async def until_ready(http: httpx.AsyncClient, url: str, *, ready: bool = True) -> httpx.Response:
    """The first answer of `/health/ready` that says so."""
    answers: list[httpx.Response] = []

    async def says_so() -> bool:
        answers.append(await http.get(f"{url}/health/ready"))
        return (answers[-1].status_code == 200) == ready

    await until(says_so)
    return answers[-1]
