"""Questions for the referees: what a rule asked, about whom, what it compared. A question keeps its key for as long as it asks the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contest_server.core.advice import ADVICE
from contest_server.core.ids import ContestantId, StageId
from contest_server.core.judging import Opinion, Text

KEY_CHARS = 16
SEVERITY = {"info": "info", "questionable": "review", "bad": "block"}


@dataclass(frozen=True, slots=True)
class Flag:
    """A question for the referee, with what raised it. `suggestion` says what to do about it; where nobody said so, what is usual."""

    code: str
    severity: str
    rule: str
    contestant: ContestantId | None
    stage: StageId | None
    subject: str
    detail: Text
    threshold: Any = None
    seen: Any = None
    events: Sequence[str] = ()
    suggestion: Text = ""
    key: str = field(default="")

    def __post_init__(self) -> None:
        if not self.suggestion:
            object.__setattr__(self, "suggestion", ADVICE.get(self.code, ""))
        if not self.key:
            object.__setattr__(self, "key", _key(self))


def flag_of(
    opinion: Opinion, rule: str, contestant: ContestantId | None, stage: StageId | None, subject: str, events: Sequence[str] = ()
) -> Flag:
    """A judge's opinion as a question for the referees."""
    return Flag(
        opinion.code or rule,
        SEVERITY[opinion.doubt.value],
        rule,
        contestant,
        stage,
        subject,
        opinion.detail,
        opinion.threshold,
        opinion.seen,
        tuple(events),
        getattr(opinion, "suggestion", ""),
    )


def _key(flag: Flag) -> str:
    """The same question about the same value keeps its answer; a new value asks anew."""
    said = [flag.code, flag.rule, flag.contestant, flag.stage, flag.subject, str(flag.detail), flag.threshold, flag.seen]
    return hashlib.sha256(msgspec.json.encode(said, enc_hook=str)).hexdigest()[:KEY_CHARS]
