"""The REST side as OpenAPI says it: which tokens a route asks for, and the one shape of every error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from contest_server.core.roles import ACTIONS, ROLES
from contest_server.web.errors import ErrorBody
from contest_server.web.rights import needed_by, needs

ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "refused: `code` is a stable word, `detail` says what to do"},
    "503": {"model": ErrorBody, "description": "the contest is being opened again; send it once more"},
}


def install(app: FastAPI) -> None:
    """Let the document say of every route which action it is, who may take it, and whether it asks for a token."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            what = "contest-server token …; for people, the token that POST …/login answers, or its cookie"
            schemes = {"bearer": {"type": "http", "scheme": "bearer", "description": what}}
            schema.setdefault("components", {})["securitySchemes"] = schemes
            for path, methods, route in routes_of(app):
                for method in methods & schema["paths"].get(path, {}).keys():
                    schema["paths"][path][method] |= _rights(route)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI has it done

    @app.get("/openapi.json", include_in_schema=False, dependencies=[needs("pages.read")])
    async def openapi() -> dict[str, Any]:
        """The REST side, described by OpenAPI 3.1."""
        return document()


def routes_of(app: FastAPI) -> Iterator[tuple[str, set[str], Any]]:
    """Every route with its whole path and its methods in small letters; a socket, or what is mounted, has none."""
    for context in iter_route_contexts(app.routes):
        methods = getattr(context, "methods", None) or getattr(context.original_route, "methods", None) or ()
        yield str(getattr(context, "path", None) or ""), {method.lower() for method in methods}, context.original_route


def _rights(route: Any) -> dict[str, Any]:
    needs = needed_by(route)
    if needs is None:
        return {}
    rule, token = ACTIONS[needs.action], {"bearer": list[str]()}
    security = [token] if not rule.is_public else [{}, token] if needs.more else []
    roles = {} if rule.is_public else {"x-roles": [role for role in ROLES if role in rule.roles]}
    return {"x-action": needs.action, **roles, **({"security": security} if security else {})}
