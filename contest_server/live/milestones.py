"""A line in the log for each milestone of a contest, while somebody looks: adopted, frozen, thawed, final, reopened."""

from __future__ import annotations

import structlog

from contest_server.core.contest import Contest

log = structlog.get_logger()

State = tuple[int, int | None, int]
"""The positions of the definition in force, of the freeze, and of the final result."""


class Milestones:
    """Of one contest."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._before: State | None = None
        """None while nobody looks."""

    def begin(self) -> None:
        """What is so now is no news."""
        self._before = self._now()

    def note(self) -> None:
        """Say what changed since this was asked last."""
        contest, now = self._contest, self._now()
        if self._before is None or now == self._before:
            return
        before, self._before = self._before, now
        lines = (
            "definition in force",
            "board thawed" if contest.frozen is None else "board frozen",
            "result final" if contest.final else "result reopened",
        )
        for line, was, is_ in zip(lines, before, now, strict=True):
            if was != is_:
                log.info(line, contest=contest.id, position=contest.position, version=contest.version)

    def _now(self) -> State:
        contest = self._contest
        return contest.adopted_at, contest.frozen.position if contest.frozen else None, contest.final_at
