"""Acts besides rulings, as short as tests want them. Times are seconds after the start of the contest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from contest_server.core.acts import (
    Appealed,
    AppealMoved,
    AppealState,
    Drawn,
    HandedOver,
    Marked,
    Published,
    Rechecked,
    Revealed,
    Sampled,
    Signed,
)
from contest_server.core.blind import commitment_of
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, SourceId, StageId, VenueId
from tests.contests import START_US

Role = Literal["contestant", "referee", "chief"]
CHIEF = OfficialId("C1")


def at(seconds: float) -> int:
    return START_US + round(seconds * 1_000_000)


def published(name: str = "p1", at_s: float = 7_200) -> Published:
    return Published(ActId(name), at(at_s), CHIEF)


def appealed(name: str = "a1", at_s: float = 7_300, contestant: str = "A1", stage: str | None = "quiz", **more: Any) -> Appealed:
    about = None if stage is None else StageId(stage)
    return Appealed(ActId(name), at(at_s), OfficialId("R2"), ContestantId(contestant), "the clock stood still", about, **more)


def moved(to: AppealState, at_s: float, panel: Sequence[str] = (), of: str = "a1", name: str | None = None) -> AppealMoved:
    members = tuple(map(OfficialId, panel))
    return AppealMoved(ActId(name or f"m{at_s:g}"), at(at_s), CHIEF, ActId(of), to, "as heard", members)


def signed(contestant: str, digest: str, role: Role = "referee", at_s: float = 7_400, by: str = "R2") -> Signed:
    return Signed(ActId(f"s-{contestant}-{role}-{by}-{at_s:g}"), at(at_s), OfficialId(by), ContestantId(contestant), role, digest)


def sampled(members: Sequence[str], name: str = "n1", at_s: float = 7_300) -> Sampled:
    return Sampled(ActId(name), at(at_s), CHIEF, "seed", 3, 15, tuple(map(ContestantId, members)))


def rechecked(contestant: str, right: bool = True, of: str = "n1", at_s: float = 7_350, by: str = "R2") -> Rechecked:
    name = ActId(f"c-{of}-{contestant}-{by}-{at_s:g}")
    return Rechecked(name, at(at_s), OfficialId(by), ActId(of), ContestantId(contestant), right, "" if right else "read wrongly")


def handed_over(venue: str, counts: Mapping[str, int], at_s: float = 7_250) -> HandedOver:
    sent = {SourceId(source): count for source, count in counts.items()}
    return HandedOver(ActId(f"h-{venue}-{at_s:g}"), at(at_s), OfficialId(f"venue:{venue}"), VenueId(venue), sent)


def drawn(layer: int, codes: Mapping[str, str], salt: str = "salt", at_s: float = -100) -> Drawn:
    return Drawn(ActId(f"b{layer}-{at_s:g}"), at(at_s + layer), CHIEF, layer, len(codes), commitment_of(salt, codes))


def revealed(layer: int, codes: Mapping[str, str], at_s: float, salt: str = "salt", name: str | None = None) -> Revealed:
    return Revealed(ActId(name or f"v{layer}-{at_s:g}"), at(at_s), CHIEF, layer, salt, dict(codes), OfficialId("R2"))


def marked(official: str, value: str, at_s: float = 100, code: str | None = None, contestant: str | None = None) -> Marked:
    """A mark on the order of the wiring, which a panel judges."""
    name = ActId(f"k-{official}-{code or contestant}-{at_s:g}")
    who = None if contestant is None else ContestantId(contestant)
    attempt = None if contestant is None else AttemptId("1")
    return Marked(name, at(at_s), OfficialId(official), StageId("wiring"), "order", value, who, attempt, code)
