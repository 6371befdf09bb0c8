"""Complete contests to begin from: TOML files beside this module, read when they are asked for. Everybody in them is invented."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contest_server.builder.opening import opened

FOLDER = Path(__file__).parent / "examples"
TOLD: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "three-stages": (
        ("三关闯关赛", "Three stages"),
        (
            "两个赛区、答题加实操、限次重试、提前奖励，共 100 分。",
            "Two venues, a quiz, practical work, retries, a time bonus: 100 points.",
        ),
    ),
    "judged-work": (
        ("裁判评分", "Judged work"),
        ("三人评分组、回避、复核与申诉时限、奖牌。", "A panel of three, recusal, second persons, appeals, medals."),
    ),
    "race": (
        ("竞速闯关", "A race"),
        ("逐关解锁，先比过关数再比用时，失误罚时。", "Stages open one after the other; stages cleared count, then time with penalties."),
    ),
}


def beginnings() -> list[dict[str, Any]]:
    """Each with its title, what it is for, and its draft."""
    return [
        {
            "id": name,
            "title": {"zh": title[0], "en": title[1]},
            "purpose": {"zh": purpose[0], "en": purpose[1]},
            "draft": opened((FOLDER / f"{name}.toml").read_text("utf-8")),
        }
        for name, (title, purpose) in TOLD.items()
    ]
