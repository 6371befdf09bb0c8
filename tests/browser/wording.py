"""The page's own words, as the build wrote them down: a test that looks for a word looks for the one in the dictionary."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal

from contest_server.web.pages import STATIC

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
FROZEN: dict[Lang, str] = {
    "en": (
        "The scoreboard was frozen with 20 minutes remaining - "
        "submissions in the last 20 minutes of the contest are still shown as pending."
    ),
    "zh": "距比赛结束 20 分钟时已封榜，最后 20 分钟内的提交仍显示为待定。",
}
"""What a board says that was frozen 20 minutes before the end, letter by letter. Written here once more: this wording is a promise."""


@cache
def _words() -> dict[str, dict[Lang, str]]:
    words: dict[str, dict[Lang, str]] = json.loads((Path(STATIC) / "words.json").read_text(encoding="utf-8"))
    return words


def say(word: str, lang: Lang, **fill: object) -> str:
    """A word of the pages in one language, with what is filled into it."""
    text = _words()[word][lang]
    for name, value in fill.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
