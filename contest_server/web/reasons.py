"""Why a result cannot be final yet, as JSON: each reason in the language of the answer, and always in Chinese beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contest_server.core.finalising import Reason
from contest_server.web.languages import told
from contest_server.words import CHINESE


def reasons_document(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "detail": told(each.detail), "detail_zh": CHINESE.tell(each.detail), "about": each.about} for each in reasons
    ]
