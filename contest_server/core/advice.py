"""What a referee should do about the questions that no rule asks, but the core itself: one sentence for each of their codes."""

from __future__ import annotations

from collections.abc import Mapping

from contest_server.core.saying import Said

ADVICE: Mapping[str, Said] = {
    "not_judged": Said("Have what is missing sent again as evidence of this attempt, or set the marks by a ruling."),
    "judge_failed": Said("Set the marks by a ruling for now; let whoever keeps the rules mend this one, then rejudge."),
    "expression_error": Said("Check what was sent, then the condition: have it sent again, or mend the definition and rejudge."),
    "double_entry_mismatch": Said("Let a third person enter the value, alone, or set the marks by a ruling."),
    "missing_mark": Said("Ask who has not marked this work yet: nothing counts until all marks are in."),
    "extra_attempt": Said("Reinstate the re-run, so that it takes the place of the attempt before it, or annul it."),
    "unknown_contestant": Said("Have the event sent again under the right id, or add this contestant to the definition."),
    "unknown_stage": Said("Have the event sent again under the right stage, or add this stage to the definition."),
    "after_final": Said("Reopen the final result if it has to count; else confirm that it does not."),
    "play_off": Said("Hold the play-off, and part those who tie by a ruling on their marks or times."),
}
"""A rule that says itself what to do outweighs it."""
