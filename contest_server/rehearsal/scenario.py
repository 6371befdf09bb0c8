"""The contest that is rehearsed: the bundled one in any size, or a definition of one's own, under a name that says what it is.

Played faster than real time, a contest begins in the past, so that its clock runs out when the play does. What is reckoned from the moment
of arrival (lateness, the freeze by itself) makes no sense then, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from contest_server.core.definition import ContestantDef, Definition, RefereePolicy, RuleUse, Text, VenueDef
from contest_server.core.definition_reading import plain
from contest_server.core.facts import Json
from contest_server.core.rulebook import Judges
from contest_server.core.times import EPOCH
from contest_server.demo.bundle import bundled
from contest_server.intake.toml_file import read_file
from contest_server.rehearsal.wishes import CONTESTANTS_MAX, MINUTES_DEFAULT, VENUES_MAX, BadWish, Wishes

COLOURS = ("#e5484d", "#3e9bff", "#30a46c", "#f5a524", "#8e4ec6", "#12a594", "#e93d82", "#978365")
TIMED = {"time_limit": ("run_s", "stage_s"), "cumulative_limit": ("limit_s",), "pace": ("floor_ms",)}
"""Parameters of the bundled rules that are lengths of time: they grow with the contest."""
ARRIVAL_DOUBT = "backfilled"


def scenario_of(wishes: Wishes, judges: Judges) -> Definition:
    """The definition before it has a start and the rehearsal's name.

    Raises:
        BadWish: the folder has no definition, or it is too large to rehearse.
        DefinitionError: with every fault of it.
    """
    found = sized(wishes) if wishes.definition is None else _own(wishes.definition, wishes.minutes, judges)
    return found if wishes.speed <= 1 else _without_arrival(found)


def named(definition: Definition, contest: str, start_us: int) -> Definition:
    """With the rehearsal's id, a name that nobody takes for a real contest, and its start."""
    about = definition.contest
    name = Text(zh=f"【演练】{about.name.zh}"[:400], en=f"REHEARSAL: {about.name.en}"[:400])
    starts = (EPOCH + timedelta(microseconds=start_us)).astimezone(UTC)
    return definition.model_copy(update={"contest": about.model_copy(update={"id": contest, "version": 1, "name": name, "starts": starts})})


def minutes_of(definition: Definition) -> int:
    """The contest's length."""
    assert definition.contest.minutes is not None, "a scenario ends by itself"
    return definition.contest.minutes


def document_of(definition: Definition) -> Json:
    """The definition as JSON that a server reads as the same definition, names included."""
    document: dict[str, Any] = definition.model_dump(mode="json", exclude_none=True)
    if definition.referees != RefereePolicy():
        document["referees"] = definition.referees.model_dump(mode="json")  # with its None: that is "never", not the default
    found: Json = plain(document)
    return found


def _without_arrival(definition: Definition) -> Definition:
    contest = definition.contest.model_copy(update={"freeze_minutes": None})
    clock = definition.clock.model_copy(update={"late_after_s": None})
    off = sorted({*definition.doubts_defaults.off, ARRIVAL_DOUBT})
    defaults = definition.doubts_defaults.model_copy(update={"off": off})
    return definition.model_copy(update={"contest": contest, "clock": clock, "doubts_defaults": defaults})


# ---- one's own -------------------------------------------------------------------------------------------------------------------


def _own(folder: Path, wished: int | None, judges: Judges) -> Definition:
    definition = read_file(_file_in(folder), judges).definition
    for what, count, most in (
        ("contestants", len(definition.contestants), CONTESTANTS_MAX),
        ("venues", len(definition.venues), VENUES_MAX),
    ):
        if count > most:
            raise BadWish(f"--definition: {count} {what}; a rehearsal plays at most {most}")
    if not definition.contestants:
        raise BadWish("--definition: it has no contestants; nothing would happen")
    minutes = wished or definition.contest.minutes or MINUTES_DEFAULT
    contest = definition.contest.model_copy(update={"minutes": minutes})
    return definition.model_copy(update={"contest": contest})


def _file_in(folder: Path) -> Path:
    """The one definition in this folder; a file is taken as it is."""
    if folder.is_file():
        return folder
    found = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    preferred = [each for each in found if each.name == "contest.toml"] or found
    if len(preferred) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise BadWish(f"--definition: {folder} should hold one definition, as contest.toml (it has {names})")
    return preferred[0]


# ---- the bundled one -------------------------------------------------------------------------------------------------------------


def sized(wishes: Wishes) -> Definition:
    """The bundled contest with so many venues, contestants and minutes."""
    base = bundled()
    venues = list(_venues(wishes.venues))
    ids = {venue.id for venue in venues}
    officials = [each if each.venue in ids else each.model_copy(update={"venue": None}) for each in base.officials]
    assert base.contest.minutes is not None, "the bundled contest ends by itself"
    minutes = wishes.minutes or MINUTES_DEFAULT
    times = minutes / base.contest.minutes
    stages = [stage.model_copy(update={"rules": [_longer(rule, times) for rule in stage.rules]}) for stage in base.stages]
    freeze = max(1, minutes // 4) if minutes > 1 else None
    return base.model_copy(
        update={
            "contest": base.contest.model_copy(update={"minutes": minutes, "freeze_minutes": freeze}),
            "venues": venues,
            "contestants": list(_contestants(wishes)),
            "officials": officials,
            "stages": stages,
            "rules": [_longer(rule, times) for rule in base.rules],
            "doubts": [_longer(rule, times) for rule in base.doubts],
        }
    )


def _venues(count: int) -> Iterator[VenueDef]:
    known = bundled().venues
    yield from known[:count]
    for number in range(len(known) + 1, count + 1):
        name = Text(zh=f"赛区 {number}", en=f"Venue {number}")
        yield VenueDef(id=f"venue-{number}", name=name, colour=COLOURS[number % len(COLOURS)])


def _contestants(wishes: Wishes) -> Iterator[ContestantDef]:
    """Spread evenly, each with the letters of the venue in the id."""
    venues = list(_venues(wishes.venues))
    for number in range(wishes.contestants):
        place, nth = number % len(venues), number // len(venues) + 1
        name = f"{_letters(place)}{nth:03}"
        yield ContestantDef(id=name, venue=venues[place].id, name=Text(zh=f"演练选手 {name}", en=f"Rehearsal {name}"), number=f"{nth:03}")


def _letters(place: int) -> str:
    letter = chr(ord("A") + place % 26)
    return letter if place < 26 else f"A{letter}"


def _longer(rule: RuleUse, times: float) -> RuleUse:
    names = TIMED.get(rule.rule, ())
    changed: dict[str, Any] = {name: max(1, int(value * times)) for name, value in rule.parameters.items() if name in names}
    if rule.rule == "pace" and "minimums" in rule.parameters:
        changed["minimums"] = [{**each, "elapsed_ms": int(each["elapsed_ms"] * times)} for each in rule.parameters["minimums"]]
    return rule.model_copy(update=changed) if changed else rule
