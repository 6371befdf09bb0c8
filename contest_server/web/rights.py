"""Every route names the action that it is, and who may take it stands in `core/roles.py`. A route that names none is closed to everybody.

HTTP routes are asked before anything of the request is read further. Sockets say goodbye in their own words, so they ask themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import ACTIONS
from contest_server.core.saying import Said
from contest_server.web.access import allow
from contest_server.web.callers import Caller, Person
from contest_server.web.errors import NotAllowed


class Needs:
    """That whoever asks may take this action. Some answers need `more`: the route asks for that itself."""

    def __init__(self, action: str, more: str | None = None) -> None:
        assert {action, more} <= {*ACTIONS, None}, f"{action!r} or {more!r} is no action of core/roles.py"
        self.action, self.more = action, more

    async def __call__(self, connection: HTTPConnection) -> None:
        """Let whoever may into `connection.state.caller`. Raises as `allow`."""
        if connection.scope["type"] == "http":
            contest, venue = connection.path_params.get("contest"), connection.path_params.get("venue")
            connection.state.caller = await allow(
                connection.headers,
                connection.app.state.house,
                self.action,
                None if contest is None else ContestId(contest),
                None if venue is None else VenueId(venue),
            )


def needs(action: str, more: str | None = None) -> Any:
    """For `dependencies=[…]` of a route: the action that it is."""
    return Depends(Needs(action, more))


def needed_by(route: Any) -> Needs | None:
    """What a route says that it needs; None for one that says nothing."""
    dependencies: Iterable[Any] = getattr(route, "dependencies", ())
    return next((each.dependency for each in dependencies if isinstance(each.dependency, Needs)), None)


async def declared(connection: HTTPConnection) -> None:
    """For the whole application: a route that says nothing of what it needs is closed. Raises NotAllowed."""
    if needed_by(connection.scope.get("route")) is None:
        raise NotAllowed(Said("this route names no action of core/roles.py, so nobody may use it"))


def caller_of(request: Request) -> Caller:
    """Who was let in, where not everybody is."""
    caller: Caller | None = request.state.caller
    assert caller is not None, "this is not for everybody"
    return caller


def official_of(request: Request) -> Person:
    """The official who was let in, where nobody else is."""
    caller = request.state.caller
    assert isinstance(caller, Person), "officials alone may"
    return caller


def reader_of(request: Request) -> Person | None:
    """The official who was let in; None for others who may read the same."""
    caller = request.state.caller
    return caller if isinstance(caller, Person) else None
