"""The pages, as static files that the build made. Nothing is fetched from elsewhere."""

from __future__ import annotations

import gzip
import os
from functools import lru_cache
from mimetypes import add_type
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from contest_server.web.gzipped import takes_gzip
from contest_server.web.rights import needs

STATIC = Path(__file__).parent / "static"
PACKED = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})
"""What is text; fonts and pictures are packed already."""
FILES_MAX = 256
"""More than the build makes."""
add_type("application/manifest+json", ".webmanifest")
NOT_BUILT = "The pages are not built. Run `make ui` in a checkout, or install the wheel, which brings them.\n"

router = APIRouter(include_in_schema=False)


def _page(name: str) -> Response:
    file = STATIC / name
    if not file.is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


@router.get("/", dependencies=[needs("pages.read")])
async def index() -> Response:
    """The big screen of the only contest, or a choice."""
    return _page("index.html")


@router.get("/screen", dependencies=[needs("pages.read")])
async def screen() -> Response:
    """The big screen."""
    return _page("screen.html")


@router.get("/live", dependencies=[needs("pages.read")])
async def live() -> Response:
    """The board for whoever watches, on a phone or anywhere."""
    return _page("live.html")


@router.get("/overlay", dependencies=[needs("pages.read")])
async def overlay() -> Response:
    """A part of the board over somebody else's picture."""
    return _page("overlay.html")


@router.get("/referee", dependencies=[needs("pages.read")])
async def referee() -> Response:
    """The referees' console."""
    return _page("referee.html")


@router.get("/chief", dependencies=[needs("pages.read")])
async def chief() -> Response:
    """The chief referee's page."""
    return _page("chief.html")


@router.get("/account", dependencies=[needs("pages.read")])
async def account() -> Response:
    """Logging in for the whole installation: accounts, tokens, screens to pair."""
    return _page("account.html")


@router.get("/control", dependencies=[needs("pages.read")])
async def control() -> Response:
    """The control room of whoever directs."""
    return _page("control.html")


@router.get("/why", dependencies=[needs("pages.read")])
async def why() -> Response:
    """Why a score is what it is, down to the raw events."""
    return _page("why.html")


@router.get("/desk", dependencies=[needs("pages.read")])
async def desk() -> Response:
    """The venue's desk, which goes on without a network."""
    return _page("desk.html")


@router.get("/builder", dependencies=[needs("pages.read")])
async def builder() -> Response:
    """Making a contest without writing its document."""
    return _page("builder.html")


class Files(StaticFiles):
    """What the build made. A person whose address leads nowhere gets a page that leads on; a program gets the error as ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            return await super().get_response(path, scope)
        except HTTPException as missing:
            page = STATIC / "lost.html"
            if missing.status_code != 404 or not _is_browsing(scope) or not page.is_file():
                raise
            root = scope.get("app_root_path", "")
            return HTMLResponse(page.read_text("utf-8").replace('href="./', f'href="{root}/'), 404)

    def file_response(self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200) -> Response:
        """As gzip, where that saves much and the browser takes it: phones in a hall share a thin line."""
        plain, asked = super().file_response(full_path, stat_result, scope, status_code), Headers(scope=scope)
        if not isinstance(plain, FileResponse) or Path(full_path).suffix not in PACKED or "range" in asked or not takes_gzip(asked):
            return plain
        headers = {**plain.headers, "etag": f'{plain.headers["etag"][:-1]}-gzip"', "content-encoding": "gzip", "vary": "Accept-Encoding"}
        del headers["content-length"], headers["accept-ranges"]
        answer = Response(packed(str(full_path), stat_result.st_mtime_ns), status_code, headers)
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, asked) else answer


@lru_cache(maxsize=FILES_MAX)
def packed(path: str, changed_ns: int) -> bytes:  # noqa: ARG001 - a file that was built anew is packed anew
    """A file as gzip, made once."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)


def _is_browsing(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not a program for an answer, nor a page for one of its files."""
    return not scope["path"].startswith("/api") and "text/html" in Headers(scope=scope).get("accept", "")


def install(app: FastAPI) -> None:
    """Serve the pages and their assets."""
    app.include_router(router)
    if STATIC.is_dir():
        app.mount("/", Files(directory=STATIC), name="static")
