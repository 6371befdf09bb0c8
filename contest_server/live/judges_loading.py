"""Judges by entry point: built-ins and third parties come the same way. Refuses a judge written for another version of the names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from contest_server.core.judging import API_VERSION, STATIONS

GROUP = "contest_server.judges"


class JudgeUnusable(Exception):
    """A package offers a judge that cannot be used. Says which package, and what to do."""


def load_judges(points: Iterable[EntryPoint] | None = None) -> dict[str, type[Any]]:
    """All judge classes by the name of their rule.

    Raises:
        JudgeUnusable: a package cannot be imported, was written for another version, or offers a name twice.
    """
    judges: dict[str, type[Any]] = {}
    for point in entry_points(group=GROUP) if points is None else points:
        if point.name in judges:
            raise JudgeUnusable(f"two packages offer a rule called {point.name!r} ({_home(point)} is one of them); remove one")
        judges[point.name] = _load(point)
    return judges


def _load(point: EntryPoint) -> type[Any]:
    try:
        judge: type[Any] = point.load()
    except Exception as error:
        raise JudgeUnusable(f"rule {point.name!r} of {_home(point)} cannot be loaded: {type(error).__name__}: {error}") from error
    if getattr(judge, "api", None) != API_VERSION:
        wanted = getattr(judge, "api", "none")
        raise JudgeUnusable(
            f"rule {point.name!r} of {_home(point)} is for judge API {wanted}, this server has {API_VERSION}; update the package"
        )
    if not is_dataclass(judge) or not any(hasattr(judge, station) for station in STATIONS):
        raise JudgeUnusable(f"rule {point.name!r} of {_home(point)} is not a judge: expected a dataclass with one of {', '.join(STATIONS)}")
    return judge


def _home(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
