"""How long to wait before trying again: full jitter, so that many venues do not come back in one moment."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from contest_server.agent.limits import AgentLimits


@dataclass(frozen=True, slots=True)
class Pauses:
    bounds: AgentLimits
    chance: Random

    def after(self, failures: int) -> float:
        """Seconds, between pause_min_s and pause_max_s; the range doubles with each failure."""
        least, most = self.bounds.pause_min_s, self.bounds.pause_max_s
        return max(least, self.chance.uniform(0, min(most, 2 * least * 2 ** min(failures, 16))))
