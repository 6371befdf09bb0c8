"""A display that does what the page does: merges what it is sent by overwriting, and keeps a cursor. Trusts nothing it did not get."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Screen:
    """What one display knows."""

    epoch: str | None = None
    position: int | None = None
    rows: dict[str, Json] = field(default_factory=dict)
    state: Json = field(default_factory=dict)
    total: int = 0
    wholes: int = 0

    def merge(self, text: str) -> Json:
        frame: Json = json.loads(text)
        assert frame["from"] in (0, self.position), f"a gap: from {frame['from']}, painted {self.position}"
        if frame["from"] == 0:
            self.rows, self.wholes = {}, self.wholes + 1
        self.rows.update({row["id"]: row for row in frame["rows"]})
        for contestant in frame["gone"]:
            self.rows.pop(contestant, None)
        self.epoch, self.position, self.state, self.total = frame["epoch"], frame["to"], frame["state"], frame["total"]
        return frame

    @property
    def cursor(self) -> str:
        return f"{self.epoch}:{self.position}"

    @property
    def seen(self) -> tuple[dict[str, Json], Json, int]:
        """Everything shown, but for the clock's hands."""
        return self.rows, {name: value for name, value in self.state.items() if name not in ("now", "elapsed_ms")}, self.total
