"""What is refused, in Chinese as well: the server and the outbox keep it in English, and here it is read back. Refuses nothing."""

from __future__ import annotations

from functools import cache

from contest_server.core.rereading import Templates
from contest_server.core.saying import Said
from contest_server.words import CHINESE, sentences


@cache
def _templates() -> Templates:
    return Templates(sentences("wire"))


def chinese(detail: str) -> str:
    """The detail of a refusal in Chinese; "" where nobody knows what it says."""
    said = _templates().read(detail)
    return CHINESE.tell(said) if isinstance(said, Said) else ""


def in_both(detail: str) -> str:
    """The detail, and behind it the same in Chinese."""
    zh = chinese(detail)
    return f"{detail} / {zh}" if zh else detail
