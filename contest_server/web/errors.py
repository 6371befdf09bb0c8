"""Errors over HTTP: one shape, a stable code, and a detail that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from contest_server.core.denials import DenialCode, Denied
from contest_server.core.saying import Said, Text
from contest_server.core.wrong_values import wrong_value
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tables import NoText
from contest_server.live.desks import UnknownContest
from contest_server.live.inbox import DeskClosed, Unstorable
from contest_server.web.languages import told

FORBIDDEN: tuple[DenialCode, ...] = ("recused", "own_decision", "not_chief", "not_yours", "not_fresh")
DETAIL_MAX_CHARS = 1_000
"""What was sent is told back in part only, however long it was."""
FRAMEWORK = {str(each): each for each in (Said("Not Found"), Said("Method Not Allowed"), Said("There was an error parsing the body"))}
"""What the framework says by itself; anything else stays in its own words."""
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_encoding"}
"""What the framework refuses, by its status."""
CONFLICTS: tuple[DenialCode, ...] = ("changed", "final", "not_final", "id_taken", "complete", "bad_move", "out_of_order")


class ErrorBody(BaseModel):
    """`code` is a stable word for programs, `detail` a sentence for people (with lang=both: in each language)."""

    code: str
    detail: str | dict[str, str]


class ApiError(Exception):
    """An answer that is an error. What a program needs besides stands in `more`, beside code and detail."""

    def __init__(self, status: int, code: str, detail: Text, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers, self.more = status, code, detail, headers, more

    def __reduce__(self) -> tuple[Callable[..., ApiError], tuple[Any, ...]]:
        """From the process in which a body was read."""
        return _told_again, (self.status, self.code, self.detail, self.headers, self.more)


def _told_again(status: int, code: str, detail: Text, headers: Mapping[str, str] | None, more: Mapping[str, Any]) -> ApiError:
    return ApiError(status, code, detail, headers=headers, **more)


class BodyTooLong(HTTPException):
    """Raised while a body is read, where the framework lets nothing else through; with its sentence."""

    def __init__(self, said: Said) -> None:
        super().__init__(413, str(said))
        self.said = said


class NotAllowed(Exception):
    """The token is unknown, revoked, or for something else (never says which); or the official may not do this."""

    def __init__(self, detail: Text) -> None:
        super().__init__(detail)


class NotLoggedIn(NotAllowed):
    """No token was sent; for what officials do: there is no session, or it is over."""


def status_of(denied: Denied) -> int:
    """The HTTP status of a refusal: 403 who may not, 404 what is not there, 409 what is otherwise by now, 400 what makes no sense."""
    if denied.code in FORBIDDEN:
        return 403
    if denied.code.startswith("unknown_"):
        return 404
    return 409 if denied.code in CONFLICTS else 400


def sentence_of(error: Exception) -> Text:
    """What an exception says, as a sentence if it is one."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Said) else str(error)


def answer(status: int, code: str, detail: Text, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """An error as it leaves: code and detail, and what a program needs besides."""
    said = told(detail)
    short = {name: each[:DETAIL_MAX_CHARS] for name, each in said.items()} if isinstance(said, dict) else said[:DETAIL_MAX_CHARS]
    return JSONResponse({**ErrorBody(code=code, detail=short).model_dump(), **more}, status, headers)


def install(app: FastAPI) -> None:
    """Let every error leave in the one shape."""
    _install_refusals(app)
    _install_faults(app)


def _install_refusals(app: FastAPI) -> None:

    @app.exception_handler(NotAllowed)
    async def not_allowed(_: Request, error: NotAllowed) -> JSONResponse:
        return answer(403, "not_allowed", sentence_of(error))

    @app.exception_handler(NotLoggedIn)
    async def not_logged_in(_: Request, error: NotLoggedIn) -> JSONResponse:
        return answer(401, "not_logged_in", sentence_of(error))

    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return answer(error.status, error.code, error.detail, error.headers, **error.more)

    @app.exception_handler(Denied)
    async def denied(_: Request, error: Denied) -> JSONResponse:
        return answer(status_of(error), error.code, error.detail)

    @app.exception_handler(NoText)
    async def no_text(_: Request, error: NoText) -> JSONResponse:
        return answer(400, "bad_request", sentence_of(error))

    @app.exception_handler(UnknownContest)
    async def unknown_contest(_: Request, error: UnknownContest) -> JSONResponse:
        return answer(
            404, "unknown_contest", Said("no contest {contest!r} has been adopted here; see GET /api/contests", contest=error.args[0])
        )


def _install_faults(app: FastAPI) -> None:
    @app.exception_handler(DeskClosed)
    @app.exception_handler(LedgerFault)
    async def unavailable(_: Request, error: Exception) -> JSONResponse:
        return answer(503, "restarting", Said("the contest is being opened again; send it once more ({name})", name=type(error).__name__))

    @app.exception_handler(Unstorable)
    async def unstorable(_: Request, error: Unstorable) -> JSONResponse:
        return answer(400, "unstorable", sentence_of(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        return answer(400, "bad_request", wrong_value(where, first, first["msg"]).sentence)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        detail = error.said if isinstance(error, BodyTooLong) else FRAMEWORK.get(error.detail, error.detail)
        return answer(error.status_code, CODES.get(error.status_code, "error"), detail, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> JSONResponse:
        return answer(400, "cut_off", Said("the body ended before it was whole; send it once more"))
