"""Who is asking: bearer tokens. Default deny; a token is good for its own contest, and a venue's for its own venue."""

from __future__ import annotations

from collections.abc import Mapping

from contest_server.core.audience import Audience
from contest_server.core.facts import ContestId, VenueId
from contest_server.ledger.tokens import Token
from contest_server.web.errors import NotAllowed
from contest_server.web.house import House


async def token_of(headers: Mapping[str, str], house: House) -> Token | None:
    """The token in the Authorization header, if it is a good one."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    return await house.stores.tokens.look_up(secret.strip())


async def require_venue(headers: Mapping[str, str], house: House, contest: ContestId, venue: VenueId) -> Token:
    """A token of this venue of this contest. Raises NotAllowed."""
    token = await token_of(headers, house)
    if token is None or token.role != "venue" or (token.contest, token.venue) != (contest, venue):
        raise NotAllowed("a bearer token of this venue is needed: contest-server token --contest … --venue …")
    return token


async def require_staff(headers: Mapping[str, str], house: House, contest: ContestId) -> Token:
    """A token of this contest's staff, or an administrator's. Raises NotAllowed."""
    token = await token_of(headers, house)
    if token is None or not (token.role == "admin" or (token.role == "staff" and token.contest == contest)):
        raise NotAllowed("a bearer token of this contest's staff is needed: contest-server token --role staff --contest …")
    return token


async def require_audience(headers: Mapping[str, str], house: House, contest: ContestId, audience: Audience) -> Token | None:
    """The public needs no token. Raises NotAllowed."""
    return None if audience == "public" else await require_staff(headers, house, contest)
