"""What the officials of a round do over HTTP. Refuses to go on after a refusal: in a demo nobody is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from contest_server.core.ruling_forms import REASON_MAX_CHARS

HTTP_WAIT_S = 30.0


class RoundFailed(Exception):
    """The round did not go as it must. A fault of this program."""


class Officials:
    """The staff of one contest; with a key of their own, its chief referee."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def at(cls, contest_url: str, staff: str) -> AsyncIterator[Officials]:
        headers = {"Authorization": f"Bearer {staff}"}
        async with httpx.AsyncClient(base_url=contest_url, headers=headers, timeout=HTTP_WAIT_S, trust_env=False) as client:
            yield cls(client)

    async def post(self, path: str, body: object = None, key: str | None = None) -> None:
        """With the key of the staff, unless another is given. Raises RoundFailed."""
        _accepted(path, await self._client.post(path, json=body, headers=None if key is None else {"Authorization": f"Bearer {key}"}))

    async def get(self, path: str) -> dict[str, Any]:
        """Raises RoundFailed."""
        found: dict[str, Any] = _accepted(path, await self._client.get(path)).json()
        return found


def _accepted(path: str, answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise RoundFailed(f"{path}: {answer.status_code} {answer.text[:400]}")
    return answer


def confirmation_of(flag: Mapping[str, Any]) -> dict[str, Any]:
    """The ruling that answers this question: it is right as it was judged."""
    return {
        "id": f"demo-{flag['key']}",
        "contestant": flag["contestant"],
        "stage": flag["stage"],
        "attempt": None,
        "action": {"verb": "confirm"},
        "code": "checked",
        "reason": f"looked at: {flag['detail']}"[:REASON_MAX_CHARS],
        "basis": None,
        "flags": [flag["key"]],
        "appeal": None,
    }
