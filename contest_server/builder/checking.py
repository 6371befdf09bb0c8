"""What is wrong with a draft, what is merely odd, and what it adds up to. Totals are reckoned as far as they can be read, faults or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from contest_server.builder.drafts import Draft, draft_of, rulebook_of
from contest_server.builder.words import fault_document, said
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import digest_of, ledger_document
from contest_server.core.faults import DefinitionError
from contest_server.core.judging import ZERO
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.core.tie_chain import measure_names

FAULTS_TOLD_MAX = 200
HUNDRED = Decimal(100)
Documents = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was looked at. `book` None: it has faults."""

    draft: Draft
    book: Rulebook | None
    faults: Documents
    warnings: Documents

    @property
    def digest(self) -> str | None:
        """That of the definition in the ledger, if it were adopted."""
        return None if self.book is None else digest_of(ledger_document(self.book.definition))


def check(given: object, judges: Judges) -> Checked:
    """Never raises: what cannot be read is a fault."""
    draft: Draft = {}
    try:
        draft = draft_of(given)
        book = rulebook_of(draft, judges)
    except DefinitionError as error:
        return Checked(draft, None, [fault_document(each) for each in error.faults[:FAULTS_TOLD_MAX]], [])
    return Checked(draft, book, [], list(warnings_of(book)))


# ---- what is odd -----------------------------------------------------------------------------------------------------------------


def warnings_of(book: Rulebook) -> Iterator[dict[str, Any]]:
    """What may be meant, and often is not; each with its place, its code and its sentence in both languages."""
    definition = book.definition
    yield from _of_the_marks(definition)
    yield from _of_the_people(definition)
    if definition.contest.minutes is None:
        yield said("contest.minutes", "no_minutes", "没有填比赛时长：要由工作人员手动结束", "has no end: staff will have to end it by hand")
    if definition.officials and not any(each.role == "chief" for each in definition.officials):
        yield said("officials", "no_chief", "没有裁判长：无法公布成绩", "there is no chief referee, so nobody can publish the result")
    if not any(link.is_time for link in definition.ranking) and {"time_ms"} <= measure_names(book.total.judge):
        yield said(
            "ranking", "no_tie_time", "排名不看用时：同分选手会并列", "no time stands in the order: who has equal points shares a rank"
        )


def _of_the_marks(definition: Definition) -> Iterator[dict[str, Any]]:
    total = sum((stage.value for stage in definition.stages), ZERO)
    if total != HUNDRED:
        shown = plain_decimal(total)
        yield said("stages", "total_not_100", f"各关满分合计 {shown} 分，不是 100 分", f"all stages together are worth {shown}, not 100")
    for index, stage in enumerate(definition.stages):
        where = f"stages[{index}]"
        if stage.value == 0:
            yield said(where, "worthless_stage", "这一关不值分", "this stage is worth nothing")
        if not stage.aspects and stage.points is None:
            yield said(where, "no_aspects", "没有评分项，也没有分值：过关得 1 分", "has neither aspects nor points: clearing it is worth 1")
        tagged = [bool(aspect.abilities) for aspect in stage.aspects]
        for nth, has_tags in enumerate(tagged):
            if any(bool(aspect.abilities) for other in definition.stages for aspect in other.aspects) and not has_tags:
                yield said(f"{where}.aspects[{nth}].abilities", "no_abilities", "没有标注能力", "shows no ability, while others do")


def _of_the_people(definition: Definition) -> Iterator[dict[str, Any]]:
    contestants = definition.contestants
    if not contestants:
        yield said("contestants", "no_contestants", "还没有选手", "there are no contestants yet")
    if len(contestants) == 1:
        yield said("contestants", "one_contestant", "只有一名选手", "there is one contestant only")
    at = Counter(each.venue for each in contestants)
    for index, venue in enumerate(definition.venues):
        if contestants and not at[venue.id]:
            yield said(f"venues[{index}]", "empty_venue", "这个赛区没有选手", "nobody competes at this venue")
    seen: set[tuple[object, object]] = set()
    for index, each in enumerate(contestants):
        if each.venue is None:
            yield said(f"contestants[{index}].venue", "no_venue_set", f"{each.id} 没有赛区", f"{each.id} has no venue")
        key = (each.name.zh if each.name else None, each.employer.zh if each.employer else None)
        if each.name is not None and key in seen:
            yield said(
                f"contestants[{index}].name",
                "same_name",
                f"{each.id} 与前面一名选手同名同单位",
                f"{each.id} is called like somebody of the same employer",
            )
        seen.add(key)


# ---- what it adds up to ----------------------------------------------------------------------------------------------------------


def totals_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Sums over the draft as it is written; what is no number counts as nothing."""
    stages = [stage for stage in _list(draft, "stages") if isinstance(stage, Mapping)]
    aspects = [aspect for stage in stages for aspect in _list(stage, "aspects") if isinstance(aspect, Mapping)]
    abilities: Counter[str] = Counter()
    for aspect in aspects:
        for tag in _list(aspect, "abilities"):
            abilities[str(tag)[:64]] += _number(aspect.get("max"))  # type: ignore[assignment]  # Decimals, which a Counter adds as well
    people = [each for each in _list(draft, "contestants") if isinstance(each, Mapping)]
    contest = draft.get("contest")
    return {
        "points": plain_decimal(sum(map(_worth, stages), ZERO)),
        "stages": [
            {"id": str(each.get("id", ""))[:64], "points": plain_decimal(_worth(each)), "aspects": len(_list(each, "aspects"))}
            for each in stages
        ],
        "abilities": {tag: plain_decimal(Decimal(marks)) for tag, marks in abilities.items()},
        "measurement": plain_decimal(_of_kind(aspects, "measurement")),
        "judgement": plain_decimal(_of_kind(aspects, "judgement")),
        "venues": dict(Counter(str(each.get("venue"))[:64] for each in people if each.get("venue"))),
        "contestants": len(people),
        "minutes": contest.get("minutes") if isinstance(contest, Mapping) and isinstance(contest.get("minutes"), int) else None,
    }


def _list(table: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = table.get(key)
    return found if isinstance(found, list) else []


def _worth(stage: Mapping[str, Any]) -> Decimal:
    aspects = _list(stage, "aspects")
    if aspects:
        return sum((_number(each.get("max")) for each in aspects if isinstance(each, Mapping)), ZERO)
    return _number(stage["points"]) if "points" in stage else Decimal(1)


def _of_kind(aspects: Sequence[Mapping[str, Any]], kind: str) -> Decimal:
    return sum((_number(each.get("max")) for each in aspects if each.get("kind", "measurement") == kind), ZERO)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return ZERO
    try:
        number = Decimal(value)
    except InvalidOperation:
        return ZERO
    return number if number.is_finite() and abs(number.adjusted()) < 12 and len(number.as_tuple().digits) < 40 else ZERO
