"""Who looks at what: a look lasts a while, and is said again while somebody is there. Nobody waits for a referee who went home.

A lease warns, it forbids nothing. What a decision was based on is checked with its basis. The servers of one installation tell each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contest_server.core.ids import ContestantId, OfficialId, StageId

LEASE_US = 30_000_000

Looked = tuple[ContestantId | None, StageId | None]


Look = tuple[Looked, int]
"""What somebody looks at, and until when (µs)."""


@dataclass(slots=True)
class Leases:
    """One look an official: the latest. `untold` are officials about whom other servers have not been told the latest."""

    untold: set[OfficialId] = field(default_factory=set)
    _looks: dict[OfficialId, Look] = field(default_factory=dict)
    _heard: dict[OfficialId, Look] = field(default_factory=dict)

    def look(self, official: OfficialId, at: Looked, now_us: int) -> None:
        """The official looks at this from now on, for LEASE_US."""
        self._looks[official] = at, now_us + LEASE_US
        self.untold.add(official)

    def leave(self, official: OfficialId) -> None:
        """The official looks at nothing any more."""
        self._looks.pop(official, None)
        self._heard.pop(official, None)
        self.untold.add(official)

    def told(self) -> dict[OfficialId, Look | None]:
        """What other servers have to be told; nothing, until something changes."""
        news = {official: self._looks.get(official) for official in sorted(self.untold)}
        self.untold.clear()
        return news

    def hear(self, looks: Mapping[OfficialId, Look]) -> None:
        """What all servers said, this one included."""
        self._heard = dict(looks)

    def now(self, now_us: int) -> Mapping[OfficialId, Looked]:
        """Who looks at what, in the order of their ids; what lasted too long is forgotten."""
        for looks in (self._looks, self._heard):
            for official in [official for official, (_, until_us) in looks.items() if until_us <= now_us]:
                del looks[official]
        latest = {**self._heard}
        for official, look in self._looks.items():
            latest[official] = max(look, latest.get(official, look), key=lambda each: each[1])
        return {official: at for official, (at, _) in sorted(latest.items())}

    def looking(self, contestant: ContestantId, stage: StageId, now_us: int) -> list[OfficialId]:
        """Who looks at this case."""
        return [official for official, at in self.now(now_us).items() if at == (contestant, stage)]
