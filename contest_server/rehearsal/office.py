"""Asking the servers over HTTP: any of them that answers, again where that is harmless. Refuses to wait for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

PATIENCE_S = 60.0
REQUEST_WAIT_S = 20.0
AGAIN_AFTER_S = 0.2
RETRY_AFTER_MAX_S = 5.0
PASSING = frozenset({429, 502, 503, 504})


class Unanswered(Exception):
    """No server gave an answer that counts. The text says what was asked, and what came instead."""


class Office:
    """Whoever sits at a desk of the organisers, with an administrator's token."""

    def __init__(self, clients: Sequence[httpx.AsyncClient], token: str) -> None:
        self._clients, self._token, self._at = clients, token, 0

    @classmethod
    @asynccontextmanager
    async def at(cls, urls: Sequence[str], token: str) -> AsyncIterator[Office]:
        clients = [httpx.AsyncClient(base_url=url.rstrip("/"), timeout=REQUEST_WAIT_S, trust_env=False) for url in urls]
        try:
            yield cls(clients, token)
        finally:
            for client in clients:
                await client.aclose()

    @property
    def count(self) -> int:
        return len(self._clients)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> httpx.Response:
        """The answer of the first server that has one, of whatever status. The same is asked again after a fault of the way. Another
        `key` than the administrator's may be given; an empty one is none.

        Raises:
            Unanswered: not within the patience.
        """
        said = "nobody answered"
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    try:
                        answer = await self._once(self._at, method, path, body, key, content, params)
                    except httpx.TransportError as fault:
                        said, wait_s = f"{type(fault).__name__}: {fault}", AGAIN_AFTER_S
                        self._at = (self._at + 1) % len(self._clients)
                    else:
                        if answer.status_code not in PASSING:
                            return answer
                        said, wait_s = f"{answer.status_code} {answer.text[:200]}", _wait_s(answer)
                        self._at = (self._at + (answer.status_code != 429)) % len(self._clients)
                    await asyncio.sleep(wait_s)
        except TimeoutError:
            raise Unanswered(f"{method} {path}: {said}") from None

    async def get(self, path: str, *, key: str | None = None, **params: str) -> dict[str, Any]:
        """Raises Unanswered, also for an error."""
        return good(await self.ask("GET", path, key=key, params=params))

    async def post(self, path: str, body: object, *, key: str | None = None) -> dict[str, Any]:
        """Raises Unanswered, also for an error."""
        return good(await self.ask("POST", path, body, key=key))

    async def of_each(self, path: str, **params: str) -> list[dict[str, Any] | None]:
        """What each server answers; None for one that does not."""
        found: list[dict[str, Any] | None] = []
        for number in range(len(self._clients)):
            try:
                answer = await self._once(number, "GET", path, None, None, None, params)
                found.append(None if answer.is_error else answer.json())
            except httpx.TransportError:
                found.append(None)
        return found

    async def _once(
        self,
        number: int,
        method: str,
        path: str,
        body: object,
        key: str | None,
        content: bytes | None,
        params: Mapping[str, str] | None,
    ) -> httpx.Response:
        headers = {} if key == "" else {"Authorization": f"Bearer {self._token if key is None else key}"}
        sent: dict[str, Any] = {"content": content} if content is not None else {"json": body} if body is not None else {}
        return await self._clients[number].request(method, path, headers=headers, params=params, **sent)


def good(answer: httpx.Response) -> dict[str, Any]:
    """The answer's document. Raises Unanswered for an error."""
    if answer.is_error:
        raise Unanswered(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:400]}")
    found: dict[str, Any] = answer.json()
    return found


def _wait_s(answer: httpx.Response) -> float:
    try:
        return min(max(float(answer.headers.get("retry-after", AGAIN_AFTER_S)), AGAIN_AFTER_S), RETRY_AFTER_MAX_S)
    except ValueError:
        return AGAIN_AFTER_S
