"""What stands before every route, from the outside in: language, headers, limits, cookies, bodies, gzip. Decides nothing of contests."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from contest_server.live.settings import Settings
from contest_server.web.bodies import BodiesWithin
from contest_server.web.gzipped import Gzipped
from contest_server.web.headers import SafeHeaders
from contest_server.web.languages import Languages
from contest_server.web.limits import Limits, LimitsKept
from contest_server.web.origins import OwnCookiesOnly


def install(app: FastAPI, settings: Settings, now_us: Callable[[], int]) -> None:
    """Put them before the application; the one that is added last is met first."""
    app.state.limits = Limits(settings, now_us)
    app.add_middleware(Gzipped)
    app.add_middleware(BodiesWithin, settings=settings)
    app.add_middleware(OwnCookiesOnly)
    app.add_middleware(LimitsKept, limits=app.state.limits)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Languages)
