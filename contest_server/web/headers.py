"""What every answer says about itself: what its page may do, who may embed it, and whether it may be kept. Adds only, and asks nobody."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "media-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
"""Nothing inline, neither script nor style; nothing from elsewhere. Styles of single elements are set by scripts, which this allows."""
UNUSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb")
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)
WITH_CAMERA = PERMISSIONS.replace("camera=()", "camera=(self)")
"""A venue's desk reads start numbers with the camera."""
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SCANS = "/desk"
"""The one page that may use a camera, its own: it reads the codes on bibs."""
TRANSPORT_SECURITY = "max-age=31536000"
"""Only where the page came by https: a hall without certificates goes on by http."""
FOR_EVER = "public, max-age=31536000, immutable"
"""The build names its assets by their content."""


class SafeHeaders:
    """Sets the headers on every answer, whoever makes it. A Cache-Control that a route chose stands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                _mark(scope, message)
            await send(message)

        await self._app(scope, receive, say)


def _mark(scope: Scope, start: Message) -> None:
    headers = MutableHeaders(scope=start)
    headers.update(SECURITY_HEADERS)
    if scope["path"] == SCANS:
        headers["Permissions-Policy"] = WITH_CAMERA
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    kept = _kept(scope, start["status"])
    if "set-cookie" in headers:
        headers["Cache-Control"] = "no-store"
    elif kept is not None:
        headers.setdefault("Cache-Control", kept)


def _kept(scope: Scope, status: int) -> str | None:
    """How long an answer may be kept. What was answered to somebody with a secret is for nobody else."""
    if scope["path"].startswith("/assets/"):
        return FOR_EVER if status == 200 else "no-cache"
    if not scope["path"].startswith("/api"):
        return None
    known = any(name in (b"authorization", b"cookie") for name, _ in scope["headers"])
    return "no-store" if known else "no-cache"
