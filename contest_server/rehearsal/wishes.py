"""What a rehearsal is asked for, with its bounds. Refuses what would never end, or would be a load test rather than a rehearsal."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

VENUES_MAX = 50
CONTESTANTS_MIN, CONTESTANTS_MAX = 16, 500
DISPLAYS_MAX = 200
SERVERS_MAX = 20
MINUTES_DEFAULT, MINUTES_MAX = 30, 24 * 60
SPEED_MAX = 1_000.0
PLAYED_S_MIN, PLAYED_S_MAX = 2.0, 12 * 3_600.0


class BadWish(ValueError):
    """This cannot be rehearsed. The text says which option, and what is allowed."""


class FaultKind(StrEnum):
    """What can be made to go wrong, on the rehearsal's own side of the wire."""

    CUT = "cut"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CLOCK = "clock"
    CRASH = "crash"
    GARBAGE = "garbage"
    SLOW_DISPLAY = "slow-display"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Wishes:
    """`minutes` are of the contest (none: as its definition has them), `speed` says how many of its seconds pass in one real second."""

    urls: Sequence[str]
    venues: int = 3
    contestants: int = 60
    displays: int = 6
    minutes: int | None = None
    speed: float = 20.0
    seed: int = 7
    faults: frozenset[FaultKind] = frozenset(FaultKind)
    definition: Path | None = None

    def check(self) -> None:
        """Raises BadWish."""
        _within("--url", len(self.urls), 1, SERVERS_MAX, "servers")
        _within("--venues", self.venues, 1, VENUES_MAX, "venues")
        _within("--contestants", self.contestants, CONTESTANTS_MIN, CONTESTANTS_MAX, "contestants")
        _within("--displays", self.displays, 1, DISPLAYS_MAX, "displays")
        if self.minutes is not None:
            _within("--minutes", self.minutes, 1, MINUTES_MAX, "minutes")
        _within("--speed", self.speed, 1, SPEED_MAX, "times real time")
        for url in self.urls:
            _check_url(url)

    def check_length(self, minutes: int) -> None:
        """Raises BadWish for a contest that would be over at once, or never."""
        _within("--minutes / --speed", minutes * 60 / self.speed, PLAYED_S_MIN, PLAYED_S_MAX, "real seconds")


def faults_of(text: str) -> frozenset[FaultKind]:
    """From `all`, `none` or names with commas. Raises BadWish."""
    if text in ("all", "none"):
        return frozenset(FaultKind) if text == "all" else frozenset()
    names = {name.strip() for name in text.split(",") if name.strip()}
    if unknown := names - set(FaultKind):
        raise BadWish(f"--faults: {', '.join(sorted(unknown))}: expected all, none, or some of {', '.join(FaultKind)}")
    return frozenset(FaultKind(name) for name in names)


def is_loopback(url: str) -> bool:
    """Whether this server is on this computer."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _within(option: str, value: float, least: float, most: float, unit: str) -> None:
    if not least <= value <= most:
        raise BadWish(f"{option}: {value:g}; expected {least:g} to {most:g} {unit}")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment or "@" in parts.netloc)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise BadWish(f"--url: {url!r} is not like https://HOST or http://HOST:8000")
