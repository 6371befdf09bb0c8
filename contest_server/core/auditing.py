"""An audit of a ledger: the result reckoned anew, who changed what and why, and every act that should not have been possible.

Needs nothing but the entries and the judges. Names no persons: contestants and officials are ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contest_server.core.actors import Actor, actor_of
from contest_server.core.acts import (
    Act,
    Appealed,
    Drawn,
    HandedOver,
    Marked,
    Published,
    Revealed,
    Ruled,
    Sampled,
    Seconded,
    Signed,
    TurnedAway,
)
from contest_server.core.adjusting import late_adjustments
from contest_server.core.blind import commitment_of
from contest_server.core.contest import Contest
from contest_server.core.conversions import Figure, figures_of, medals_of
from contest_server.core.corrections import digest_of_row
from contest_server.core.deciding import basis_of, rule, second
from contest_server.core.denials import Denied, NotAsked
from contest_server.core.effects import Effect, Picture, effect_between, picture_of
from contest_server.core.facts import (
    Adopted,
    Clock,
    Directed,
    Entry,
    Event,
    Finalised,
    Frozen,
    Refused,
    Standing,
    Thawed,
    Unveiled,
    Veiled,
)
from contest_server.core.finalising import reasons_against_finalising
from contest_server.core.ids import ContestId
from contest_server.core.judged_before import digest_of_result
from contest_server.core.judgements import reason_of
from contest_server.core.marking import mark
from contest_server.core.rulebook import Judges
from contest_server.core.sampling import draw
from contest_server.core.saying import Said, Text
from contest_server.core.times import text_of_us
from contest_server.core.unmarked import MISSING_MARK

ROWS_TOLD_MAX = 20
REMARKS = ("turned_away", "not_asked", "late_adjustment", "finalised_unmarked")
"""Codes of findings that speak against nobody: what they tell was allowed when it was entered, or led to nothing."""
OFFICIAL = "official:"


@dataclass(frozen=True, slots=True)
class Change:
    """One act, or fact about the whole contest: when, by whom, what, on what, why, and whom it moved."""

    position: int
    at: str
    by: str
    what: str
    about: str
    reason: str
    moved: Sequence[str] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that should not stand there as it does; or, where it speaks against nobody, a remark."""

    position: int
    code: str
    detail: Text

    @property
    def is_remark(self) -> bool:
        return self.code in REMARKS


