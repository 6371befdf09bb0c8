"""Which venue a contestant of a feed was at. Groups are sites only where the recording shows it; otherwise everybody is at one venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAIN = {"zh": "主赛区", "en": "Main venue"}
_DASHES = (" - ", " – ", "-", ": ")

Object = Mapping[str, Any]


def site_groups(groups: Mapping[str, Object], memberships: Sequence[Sequence[str]]) -> list[str]:
    """The ids of the groups that are sites, or nothing.

    A group is a site when its type says so, or when there is a group for one of its divisions ("Oregon", "D1" and "Oregon - D1").
    Sites must divide the contestants: everyone in exactly one.
    """
    stated = [key for key, group in groups.items() if str(group.get("type", "")).lower() == "site"]
    for sites in (stated, _with_divisions(groups)):
        chosen = set(sites)
        if all(len(chosen.intersection(each)) == 1 for each in memberships):
            return [key for key in sites if any(key in each for each in memberships)]
    return []


def _with_divisions(groups: Mapping[str, Object]) -> list[str]:
    names = {key: str(group.get("name", "")).strip() for key, group in groups.items()}
    there = set(names.values())
    return [key for key, name in names.items() if name and any(f"{name}{dash}{other}" in there for other in there for dash in _DASHES)]
