"""The pages, as static files that the build made. Nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
NOT_BUILT = "The pages are not built. Run `make ui` in a checkout, or install the wheel, which brings them.\n"

router = APIRouter(include_in_schema=False)


def _page(name: str) -> Response:
    file = STATIC / name
    if not file.is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


@router.get("/")
async def index() -> Response:
    """The big screen of the only contest, or a choice."""
    return _page("index.html")


@router.get("/screen")
async def screen() -> Response:
    """The big screen."""
    return _page("screen.html")


@router.get("/referee")
async def referee() -> Response:
    """The referees' console."""
    return _page("referee.html")


@router.get("/chief")
async def chief() -> Response:
    """The chief referee's page."""
    return _page("chief.html")


@router.get("/why")
async def why() -> Response:
    """Why a score is what it is, down to the raw events."""
    return _page("why.html")


def install(app: FastAPI) -> None:
    """Serve the pages and their assets, and say on every answer what a page may do."""
    app.include_router(router)
    if STATIC.is_dir():
        app.mount("/", StaticFiles(directory=STATIC), name="static")

    @app.middleware("http")
    async def headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.update(SECURITY_HEADERS)
        return response
