"""An identity provider, as OpenID Connect says: asked by code flow with PKCE, believed only by what it signed. Needs the extra `oidc`.

Refuses a provider that is not reached by https, unless it runs on this computer; answers larger than ANSWER_MAX_BYTES; and every claim that
is not for this server and this login.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from contest_server.core.saying import Said
from contest_server.live.settings import Settings

TIMEOUT_S = 10.0
ANSWER_MAX_BYTES = 1 << 20
KEYS_FOR_S = 600.0
"""So long the provider's document and keys are taken as they were."""
LEEWAY_S = 60
"""How far its clock and ours may be apart."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures with a key of the provider's own. None with a shared secret, and not none at all."""
METADATA = "/.well-known/openid-configuration"


class ProviderFault(Exception):
    """The provider does not answer as it should; the text says what was wrong, and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What is kept of a login on its way: it binds the answer to this browser, and the token to this answer."""

    state: str
    nonce: str
    verifier: str
    expires_us: int
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `email` only where it says that it has verified it; `auth_s` is when it last asked for a password."""

    subject: str
    email: str | None
    auth_s: int | None


class Provider:
    """The provider of the settings. Raises ProviderFault wherever it does not answer as it should."""

    def __init__(self, settings: Settings) -> None:
        try:
            import authlib.oidc.core  # type: ignore[import-untyped]  # noqa: F401 - said now, not when the first one logs in
        except ImportError as error:
            raise ProviderFault(
                Said("CONTEST_OIDC_ISSUER is set, but not everything is installed: pip install 'contest-server[oidc]'")
            ) from error
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        if not (self._client and self._secret):
            raise ProviderFault(Said("CONTEST_OIDC_ISSUER is set, but not CONTEST_OIDC_CLIENT_ID and CONTEST_OIDC_CLIENT_SECRET"))
        _check_address(self._issuer)
        self._known: tuple[float, dict[str, Any], dict[str, Any]] | None = None

    @property
    def secret(self) -> bytes:
        """What all servers of an installation have in common, and nobody else."""
        return self._secret.encode()

    async def address(self, flow: Flow, redirect: str) -> str:
        """Where the browser is sent to log in."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

        metadata, _ = await self._about()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": redirect,
            "scope": "openid email",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if flow.is_fresh else {}),
        }
        return f"{metadata['authorization_endpoint']}?{urlencode(asked)}"

    async def identity(self, code: str, flow: Flow, redirect: str, now_us: int) -> Identity:
        """Whom a code stands for."""
        metadata, keys = await self._about()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": flow.verifier}
        answer = await self._ask("POST", metadata["token_endpoint"], data=form, auth=httpx.BasicAuth(self._client, self._secret))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderFault(Said("its answer holds no id_token"))
        claims = self._checked(token, keys, flow, now_us)
        email = claims.get("email") if claims.get("email_verified") is True else None
        auth_s = claims.get("auth_time")
        if flow.is_fresh and not isinstance(auth_s, int):
            raise ProviderFault(Said("it does not say when it asked for the password"))
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject:
            raise ProviderFault(Said("it names nobody"))
        return Identity(subject, email if isinstance(email, str) else None, auth_s if isinstance(auth_s, int) else None)

    def _checked(self, token: str, keys: dict[str, Any], flow: Flow, now_us: int) -> dict[str, Any]:
        """The claims of an ID token that is signed by the provider, for this server, in this login, and in time."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # keys as they came: what they are is checked there
            wanted = {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": self._client}}
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, {"nonce": flow.nonce, "client_id": self._client})
            claims.validate(now=now_us // 1_000_000, leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderFault(Said("its token is not to be believed: {name}", name=type(error).__name__)) from error
        return dict(decoded.claims)

    async def _about(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Its document and its keys, asked anew every KEYS_FOR_S."""
        if self._known is None or time.monotonic() - self._known[0] > KEYS_FOR_S:
            metadata = await self._ask("GET", self._issuer + METADATA)
            if metadata.get("issuer", "").rstrip("/") != self._issuer:
                raise ProviderFault(Said("its document is that of another issuer"))
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_address(str(metadata.get(name, "")))
            self._known = time.monotonic(), metadata, await self._ask("GET", metadata["jwks_uri"])
        return self._known[1:]

    async def _ask(self, method: str, url: str, **asked: Any) -> dict[str, Any]:
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http,
                http.stream(method, url, headers={"Accept": "application/json"}, **asked) as answer,
            ):
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > ANSWER_MAX_BYTES:
                        raise ProviderFault(Said("more than {most} bytes in one answer", most=ANSWER_MAX_BYTES))
                if answer.status_code != 200:
                    raise ProviderFault(Said("{path} answered {status}", path=urlsplit(url).path, status=answer.status_code))
                document = msgspec.json.decode(bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
            raise ProviderFault(Said("{path}: {name}", path=urlsplit(url).path, name=type(error).__name__)) from error
        if not isinstance(document, dict):
            raise ProviderFault(Said("{path} answered no object", path=urlsplit(url).path))
        return document


def _check_address(url: str) -> None:
    """Raises ProviderFault."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not parts.hostname or not _is_here(parts.hostname):
        raise ProviderFault(Said("{url!r}: an identity provider is reached by https", url=url[:200]))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
