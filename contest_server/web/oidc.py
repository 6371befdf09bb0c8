"""Logging in with an identity provider, where the settings name one. It lets in existing accounts only, and makes none.

What is kept meanwhile travels in a cookie that is signed with the client's secret, so that any server of an installation takes the answer.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contest_server.core.saying import Said
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.oidc_provider import Flow, Provider, ProviderFault
from contest_server.web.rights import needs
from contest_server.web.sessions import address_of, set_cookie

log = structlog.get_logger()

router = APIRouter(prefix="/api", tags=["accounts"])

HouseNeeded = Annotated[House, Depends(house_of)]

FLOW_COOKIE = "contest_oidc"
FLOW_PATH = "/api/oidc"
CALLBACK = "/api/oidc/callback"
FLOW_US = 10 * 60 * 1_000_000
"""How long (µs) somebody may take at the provider."""
RANDOM_BYTES = 32
CODE_MAX_CHARS = 4_000


@router.get("/login", dependencies=[needs("session.begin")])
async def ways_to_log_in(house: HouseNeeded) -> dict[str, Any]:
    """How people log in here: always with a password, and with an identity provider where there is one."""
    return {"password": True, "oidc": bool(house.settings.oidc_issuer)}


@router.get("/oidc/login", response_class=RedirectResponse, status_code=303, dependencies=[needs("session.begin")])
async def begin(request: Request, house: HouseNeeded, fresh: bool = False) -> Response:
    """Send the browser to the identity provider; with `fresh` it has to ask for the password there, whoever is logged in."""
    provider = _provider(request, house)
    state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
    flow = Flow(state, nonce, verifier, house.now_us() + FLOW_US, fresh)
    try:
        address = await provider.address(flow, _redirect(request))
    except ProviderFault as error:
        raise _fault(error) from None
    answer = RedirectResponse(address, 303)
    # Lax: the answer comes from the provider's site. It holds nothing that lets anybody in.
    is_https = request.url.scheme == "https"
    answer.set_cookie(
        FLOW_COOKIE, _sealed(flow, provider), FLOW_US // 1_000_000, path=FLOW_PATH, httponly=True, samesite="lax", secure=is_https
    )
    return answer


@router.get("/oidc/callback", response_class=HTMLResponse, dependencies=[needs("session.begin")])
async def come_back(request: Request, house: HouseNeeded, state: str = "", code: str = "", error: str = "") -> Response:
    """Where the provider sends the browser back to. Begins a session of the account that it means, and goes on to the page of accounts."""
    provider = _provider(request, house)
    flow = _flow(request, provider, house.now_us())
    if flow is None or not hmac.compare_digest(flow.state.encode(), state.encode()):
        return _on("bad_state", 400)
    if error or not 0 < len(code) <= CODE_MAX_CHARS:
        return _on("provider_refused", 403)
    now_us = house.now_us()
    try:
        identity = await provider.identity(code, flow, _redirect(request), now_us)
    except ProviderFault as fault:
        log.warning("identity provider", reason=str(fault))
        return _on("provider_fault", 502)
    account = await house.stores.accounts.known_as(identity.subject, identity.email)
    fresh_us = 0 if identity.auth_s is None else min(max(identity.auth_s, 0) * 1_000_000, now_us)
    begun = None if account is None else await house.stores.accounts.begin(account, now_us, fresh_us=fresh_us)
    if begun is None:
        log.warning("no such account", subject=identity.subject[:200], address=address_of(request))
        return _on("unknown_account", 403)
    log.info("logged in", account=begun.session.account, session=begun.session.id, address=address_of(request), by="oidc")
    answer = _on(None, 200)
    set_cookie(request, answer, begun.secret)
    return answer


def _provider(request: Request, house: House) -> Provider:
    """Made once, when somebody asks first. Raises ApiError where the settings name none, or not all that it needs."""
    if not house.settings.oidc_issuer:
        raise ApiError(404, "no_provider", Said("no identity provider is set up here (CONTEST_OIDC_ISSUER); log in with a password"))
    known: Provider | None = getattr(request.app.state, "provider", None)
    if known is None:
        try:
            known = request.app.state.provider = Provider(house.settings)
        except ProviderFault as error:
            raise _fault(error) from None
    return known


def _redirect(request: Request) -> str:
    """The address of `come_back` as the browser knows it; the provider takes none that it was not told beforehand."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}{CALLBACK}"


def _on(refused: str | None, status: int) -> Response:
    """A page that goes on by itself: a redirect would come from the provider's site, and strict cookies would stay behind."""
    target = "/account" if refused is None else f"/account?refused={refused}"
    page = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={target}"><a href="{target}">→</a>\n'
    answer = HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(FLOW_COOKIE, path=FLOW_PATH, httponly=True, samesite="lax")
    return answer


def _fault(error: ProviderFault) -> ApiError:
    log.warning("identity provider", reason=str(error))
    return ApiError(502, "provider_fault", Said("the identity provider: {error}", error=sentence_of(error)))


def _sealed(flow: Flow, provider: Provider) -> str:
    body = urlsafe_b64encode(msgspec.json.encode(flow)).decode()
    return f"{body}.{_signature(body, provider)}"


def _flow(request: Request, provider: Provider, now_us: int) -> Flow | None:
    """What this browser was sent away with; None where it was not, or long ago, or somebody changed it."""
    body, _, signature = request.cookies.get(FLOW_COOKIE, "").partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body, provider).encode()):
        return None
    flow = msgspec.json.decode(urlsafe_b64decode(body), type=Flow)
    return flow if now_us < flow.expires_us else None


def _signature(body: str, provider: Provider) -> str:
    return hmac.new(provider.secret, b"contest-server login " + body.encode(), sha256).hexdigest()
