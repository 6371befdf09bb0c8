"""What an agent tells a person, in Chinese as well. What is refused is kept and sent in English, and read back here. Refuses nothing."""

from __future__ import annotations

from functools import cache

from contest_server.core.rereading import Templates
from contest_server.core.saying import Said, Text
from contest_server.words import CHINESE, sentences


@cache
def _templates() -> Templates:
    return Templates(sentences("wire"))


def reread(detail: str) -> Text:
    """The sentence that a refusal is; plain text where nobody knows what it says."""
    return _templates().read(detail)


def chinese(detail: str) -> str:
    """The detail of a refusal in Chinese; "" where nobody knows what it says."""
    said = reread(detail)
    return CHINESE.tell(said) if isinstance(said, Said) else ""


def in_both(text: Text) -> str:
    """The text, and behind it the same in Chinese, where there is any."""
    en, zh = str(text), CHINESE.tell(text)
    return en if en == zh else f"{en} / {zh}"
