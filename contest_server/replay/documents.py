"""Definitions for recordings that bring none: stages cleared, then time with a penalty for each rejected attempt, then the last clear."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from contest_server.core.facts import Json
from contest_server.replay.times import text_of_instant

Unit = Literal["ms", "second", "minute"]

ID_MAX_CHARACTERS = 64
_NOT_IN_IDS = re.compile(r"[^\w.:\-]+")


@dataclass(frozen=True, slots=True)
class TimeRules:
    """How a contest reckoned its time. `floor` says whether each stage or only the total is cut to whole `unit`s."""

    penalty_s: int = 1200
    unit: Unit = "minute"
    floor: Literal["stage", "total"] = "stage"
    last_unit: Unit = "ms"


def id_of(raw: object) -> str:
    """`raw` as an id: itself where it is one, else what is allowed of it with six digits of its hash, so that two never become one."""
    text = str(raw)
    if len(text) <= ID_MAX_CHARACTERS and text and not _NOT_IN_IDS.search(text):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    cut = _NOT_IN_IDS.sub("-", text).strip("-")[: ID_MAX_CHARACTERS - 7]
    return f"{cut}-{digest}" if cut else digest


def slug_of(name: str) -> str:
    """A readable id for a venue out of its name: "British Columbia" is "british-columbia"."""
    return id_of(_NOT_IN_IDS.sub("-", name.strip().lower()).strip("-") or name)


def count_and_time_document(
    contest_id: str,
    name: object,
    starts_us: int,
    duration_ms: int | None,
    rules: TimeRules,
    venues: Mapping[Any, object],
    contestants: Iterable[Mapping[str, Any]],
    stages: Iterable[Mapping[str, Any]],
) -> Json:
    """The whole definition. `venues` maps an id to a name. No doubts: a recording's times are what they are."""
    contest: Json = {"id": id_of(contest_id), "name": text_in_two(name), "starts": text_of_instant(starts_us)}
    if duration_ms is not None and duration_ms > 0:
        contest["minutes"] = -(-duration_ms // 60_000)
    return {
        "format": 1,
        "contest": contest,
        "venues": [{"id": key, "name": text_in_two(words)} for key, words in venues.items()],
        "contestants": [dict(row) for row in contestants],
        "stages": [dict(row) for row in stages],
        **_rules(rules),
    }


def _rules(rules: TimeRules) -> Json:
    return {
        "clock": {"correct": False, "max_offset_ms": 3_600_000},
        "rules": [{"rule": "attempts_penalty", "seconds": rules.penalty_s}],
        "total": {"rule": "count_then_time", "unit": rules.unit, "floor": rules.floor},
        "ranking": [
            {"by": "cleared", "order": "desc"},
            {"by": "time_ms", "order": "asc"},
            {"by": "last_ms", "order": "asc", "unit": rules.last_unit},
        ],
        "doubts_defaults": {"off": ["pace", "sequence", "duplicate", "late", "clock"]},
    }


def text_in_two(value: object, default: str = "–") -> dict[str, str]:
    """Words for zh and en; a recording that has one of them, or one string, gives both. Cut to what a definition takes."""
    if isinstance(value, Mapping):
        zh = value.get("zh") or value.get("zh-CN") or value.get("zh_CN") or value.get("fallback") or value.get("en")
        en = value.get("en") or value.get("en-US") or value.get("en_US") or value.get("fallback") or zh
        return {"zh": str(zh or default)[:400], "en": str(en or default)[:400]}
    text = str(value).strip()[:400] if value is not None else ""
    return {"zh": text or default, "en": text or default}


def exact_seconds(rules: TimeRules) -> TimeRules:
    """The rules of contests that add up seconds: only the sum is cut, and ranks are decided by seconds."""
    return replace(rules, unit="second", floor="total")
