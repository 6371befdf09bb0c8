"""Faults, warnings and names in both languages, as the builder's page shows them. What somebody wrote as plain text is the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contest_server.core.definition import Text
from contest_server.core.faults import Fault
from contest_server.core.saying import ENGLISH
from contest_server.core.saying import Text as Sentence
from contest_server.words import CHINESE


def fault_document(fault: Fault) -> dict[str, Any]:
    """A fault as a page shows it: place, sentence in both languages, and a stable word."""
    return {"where": fault.where, "code": fault.code or "other", "message": both(fault.message)}


def said(where: str, code: str, zh: str, en: str) -> dict[str, Any]:
    """A fault or warning that is worded here."""
    return {"where": where, "code": code, "message": {"zh": zh, "en": en}}


def both(text: Sentence) -> dict[str, str]:
    """A judge's sentence in both languages; the English one where there is no Chinese."""
    return {"zh": CHINESE.tell(text), "en": ENGLISH.tell(text)}


def words(text: Text | None) -> Mapping[str, str] | None:
    return None if text is None else {"zh": text.zh, "en": text.en}
