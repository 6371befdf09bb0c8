"""Every bound of the agent, with its unit in the name. What the server announces can only make them tighter."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_BYTES_MAX = 65_536
KEPT_TEXT_CHARS_MAX = 16_384
DEPTH_LEVELS_MAX = 32
CHUNK_BYTES_MAX = 65_536
CHUNK_EVENTS_MAX = 500
REFUSALS_UNRECORDED_MAX = 4_096
REFUSALS_TOLD_MAX = 5
BAD_LINES_TOLD_MAX = 5
ID = re.compile(r"[\w.:\-]{1,64}")  # of a contest and of a venue, as definitions have them
SOURCE = re.compile(r"[\w.\-]{1,64}")  # as the server takes it


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """How long the agent waits and how much it has under way."""

    batches_in_flight_max: int = 4
    batch_events_max: int = 500
    bytes_under_way_min: int = 16_384  # at first, too; a connection that broke over them makes it fewer
    soon_s: float = 1.0  # an answer within so long: the line carries more
    late_s: float = 3.0  # and after so long: it does not carry so much
    message_bytes_max: int = 262_144
    welcome_wait_s: float = 10.0
    clock_wait_s: float = 0.5
    answer_wait_s: float = 30.0
    pause_min_s: float = 0.2
    pause_max_s: float = 15.0
    steady_after_s: float = 15.0
    replaced_max: int = 2  # in a row, no further apart than that: a connection of our own that was given up may arrive late
    replaced_within_s: float = 60.0
    rate_window_s: float = 1.25  # more than the server's second: a jam on the way must not push two of our seconds into one of its
    disk_pause_s: float = 1.0
    file_poll_s: float = 0.1
