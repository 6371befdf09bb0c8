"""How large a fault run is, and its dice: one seed decides what happens, where, and after how many acknowledgements."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.faults.displays import Patience
from tests.faults.processes import SERVER, Command

BEAT_MS = 400


@dataclass(frozen=True)
class Plan:
    """A blow is one fault with its recovery. While it happens each desk states events, `pause_s` apart on average, within these numbers."""

    seed: int
    servers: int = 2
    venues: int = 6
    displays: int = 4
    events_min: int = 8
    events_max: int = 200
    pause_s: float = 0.2
    settle_within_s: float = 90.0
    gone_s: float = 1.5
    """How long a database is gone, in a run that has no time for 30 s."""
    answer_wait_s: float = 2.0
    pause_max_s: float = 1.0
    patience: Patience = field(default_factory=lambda: Patience(stale_after_s=3 * BEAT_MS / 1000, silent_after_s=6 * BEAT_MS / 1000))
    server_command: Command = SERVER
    fleet_command: Command | None = None

    def dice(self, what: str) -> Random:
        """Its own dice for each thing, so that one more throw here changes nothing there."""
        return Random(f"{self.seed} {what}")

    def environment(self) -> dict[str, str]:
        """Of the servers: impatient beats, so that a display knows within a second that it is stale."""
        wanted = {"BEAT_INTERVAL_MS": BEAT_MS, "PAINT_INTERVAL_MS": 20, "CLOCK_EXCHANGE_S": 0.5}
        return {f"CONTEST_{name}": str(value) for name, value in wanted.items()}


SHORT = Plan(seed=1)
"""What `make test-long` has time for."""
LONG = Plan(
    seed=1,
    servers=3,
    venues=100,
    displays=30,
    events_min=4,
    pause_s=1.0,
    settle_within_s=300.0,
    gone_s=30.0,
    answer_wait_s=10.0,
    pause_max_s=3.0,
)
"""What `make faults` does unless it is told otherwise."""
