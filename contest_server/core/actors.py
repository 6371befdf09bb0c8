"""Who acts: an official as the definition knows them, and what is kept of who tried what they may not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from contest_server.core.acts import AppealMoved, Marked, Rechecked, Revealed, Ruled, Seconded, Signed, TurnedAway
from contest_server.core.definition import Definition
from contest_server.core.denials import Denied
from contest_server.core.ids import ContestantId, OfficialId

WORDS: Mapping[type, str] = {
    Seconded: "second", Marked: "mark", Signed: "sign", Rechecked: "recheck", AppealMoved: "decide on an appeal", Revealed: "reveal codes",
}  # fmt: skip
"""What officials do besides ruling, as a verb."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an official of the definition that holds, and whether the password was given a short while ago."""

    id: OfficialId
    role: Literal["referee", "chief"]
    recused: frozenset[ContestantId] = frozenset()
    is_fresh: bool = True


def actor_of(definition: Definition, official: OfficialId, is_fresh: bool = True) -> Actor | None:
    """The official with what the definition says of them; None where it knows no such official."""
    for each in definition.officials:
        if each.id == official:
            return Actor(official, each.role, frozenset(ContestantId(one) for one in each.recused), is_fresh)
    return None


def turned_away(actor: Actor, denied: Denied, act: object, now_us: int) -> TurnedAway:
    """The entry that says who tried what they may not do."""
    verb = msgspec.to_builtins(act.action)["verb"] if isinstance(act, Ruled) else WORDS.get(type(act), type(act).__name__.lower())
    contestant, stage = getattr(act, "contestant", None), getattr(act, "stage", None)
    return TurnedAway(now_us, actor.id, verb, denied.code, str(denied.detail), contestant, stage)
