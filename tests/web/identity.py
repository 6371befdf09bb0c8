"""A small identity provider, as OpenID Connect says, on a port of its own. What it answers can be spoilt, one thing at a time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from contest_server.web.serving import GuestServer
from tests.contests import Json

CLIENT, CLIENT_SECRET = "contests", "the client's secret & more"


class Identity:
    """Who is logged in there (`claims`), and what it does wrong: `spoilt` overrides claims, `wrong_key` signs with another key."""

    def __init__(self) -> None:
        self.url = ""
        self.claims: Json = {"sub": "s-1"}
        self.spoilt: Json = {}
        self.wrong_key = False
        self.asked: list[Json] = []
        self._key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, Json] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._document),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _document(self, _: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in ends.items()}})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        client = b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if client != f"{CLIENT}:{CLIENT_SECRET}" or asked is None or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if asked["redirect_uri"] != form.get("redirect_uri"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: Json) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.claims, **self.spoilt}
        key = RSAKey.generate_key(2048, {"kid": "k1"}) if self.wrong_key else self._key
        return jwt.encode({"alg": "RS256", "kid": "k1"}, {name: value for name, value in claims.items() if value is not None}, key)


@asynccontextmanager
async def identity() -> AsyncIterator[Identity]:
    """A provider that answers as long as the block lasts."""
    provider = Identity()
    config = uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = GuestServer(config)
    running: asyncio.Task[Any] = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    provider.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        await running
