"""What stands in a body that is read beside the server (`aside.py`): JSON with its numbers as they were written, orders, and answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from contest_server.core.json_words import json_fault
from contest_server.core.saying import Said
from contest_server.core.wrong_values import wrong_value
from contest_server.web.errors import ApiError

Document = dict[str, Any]
M = TypeVar("M", bound=BaseModel)

BODY_DOCS: Document = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}

as_json = TypeAdapter(Document).dump_json
"""An answer as the framework would write it."""


def json_of(raw: bytes) -> Document:
    """The object in a body, with its numbers as they were written. How long it may be, `bodies.py` says. Raises ApiError."""
    try:
        body = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError, ArithmeticError) as error:
        raise ApiError(400, "bad_request", Said("the body is no JSON: {error}", error=json_fault(error))) from None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_request", Said("the body is no JSON object"))
    return body


def order_of(raw: bytes, kind: type[M]) -> M:
    """The order in a body, as the framework would read it. Raises ApiError with the first fault."""
    try:
        return kind.model_validate(json_of(raw))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in ("body", *first["loc"]))
        raise ApiError(400, "bad_request", wrong_value(where, first, first["msg"]).sentence) from None


def docs_of(kind: type[BaseModel]) -> Document:
    """What a route says of the order that it takes, where it reads that itself."""
    schema = kind.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _whole(schema, schema.pop("$defs", {}))}}}}


def _whole(part: Any, parts: Document) -> Any:
    """The schema with the parts in it that it refers to; none of these refers to itself."""
    if isinstance(part, list):
        return [_whole(each, parts) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _whole(parts[part["$ref"].rpartition("/")[2]], parts)
    return {name: _whole(each, parts) for name, each in part.items()}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
