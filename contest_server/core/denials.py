"""Why an official's act is refused: a stable code and a sentence that says what to do."""

from __future__ import annotations

from typing import Literal

from contest_server.core.saying import Text

DenialCode = Literal[
    "recused",
    "own_decision",
    "not_chief",
    "not_yours",
    "not_fresh",
    "final",
    "not_final",
    "id_taken",
    "changed",
    "complete",
    "bad_ruling",
    "unknown_contestant",
    "unknown_stage",
    "unknown_attempt",
    "unknown_act",
    "bad_move",
    "bad_mark",
    "out_of_order",
]
PROVEN: tuple[DenialCode, ...] = ("recused", "own_decision")
"""What is entered as well as refused: somebody tried what they may never do."""


class Denied(Exception):
    """The act is refused and nothing was entered."""

    def __init__(self, code: DenialCode, detail: Text) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class NotAsked(Denied):
    """It answers a question that is not asked: any more, or by this program."""
