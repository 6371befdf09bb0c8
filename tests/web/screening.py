"""Paired screens at the end of their sockets, and a director who orders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx

from contest_server.core.facts import ContestId
from tests.contests import CUP, START_US, Json
from tests.web.places import Client, Place

HERE = f"/api/contests/{CUP}"
BY_TYPE = {"program": "ProgramMessage", "beat": "Beat", "bye": "Bye"}
_numbers = count(1)


class PairedScreen(Client):
    """A screen: it has the last program that it was told."""

    by_type = BY_TYPE

    async def program(self) -> Json:
        """The next program that it is told."""
        return await self.hear("program")

    async def until(self, true: Callable[[Json], bool]) -> Json:
        while True:
            told = await self.program()
            if true(told):
                return told


async def pair(place: Place, name: str = "hall 2, left", contest: str = CUP) -> str:
    """A new screen; its id. Its token is among the secrets, by its name."""
    issued = await place.stores.tokens.issue("display", START_US, ContestId(contest), None, name)
    place.secrets[name] = issued.secret
    return issued.token.id


@asynccontextmanager
async def screen(place: Place, name: str = "hall 2, left", *, by_hello: bool = False) -> AsyncIterator[PairedScreen]:
    """A paired screen that is connected."""
    async with place.socket(f"{HERE}/screens/me", None if by_hello else name) as socket:
        paired = PairedScreen(socket)
        if by_hello:
            await paired.say({"type": "hello", "token": place.secrets[name]})
        yield paired


async def order(place: Place, screen_: str, verb: str, who: str = "staff", id_: str | None = None, **more: Any) -> httpx.Response:
    """What a director orders of a screen."""
    body = {"id": id_ or f"order-{next(_numbers)}", "order": {"verb": verb, **more}}
    return await place.post(f"{HERE}/screens/{screen_}/orders", body, who)


async def assign(place: Place, screen_: str, scene: str, **options: Any) -> httpx.Response:
    answer = await order(place, screen_, "assign", program={"scene": scene, **options})
    assert answer.status_code == 200, answer.text
    return answer
