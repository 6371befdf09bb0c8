"""The documents say what the code does: every route in OpenAPI, every message in AsyncAPI, and no input that ends in a 500."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from hypothesis import HealthCheck, Phase, given, settings

from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web.app import create_app
from contest_server.web.asyncapi import document as asyncapi
from contest_server.wire import messages, reviews, screens
from tests.contests import CUP, JUDGES
from tests.web.places import BY_TYPE, REVIEWS_BY_TYPE, served

REF = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string", "pattern": "^#/"}}}
ASYNCAPI_3 = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "defaultContentType": {"const": "application/json"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "properties": {"title": {"type": "string"}, "version": {"type": "string"}},
        },
        "channels": {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": {
                "type": "object",
                "required": ["address", "messages"],
                "properties": {
                    "address": {"type": "string", "pattern": "^/"},
                    "description": {"type": "string"},
                    "messages": {"type": "object", "minProperties": 1, "additionalProperties": REF},
                    "parameters": {
                        "type": "object",
                        "additionalProperties": {"type": "object", "properties": {"description": {"type": "string"}}},
                    },
                },
            },
        },
        "operations": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel", "messages"],
                "properties": {"action": {"enum": ["send", "receive"]}, "channel": REF, "messages": {"type": "array", "items": REF}},
            },
        },
        "components": {
            "type": "object",
            "required": ["schemas", "messages"],
            "properties": {
                "schemas": {"type": "object", "additionalProperties": {"$ref": "https://json-schema.org/draft/2020-12/schema"}},
                "messages": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "required": ["name", "payload"], "properties": {"payload": REF}},
                },
            },
        },
    },
}
"""What the specification of AsyncAPI 3.0 asks of the parts that we use."""


@pytest.fixture
def app() -> FastAPI:
    return create_app(open_stores("memory:"), JUDGES, Settings())


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else ()
        for each in value.values():
            yield from _refs(each)
    elif isinstance(value, list):
        for each in value:
            yield from _refs(each)


def test_every_route_is_in_the_openapi_document(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    routes = [route for route in _routes(app) if isinstance(route, APIRoute) and route.include_in_schema]
    assert len(routes) > 10
    for route in routes:
        for method in route.methods or ():
            assert paths[route.path][method.lower()].get("description"), f"{method} {route.path} says what it is for"


RULING = {"id": "r1", "contestant": "A1", "action": {"verb": "penalise", "marks": "1"}, "code": "other", "reason": "late"}
BODIES = {
    "clock": {"action": "pause"},
    "freeze": {},
    "standings": {"contestant": "A1", "status": "dns", "reason": "not there"},
    "events": {"type": "events", "events": []},
    "fresh": {"password": "password of R1"},
    "tokens": {"venue": "yongjia"},
    "password": {"password": "eight or more"},
    "appeals": {"id": "a1", "contestant": "A1", "text": "the clock stood still"},
    "moves": {"id": "m1", "to": "admitted", "reason": "in time"},
    "signoffs": {"id": "s1", "contestant": "A1", "role": "referee"},
    "publish": {"id": "p1"},
    "samples": {"id": "n1"},
    "rechecks": {"id": "c1", "contestant": "A1", "right": True},
    "handovers": {"id": "h1", "venue": "yongjia", "counts": {"yongjia/desk": 1}},
    "blind": {"id": "b1", "layer": 1},
    "rulings": RULING,
    "marks": {"id": "m1", "contestant": "A1", "stage": "wiring", "attempt": "1", "aspect": "order", "value": "2"},
    "preview": RULING,
    "second": {"id": "s1", "approve": True},
    "rejudgings": {"version": 1},
    "apply": {"reason": "the rule was wrong", "digest": "0" * 64},
    "reveal": {"id": "v1", "witness": "R1", "witness_password": "password of R1"},
}
"""Bodies that are good, so that only the token is missing."""
PLACES = defaultdict(lambda: "1", contest=CUP, venue="yongjia", contestant="A1", stage="quiz")
"""What stands in the paths; whatever else there is may be called 1."""


async def test_the_openapi_document_says_of_every_route_whether_it_asks_for_a_token() -> None:
    async with served() as place:
        document = await place.get("/openapi.json")
        assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                address = path.format_map(PLACES)
                body = BODIES.get(path.rpartition("/")[2]) if method == "post" else None
                answer = await place.http.request(method, place.url + address, params={"source": "desk"}, json=body)
                asks = operation.get("security", []) == [{"bearer": []}]
                assert (answer.status_code == 401) == asks, f"{method} {path}: {answer.status_code}"
                assert "422" not in operation["responses"], f"{method} {path}: what is wrong with a request is answered with 400"


def _routes(app: FastAPI) -> list[Any]:
    """All routes, also those of the routers that were included."""
    rooms = [getattr(route, "original_router", None) for route in app.routes]
    return [*app.routes, *(route for room in rooms if room is not None for route in room.routes)]


def test_every_socket_is_a_channel_of_the_asyncapi_document(app: FastAPI) -> None:
    sockets = {route.path for route in _routes(app) if isinstance(route, APIWebSocketRoute)}
    assert sockets
    assert sockets == {channel["address"] for channel in asyncapi()["channels"].values()}


def test_the_asyncapi_document_has_the_structure_of_asyncapi_3() -> None:
    document = msgspec.json.decode(msgspec.json.encode(asyncapi()))
    jsonschema.validate(document, ASYNCAPI_3)
    for ref in _refs(document):
        at: Any = document
        for step in ref.removeprefix("#/").split("/"):
            at = at[step]
    for channel in document["channels"].values():
        assert set(channel["parameters"]) == {part.strip("{}") for part in channel["address"].split("/") if part.startswith("{")}


def test_every_message_type_is_in_the_document_with_its_direction() -> None:
    document = asyncapi()
    unions = {
        "fromVenue": get_args(messages.FromVenue),
        "toVenue": get_args(messages.ToVenue),
        "fromDisplay": (messages.FromDisplay,),
        "toDisplay": get_args(messages.ToDisplay),
        "fromOfficial": get_args(reviews.FromOfficial),
        "toOfficial": get_args(reviews.ToOfficial),
        "fromScreen": get_args(screens.FromScreen),
        "toScreen": get_args(screens.ToScreen),
    }
    for operation, types in unions.items():
        named = [each["$ref"].rsplit("/", 1)[1] for each in document["operations"][operation]["messages"]]
        assert named == [each.__name__ for each in types]
    tagged = {
        cls.__name__
        for module in (messages, reviews, screens)
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, msgspec.Struct) and cls.__module__ == module.__name__ and cls.__struct_config__.tag
    }
    assert tagged == set(document["components"]["messages"])
    assert {cls.__struct_config__.tag for cls in (*unions["toVenue"], *unions["toDisplay"])} == set(BY_TYPE)
    assert {cls.__struct_config__.tag: cls.__name__ for cls in unions["toOfficial"]} == REVIEWS_BY_TYPE
    for close in messages.CLOSES:
        assert f"{close.status} {close.code}" in document["info"]["description"]


def test_a_close_code_says_whether_to_come_back() -> None:
    assert all(close.retry == (4000 <= close.status < 4500) for close in messages.CLOSES)
    assert len({close.status for close in messages.CLOSES}) == len(messages.CLOSES)


async def test_no_input_ends_in_an_error_of_the_server() -> None:
    """Schemathesis invents requests for every operation of the REST side, as nobody and as an administrator."""
    async with served() as place:
        schema = schemathesis.openapi.from_dict(await place.get("/openapi.json"))
        operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        assert len(operations) > 10
        for who in (None, "admin"):
            for operation in operations:
                await asyncio.to_thread(_ask, operation, place.url, place.bearer(who))
        assert (await place.board())["total"] == 5


def _ask(operation: Any, url: str, headers: dict[str, str]) -> None:
    @settings(
        max_examples=10, database=None, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if "contest" in (case.path_parameters or {}):
            case.path_parameters["contest"] = CUP
        answer = case.call(base_url=url, headers=headers)
        assert answer.status_code < 500, f"{operation.label}: {answer.status_code} {answer.content[:200]!r}"

    ask()
