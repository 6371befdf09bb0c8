"""Judges by entry point: built-ins and third parties come the same way. Refuses a judge written for another version of the names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from contest_server.core.judging import API_VERSION, STATIONS
from contest_server.core.saying import Said

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
            told = Said(
                "two packages offer a rule called {rule!r} ({package} is one of them); remove one", rule=point.name, package=_home(point)
            )
            raise JudgeUnusable(told)
        judges[point.name] = _load(point)
    return judges


def _load(point: EntryPoint) -> type[Any]:
    try:
        judge: type[Any] = point.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        told = Said("rule {rule!r} of {package} cannot be loaded: {fault}", rule=point.name, package=_home(point), fault=why)
        raise JudgeUnusable(told) from error
    if getattr(judge, "api", None) != API_VERSION:
        wanted = getattr(judge, "api", "none")
        raise JudgeUnusable(
            Said(
                "rule {rule!r} of {package} is for judge API {wanted}, this server has {version}; update the package",
                rule=point.name,
                package=_home(point),
                wanted=wanted,
                version=API_VERSION,
            )
        )
    if not is_dataclass(judge) or not any(hasattr(judge, station) for station in STATIONS):
        raise JudgeUnusable(
            Said(
                "rule {rule!r} of {package} is not a judge: expected a dataclass with one of {stations}",
                rule=point.name,
                package=_home(point),
                stations=list(STATIONS),
            )
        )
    return judge


def _home(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
