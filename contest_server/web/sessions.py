"""What every way to log in has in common: wrong passwords are counted, and the session goes into a cookie that no script reads."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from fastapi import Request, Response

from contest_server.core.saying import Said
from contest_server.web.access import COOKIE
from contest_server.web.addresses import key_of
from contest_server.web.errors import ApiError
from contest_server.web.house import House

BUSY_WAIT_S = 10


def address_of(request: Request) -> str:
    """As the log tells it."""
    return request.client.host if request.client else ""


def address_counted(request: Request) -> str:
    """What is counted as one address: a household has millions of IPv6 (`addresses.py`)."""
    return key_of(address_of(request))


def login_keys(request: Request, house: House, name: Hashable) -> Sequence[Hashable]:
    """What a wrong password is counted for: the name and the address; the browser alone, where this name has logged in before."""
    browser = house.browsers.known_as(request, name)
    return [name, ("address", address_counted(request))] if browser is None else [(name, "browser", browser)]


def count_try(house: House, keys: Sequence[Hashable]) -> None:
    """One try, which counts as wrong until it is forgiven. Raises ApiError: 429, too many were wrong lately."""
    wait_us = house.tries.wait_us(keys, house.now_us())
    if wait_us > 0:
        wait_s = -(-wait_us // 1_000_000)
        raise ApiError(
            429,
            "too_many_tries",
            Said("too many wrong passwords; try again in {wait_s} s", wait_s=wait_s),
            headers={"Retry-After": str(wait_s)},
        )
    house.tries.count(keys, house.now_us())


def not_looked_at(house: House, keys: Sequence[Hashable]) -> ApiError:
    """The password was not looked at, so that it is no wrong one."""
    house.tries.take_back(keys)
    return too_busy()


def too_busy() -> ApiError:
    """More passwords wait than can be reckoned."""
    busy = Said("too many passwords are waiting to be checked; try again in {wait_s} s", wait_s=BUSY_WAIT_S)
    return ApiError(429, "too_many_tries", busy, headers={"Retry-After": str(BUSY_WAIT_S)})


def let_in(request: Request, response: Response, house: House, name: Hashable, keys: Sequence[Hashable], secret: str) -> None:
    """The password was right: forgive those that were wrong, and give the browser the session."""
    house.tries.forgive(keys)
    set_cookie(request, response, secret)
    house.browsers.remember(request, response, name)


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """No script can read it, no other site can send it, and where the page came encrypted it never travels in the clear."""
    response.set_cookie(COOKIE, secret, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
