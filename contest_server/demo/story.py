"""A whole round, known beforehand: who does what when, told by which device, and what there is to see. Pure: no clock, no shared chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contest_server.core.definition import Definition
from contest_server.demo.bundle import duration_ms
from contest_server.demo.day import Posts, day_of
from contest_server.demo.fates import Fate, Person, people_of
from contest_server.demo.scenes import scenes_of
from contest_server.demo.telling import Act, Cut, Device, Story, Told

DESKS = 2
WRONG_CLOCK = ("desk-2", 47_000)
"""This desk's clock, at the first venue, is so many milliseconds ahead."""
CUT_FROM_MS, CUT_TO_MS = 170_000, 195_000
NO_SHOW_AT_MS = 45_000


def story_of(seed: int, definition: Definition) -> Story:
    """The same seed tells the same story, whenever it begins."""
    home, away = definition.venues[0].id, definition.venues[-1].id
    posts = {venue.id: _posts(venue.id, wrong=venue.id == home) for venue in definition.venues}
    people = people_of(seed, definition.contestants)
    ends_ms = duration_ms(definition)
    told: list[Told] = []
    for person in people:
        told += day_of(seed, person, _post_of(person, posts), ends_ms)
    events = _by_device([device for each in posts.values() for device in each], told)
    cuts = (Cut(away, CUT_FROM_MS, CUT_TO_MS),)
    acts = tuple(_acts(people))
    return Story(seed, tuple(events), events, cuts, acts, scenes_of(definition, people, told, cuts, acts), ends_ms)


def _posts(venue: str, wrong: bool) -> list[Device]:
    """The desks of a venue, then its instruments."""
    name, ahead_ms = WRONG_CLOCK
    desks = [f"desk-{number}" for number in range(1, DESKS + 1)]
    return [*(Device(venue, desk, ahead_ms if wrong and desk == name else 0) for desk in desks), Device(venue, "meters")]


def _post_of(person: Person, posts: Mapping[str, Sequence[Device]]) -> Posts:
    *desks, meters = posts[person.venue]
    return Posts(desks[int(person.id[1:]) % len(desks)], meters)


def _by_device(devices: Iterable[Device], told: Sequence[Told]) -> dict[Device, tuple[Told, ...]]:
    """Each device tells in the order in which it was typed in; at the same moment, by contestant."""
    found: dict[Device, list[Told]] = {device: [] for device in devices}
    for each in told:
        found[each.device].append(each)
    for events in found.values():
        events.sort(key=lambda each: (each.said_ms, each.contestant))
    return {device: tuple(events) for device, events in found.items()}


def _acts(people: Sequence[Person]) -> Iterable[Act]:
    for person in people:
        if person.fate is Fate.NO_SHOW:
            yield Act(NO_SHOW_AT_MS, person.id, "dns", "没有到场检录 / did not report to the call room")
