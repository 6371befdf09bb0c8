"""A draft played through before anybody comes: simulated events and the real fold. Refuses what takes too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from contest_server.builder.simulation import MINUTES, simulate
from contest_server.builder.stories import STARTS
from contest_server.builder.trials import fold
from contest_server.core.compiling import compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.definition import ContestantDef, Definition, Text
from contest_server.core.facts import Draft
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.core.saying import Said

CONTESTANTS_MAX, STAGES_MAX, ASPECTS_MAX = 200, 30, 300
USUAL_CONTESTANTS = 24


class TooLargeToTry(ValueError):
    """More than a dry run takes. Says what the limit is."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """The contest after its simulated events."""

    definition: Definition
    drafts: Sequence[Draft]
    contest: Contest
    seed: int
    took_ms: int


def dry_run(book: Rulebook, judges: Judges, seed: int, contestants: int | None = None) -> DryRun:
    """Play the definition through; with `contestants`, by so many invented ones.

    Raises:
        TooLargeToTry: more than the limits. DefinitionError: it cannot be played with invented contestants.
    """
    began_s = perf_counter()
    definition = _peopled(book.definition, contestants)
    _check_size(definition)
    compiled = compile_rulebook(definition, judges)
    drafts = simulate(compiled, seed)
    contest = fold(definition, drafts, judges)
    return DryRun(definition, drafts, contest, seed, round((perf_counter() - began_s) * 1_000))


def _peopled(definition: Definition, wished: int | None) -> Definition:
    """With a start, a length, and somebody at every venue."""
    about = definition.contest
    contest = about.model_copy(update={"starts": about.starts or datetime.fromisoformat(STARTS), "minutes": about.minutes or MINUTES})
    venues = [each.id for each in definition.venues]
    people = [each if each.venue else each.model_copy(update={"venue": venues[0]}) for each in definition.contestants]
    if wished is not None or not people:
        people = [_invented(number, venues) for number in range(USUAL_CONTESTANTS if wished is None else wished)]
        officials = [each.model_copy(update={"recused": []}) for each in definition.officials]
        return definition.model_copy(update={"contest": contest, "contestants": people, "officials": officials})
    return definition.model_copy(update={"contest": contest, "contestants": people})


def _invented(number: int, venues: Sequence[str]) -> ContestantDef:
    name = Text(zh=f"模拟选手 {number + 1}", en=f"Simulated {number + 1}")
    return ContestantDef(id=f"T{number + 1:03}", venue=venues[number % len(venues)], name=name)


def _check_size(definition: Definition) -> None:
    """Raises TooLargeToTry."""
    aspects = sum(len(each.aspects) for each in definition.stages)
    for what, count, most in (
        (Said("contestants"), len(definition.contestants), CONTESTANTS_MAX),
        (Said("stages"), len(definition.stages), STAGES_MAX),
        (Said("aspects"), aspects, ASPECTS_MAX),
    ):
        if count > most:
            raise TooLargeToTry(_too_large(count, what, most))


def _too_large(count: int, what: Said, most: int) -> Said:
    return Said(
        "{count} {what}; a dry run plays at most {most}. Ask for fewer contestants, or leave stages out",
        count=count,
        what=what,
        most=most,
    )
