"""Errors over HTTP: one shape, a stable code, and a detail that says what to do."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from contest_server.ledger.port import LedgerFault
from contest_server.live.desk import DeskClosed, Unstorable
from contest_server.live.desks import UnknownContest


class ErrorBody(BaseModel):
    """`code` is a stable word for programs, `detail` a sentence for people."""

    code: str
    detail: str


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class NotAllowed(Exception):
    """The token is missing, unknown, revoked, or for something else. Never says which."""


def _answer(status: int, code: str, detail: str) -> JSONResponse:
    return JSONResponse(ErrorBody(code=code, detail=detail).model_dump(), status)


def install(app: FastAPI) -> None:
    """Let every error leave in the one shape."""

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, error: NotAllowed) -> JSONResponse:
        missing = "authorization" not in request.headers
        return _answer(401 if missing else 403, "not_logged_in" if missing else "not_allowed", str(error))

    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return _answer(error.status, error.code, error.detail)

    @app.exception_handler(UnknownContest)
    async def unknown_contest(_: Request, error: UnknownContest) -> JSONResponse:
        return _answer(404, "unknown_contest", f"no contest {error.args[0]!r} has been adopted here; see GET /api/contests")

    @app.exception_handler(DeskClosed)
    @app.exception_handler(LedgerFault)
    async def unavailable(_: Request, error: Exception) -> JSONResponse:
        return _answer(503, "restarting", f"the contest is being opened again; send it once more ({type(error).__name__})")

    @app.exception_handler(Unstorable)
    async def unstorable(_: Request, error: Unstorable) -> JSONResponse:
        return _answer(400, "unstorable", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        return _answer(400, "bad_request", f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return _answer(error.status_code, {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "error"), str(error.detail))
