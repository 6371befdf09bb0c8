"""What is known of a source of events: how far it came."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SourceState:
    """What the ledger knows of one source: the number of its last event, and the numbers that were refused, with the reason."""

    last_seq: int = 0
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
