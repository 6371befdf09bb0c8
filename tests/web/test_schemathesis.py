"""Schemathesis invents requests for the whole API, as the chief referee and as the staff: no error of the server, ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.contests import CUP
from tests.web.marking import marked_document
from tests.web.places import Place, served

EXAMPLES = 4
"""For each operation and each who. As nobody and as an administrator, `test_documents.py` invents more."""
SAID_BY_US = {"code", "detail"}
LOGS_OUT = "/logout"


@pytest.mark.parametrize("who", ["C1", "staff"])
async def test_no_invented_request_ends_in_an_error_of_the_server(who: str) -> None:
    async with served(document_=marked_document()) as place:
        schema = schemathesis.openapi.from_dict(await place.get("/openapi.json"))
        operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        assert len(operations) > 40
        for operation in operations:
            if not operation.path.endswith(LOGS_OUT):
                await asyncio.to_thread(_invent, operation, place, who)
        assert (await place.board())["total"] == 5


def _invent(operation: Any, place: Place, who: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if "contest" in (case.path_parameters or {}):
            case.path_parameters["contest"] = CUP
        answer = case.call(base_url=place.url, headers=place.bearer(who))
        said = f"{operation.label} as {who}: {answer.status_code} {answer.content[:200]!r}"
        assert answer.status_code < 500, said
        if answer.status_code >= 400:
            assert set(answer.json()) >= SAID_BY_US, said

    ask()