@dataclass(slots=True)
class Auditor:
    """Takes every entry of a ledger in order."""

    judges: Judges
    contest: Contest = field(init=False)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.contest = Contest(ContestId("audit"), self.judges)

    def take(self, entry: Entry) -> None:
        """Check an entry against the contest as it was, then let it count."""
        if isinstance(entry.fact, (Event, Refused)):
            self.contest.advance(entry)
            return
        self.contest.settle()
        before = picture_of(self.contest)
        for code, detail in self._faults(entry):
            self.findings.append(Finding(entry.position, code, detail))
        self.contest.advance(entry)
        self.contest.settle()
        if isinstance(entry.fact, Adopted):
            self.findings += self._adjusted_late(entry)
        if not isinstance(entry.fact, Marked):
            self.changes.append(self._change(entry, before))

    @property
    def faults(self) -> list[Finding]:
        """What speaks against the result, or against whoever entered it."""
        return [each for each in self.findings if not each.is_remark]

    @property
    def remarks(self) -> list[Finding]:
        """What is worth knowing, and speaks against nobody."""
        return [each for each in self.findings if each.is_remark]

    def digest(self) -> str:
        """That of the board after the last entry."""
        self.contest.settle()
        return self.contest.digest()

    def ranking(self) -> list[dict[str, Any]]:
        """The result: rank, contestant, points, time in ms, stages cleared, status, medal; in the order of the board."""
        self.contest.settle()
        medals = medals_of(self.contest)
        found = []
        for contestant in self.contest.ranking:
            row = self.contest.rows[contestant].row
            rank = self.contest.ranking.rank_of(contestant)
            found.append(
                {"rank": rank, "contestant": row.id, "points": row.points, "time_ms": row.time_ms, "cleared": row.cleared}
                | {"status": row.status, "medal": medals.get(contestant)}
            )
        return found

    def figures(self) -> list[Figure]:
        """What the rules of `[[conversions]]` make of the result: of teams, of a season, whether somebody passed."""
        self.contest.settle()
        return figures_of(self.contest)

    def _change(self, entry: Entry, before: Picture) -> Change:
        what, _ = reason_of(entry.fact)
        moved = told(effect_between(before, picture_of(self.contest)))
        return Change(
            entry.position,
            text_of_us(entry.received_us),
            entry.author,
            _what(entry, what),
            _about(entry.fact),
            _why(entry.fact),
            moved[:ROWS_TOLD_MAX],
            max(0, len(moved) - ROWS_TOLD_MAX),
        )

    def _adjusted_late(self, entry: Entry) -> Iterator[Finding]:
        """Remarks on rules that level referees or venues, enabled by this adoption, after marks could be seen."""
        for flag in late_adjustments(self.contest):
            if flag.seen == entry.position:
                yield Finding(entry.position, flag.code, flag.detail)

    def _faults(self, entry: Entry) -> Iterator[tuple[str, Text]]:
        fact = entry.fact
        match fact:
            case Finalised():
                yield from self._against_finalising(entry)
            case Adopted() | Clock() | Frozen() | Thawed() | Standing() | Event() | Refused() | Unveiled() | Veiled() | Directed():
                return
            case TurnedAway():
                yield "turned_away", f"{fact.official} tried to {fact.verb}: {fact.detail}"
            case _:
                yield from self._act_faults(entry, fact)

    def _against_finalising(self, entry: Entry) -> Iterator[tuple[str, Text]]:
        """What was in the way of a final result. Nothing forbade one without all marks, before it was a reason."""
        for reason in reasons_against_finalising(self.contest, entry.received_us):
            if reason.code == MISSING_MARK:
                yield "finalised_unmarked", Said("final without all marks; an earlier version allowed that: {detail}", detail=reason.detail)
            else:
                yield "finalised_early", reason.detail

    def _act_faults(self, entry: Entry, act: Act) -> Iterator[tuple[str, Text]]:
        definition = self.contest.definition
        actor = actor_of(definition, act.official) if definition is not None else None
        if entry.author.startswith(OFFICIAL) and entry.author != f"{OFFICIAL}{act.official}":
            yield "author", f"entered by {entry.author}, but it speaks for {act.official}"
        if actor is None:
            if not speaks_for_itself(act):
                yield "unknown_official", f"{act.official} was no official at that time"
            return
        try:
            yield from self._against(actor, act)
        except NotAsked as denied:
            yield "not_asked", f"{denied.detail}; an earlier version of a rule may have asked"
        except Denied as denied:
            yield denied.code, denied.detail

    def _against(self, actor: Actor, act: Act) -> Iterator[tuple[str, str]]:
        """Faults of an act, held against the contest as it was. Raises Denied where it should have been refused."""
        contest = self.contest
        match act:
            case Ruled():
                basis = basis_of(contest, act.contestant, act.stage) if act.contestant in contest.sheets and act.stage is not None else None
                allowed = rule(contest, actor, msgspec.structs.replace(act, needs=()), basis)
                if allowed is not None and allowed.needs and not act.needs:
                    yield "second_person_missing", f"ruling {act.id} {'; '.join(allowed.needs)}, but stands without one"
            case Seconded():
                second(contest, actor, act)
            case Marked():
                mark(contest, actor, act)
            case Signed(contestant=who, digest=digest) if who not in contest.rows or digest_of_row(contest.rows[who]) != digest:
                yield "signature", f"{who}: what was signed is not the result as it was"
            case Published(result=said) if said and said != digest_of_result(contest):
                yield "judged_otherwise", f"publication {act.id}: another program judged this result, and not all of it as this one does"
            case Sampled() if act.members != draw(contest, act.seed, act.top, act.percent):
                yield "sample", f"sample {act.id} is not what its seed draws"
            case Revealed() if not self._is_as_drawn(act):
                yield "blind_codes", f"layer {act.layer} is not what was drawn"
            case Drawn() if act.layer != contest.office.codes.top + 1:
                yield "blind_codes", f"layer {act.layer} was drawn out of order"
            case _:
                return

    def _is_as_drawn(self, act: Revealed) -> bool:
        drawn = self.contest.office.codes.drawn.get(act.layer)
        return drawn is not None and commitment_of(act.salt, act.codes) == drawn.commitment


def speaks_for_itself(act: Act) -> bool:
    """Whether a venue hands over its own events, or a contestant appeals about their own result: that takes no official."""
    match act:
        case HandedOver():
            return act.official == f"venue:{act.venue}"
        case Appealed():
            return act.official == f"contestant:{act.contestant}"
        case _:
            return False


def told(effect: Effect) -> list[str]:
    """Whom something moved, one line each."""
    lines = []
    for row in effect.rows:
        before, after = row.before, row.after
        if before is None or after is None:
            lines.append(f"{row.contestant}: {'joined' if before is None else 'left'}")
            continue
        moved = []
        for name in ("points", "rank", "status", "medal", "time_ms"):
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                moved.append(f"{name} {old if old is not None else '–'} → {new if new is not None else '–'}")
        lines.append(f"{row.contestant}: {', '.join(moved)}")
    return lines


def _what(entry: Entry, what: str) -> str:
    match entry.fact:
        case Adopted(version=version, scope=scope):
            return f"adopted definition {version}" + ("" if scope is None else f" for {_scope(scope)}")
        case Standing(status=status):
            return f"status {status}"
        case Ruled(needs=needs) if needs:
            return f"{what} (needs a second person)"
        case _:
            return what


def _scope(scope: msgspec.Struct) -> str:
    return ", ".join(f"{name} {value}" for name, value in msgspec.to_builtins(scope).items())


def _about(fact: object) -> str:
    names = (getattr(fact, name, None) for name in ("contestant", "stage", "attempt"))
    return "/".join(str(each) for each in names if each is not None)


def _why(fact: object) -> str:
    code, reason = getattr(fact, "code", None), getattr(fact, "reason", "") or getattr(fact, "detail", "") or getattr(fact, "text", "")
    return f"{code}: {reason}" if code else str(reason)
