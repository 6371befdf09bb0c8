"""Who looks at what: a look lasts a while, and is said again while somebody is there. Nobody waits for a referee who went home.

Known to this server only, and forgotten with it: a lease warns, it forbids nothing. What a decision was based on is checked with its basis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contest_server.core.ids import ContestantId, OfficialId, StageId

LEASE_US = 30_000_000

Looked = tuple[ContestantId | None, StageId | None]


@dataclass(slots=True)
class Leases:
    """One look an official: the latest."""

    _looks: dict[OfficialId, tuple[Looked, int]] = field(default_factory=dict)

    def look(self, official: OfficialId, at: Looked, now_us: int) -> None:
        """The official looks at this from now on, for LEASE_US."""
        self._looks[official] = at, now_us + LEASE_US

    def leave(self, official: OfficialId) -> None:
        """The official looks at nothing any more."""
        self._looks.pop(official, None)

    def now(self, now_us: int) -> Mapping[OfficialId, Looked]:
        """Who looks at what, in the order of their ids; what lasted too long is forgotten."""
        for official in [official for official, (_, until_us) in self._looks.items() if until_us <= now_us]:
            del self._looks[official]
        return {official: at for official, (at, _) in sorted(self._looks.items())}

    def looking(self, contestant: ContestantId, stage: StageId, now_us: int) -> list[OfficialId]:
        """Who looks at this case."""
        return [official for official, at in self.now(now_us).items() if at == (contestant, stage)]
