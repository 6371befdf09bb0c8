"""`/metrics`, for Prometheus. Refuses everybody from elsewhere who has no token of its own."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest

from contest_server.core.saying import Said
from contest_server.web.errors import NotAllowed
from contest_server.web.figures import Figures
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(tags=["health"])


@router.get("/metrics", dependencies=[needs("metrics.read")], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request, house: Annotated[House, Depends(house_of)]) -> Response:
    """The figures of this server as text of Prometheus. For this machine itself, or with CONTEST_METRICS_TOKEN as a bearer token."""
    _require_reader(request, house)
    return Response(generate_latest(registry_of(house)), media_type=CONTENT_TYPE_LATEST)


def _require_reader(request: Request, house: House) -> None:
    """A request that a proxy passed on is not one of this machine, wherever the proxy runs."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    token = house.settings.metrics_token.get_secret_value() if house.settings.metrics_token else ""
    if token and scheme.lower() == "bearer" and hmac.compare_digest(secret.strip().encode(), token.encode()):
        return
    passed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    if passed_on or not _is_here(request.client.host if request.client else ""):
        raise NotAllowed(Said("metrics are read on this computer, or with CONTEST_METRICS_TOKEN as a bearer token"))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def registry_of(house: House) -> CollectorRegistry:
    """Made for one look: nothing is kept, and nothing is shared with another server in this process."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(Figures(house))
    return registry
