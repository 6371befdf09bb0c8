"""The REST side as OpenAPI says it: which tokens a route asks for, and the one shape of every error."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from contest_server.web.errors import ErrorBody

TOKEN: dict[str, Any] = {"security": [{"bearer": []}]}
"""For routes that always ask for a token."""
MAYBE_TOKEN: dict[str, Any] = {"security": [{}, {"bearer": []}]}
"""For routes that ask for one only for some answers."""

ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "refused: `code` is a stable word, `detail` says what to do"},
    "503": {"model": ErrorBody, "description": "the contest is being opened again; send it once more"},
}


def install(app: FastAPI) -> None:
    """Let the document name the tokens."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            what = "contest-server token …; for officials, the token that POST …/login answers, or its cookie"
            schemes = {"bearer": {"type": "http", "scheme": "bearer", "description": what}}
            schema.setdefault("components", {})["securitySchemes"] = schemes
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
