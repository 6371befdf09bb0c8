"""The words of other systems for how an attempt ended, as our four outcomes. A word nobody knows is a rejection, and is counted."""

from __future__ import annotations

import re
from collections import Counter

from contest_server.core.facts import Outcome

_ACCEPTED = {"accepted", "correct", "ok", "ac", "yes", "solved", "cleared"}
_FREE = {
    "free", "ce", "compilationerror", "compileerror", "compilererror", "compilation", "unknown", "undefined", "canceled", "cancelled",
    "skipped", "ignored", "systemerror", "judgementfailed", "judgingerror", "configurationerror", "uke", "se", "je",
}  # fmt: skip
_PENDING = {
    "", "pending", "waiting", "preparing", "compiling", "running", "judging", "queued", "submitted", "frozen", "testing", "inqueue", "pd",
}  # fmt: skip
_REJECTED = {
    "rejected", "reject", "incorrect", "no", "failed", "wronganswer", "wa", "runtimeerror", "runerror", "rte", "re", "timelimitexceeded",
    "timelimit", "tle", "memorylimitexceeded", "memorylimit", "mle", "outputlimitexceeded", "outputlimit", "ole",
    "idlenesslimitexceeded", "presentationerror", "pe", "formaterror", "nooutput", "securityviolation", "hacked", "challenged",
    "partiallycorrect", "partial", "crashed", "illegalfunction", "toolate",
}  # fmt: skip
_ALL: dict[str, Outcome] = {
    **dict.fromkeys(_ACCEPTED, "accepted"),
    **dict.fromkeys(_FREE, "free"),
    **dict.fromkeys(_PENDING, "pending"),
    **dict.fromkeys(_REJECTED, "rejected"),
}  # fmt: skip


def outcome_of_word(word: object, remarks: Counter[str]) -> Outcome:
    """The outcome that `word` means, however it is written ("WRONG_ANSWER", "wrong-answer"). Unknown words are counted in `remarks`."""
    known = _ALL.get(re.sub(r"[^a-z]", "", "" if word is None else str(word).lower()))
    if known is None:
        remarks[f"outcome {str(word)[:40]!r} is not known: taken as rejected"] += 1
        return "rejected"
    return known
