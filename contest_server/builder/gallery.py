"""The gallery of rules: each with its purpose, its options as a form, and examples that the judge reckons when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

from pydantic import ValidationError

from contest_server.builder.drafts import as_json
from contest_server.builder.gallery_files import Example, shown_of
from contest_server.builder.gallery_words import GROUPS, MEASURES
from contest_server.builder.options import options_of, sentence_of
from contest_server.builder.results import result_of
from contest_server.builder.stories import Story
from contest_server.builder.trials import PLACES, Place, Played, Trial, places_of, play, simple_story
from contest_server.core.compiling import ALWAYS_ASKED
from contest_server.core.faults import DefinitionError, Fault, path_of
from contest_server.core.forms import form_of
from contest_server.core.judging import STATIONS
from contest_server.core.rows import plain_decimal
from contest_server.core.rule_reading import parameter_schema
from contest_server.core.rulebook import JudgeClass, Judges
from contest_server.core.saying import Said
from contest_server.core.wrong_values import wrong_value

Document = dict[str, Any]


def gallery(judges: Judges) -> Document:
    """Every rule that is installed, by group, then title. Examples are reckoned now."""
    cards = [card(name, judge, judges) for name, judge in judges.items()]
    order = list(GROUPS)
    cards.sort(key=lambda each: (order.index(each["group"]), each["name"]))
    return {
        "groups": [
            {"id": name, "title": {"zh": zh, "en": en}} for name, (zh, en) in GROUPS.items() if any(each["group"] == name for each in cards)
        ],
        "rules": cards,
        "measures": [{"by": by, "title": {"zh": zh, "en": en}, "descending": not by.endswith("_ms")} for by, (zh, en) in MEASURES.items()],
    }


def card(name: str, judge: JudgeClass, judges: Judges) -> Document:
    """What the gallery shows of a rule."""
    told = shown_of(judge)
    stations = [station for station in STATIONS if hasattr(judge, station)]
    english = sentence_of(judge)
    examples = [_shown(each, name, judge, judges) for each in told.examples]
    first = next((each for each in examples if "played" in each), None)
    return {
        "name": name,
        "version": str(judge.version),
        "group": told.group if told.group in GROUPS else "other",
        "kind": _kind(judge, stations),
        "stations": stations,
        "places": places_of(judge),
        "title": {"zh": told.title.get("zh", name), "en": told.title.get("en", name.replace("_", " "))},
        "purpose": {"zh": told.purpose.get("zh", english), "en": told.purpose.get("en", english)},
        "asked_always": name in ALWAYS_ASKED,
        "options": options_of(judge, told.options),
        "schema": _schema(judge),
        **_entered(first["played"] if first else None),
        "examples": [{key: item for key, item in each.items() if key != "played"} for each in examples],
    }


def _kind(judge: JudgeClass, stations: Sequence[str]) -> str | None:
    """What an aspect with this rule is: what referees give is a judgement."""
    if not {"score", "compare"} & set(stations):
        return None
    return "judgement" if hasattr(judge, "marks_given") else "measurement"


def _schema(judge: JudgeClass) -> Document:
    schema = parameter_schema(judge)
    if hasattr(judge, "score") or hasattr(judge, "compare"):
        schema.get("properties", {}).pop("max", None)
        schema["required"] = [each for each in schema.get("required", []) if each != "max"]
    return schema


def _entered(played: Played | None) -> Document:
    """What a venue enters for the rule, and the breaches that it knows; with the options of its first example."""
    if played is None:
        return {"enters": [], "violations": []}
    form = form_of(played.contest.fields[played.trial.stage_id].rules)
    return {"enters": [entered_document(each) for each in form.fields], "violations": list(form.violations)}


def entered_document(each: Any) -> Document:
    """A field that a venue enters."""
    return {
        "field": each.wanted.field,
        "kind": each.wanted.kind,
        "choices": list(each.wanted.choices),
        "low": None if each.low is None else plain_decimal(each.low),
        "high": None if each.high is None else plain_decimal(each.high),
        "places": each.places,
        "unit": each.unit,
    }


# ---- examples --------------------------------------------------------------------------------------------------------------------


def _shown(example: Example, name: str, judge: JudgeClass, judges: Judges) -> Document:
    """The example with what the judge makes of it now; `fault` where it does not fit the rule (any more)."""
    document: Document = {
        "says": dict(example.says),
        "options": as_json(example.options),
        "max": None if example.max is None else str(example.max),
        "data": as_json(example.data or {}),
        "story": as_json(example.story),
        "tries": example.tries,
        "elapsed_s": as_json(example.elapsed_s),
        "violations": list(example.violations),
        "place": example.place or next(iter(places_of(judge)), None),
    }
    try:
        played = play(trial_of(example, name, judge), judges)
    except (DefinitionError, ValidationError) as error:
        return {**document, "result": None, "fault": str(error)[:400]}
    return {**document, "result": result_of(played), "played": played}


def trial_of(example: Example, name: str, judge: JudgeClass) -> Trial:
    """The trial that an example, or whoever tries a rule, describes. Raises DefinitionError, ValidationError."""
    usual = places_of(judge)
    place = example.place or (usual[0] if usual else None)
    if place not in PLACES:
        nowhere = Said(
            "rule {name!r} stands nowhere that can be tried; expected one of {places}", name=name, places=usual or [Said("none")]
        )
        raise DefinitionError([Fault("place", nowhere)])
    if example.story is not None:
        story = Story.model_validate(example.story)
    else:
        story = simple_story(example.data or {}, example.tries, int(example.elapsed_s * 1_000), example.violations)
    chosen: Place = next(each for each in get_args(Place) if each == place)
    return replace(Trial(name, example.options, chosen, story), max=example.max)


def story_faults(error: ValidationError) -> list[Fault]:
    """What is wrong with a story, by its path."""
    return [wrong_value(f"story.{path_of(item['loc'])}", item, item["msg"]) for item in error.errors()]
