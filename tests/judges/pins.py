"""What each rule answers on fixed cases, pinned in one table with its version: whoever changes marks has to raise the version.

    python -m tests.judges.pins        pins what is new: a new rule, a new version, a new case. Never another answer of the same version.

The cases are the examples of the gallery, and what comes of them where figures and times are others. Answers are figures and codes: marks,
states, questions, the board; what is said about them may change under one version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

from contest_server.builder.gallery import trial_of
from contest_server.builder.gallery_files import read_gallery_file
from contest_server.builder.results import result_of
from contest_server.builder.stories import Story
from contest_server.builder.trials import Trial, play
from contest_server.core.rulebook import Judges
from tests.contests import JUDGES

TABLE = Path(__file__).parent / "pinned.json"
DIGITS = 12
SCALES = ("0", "0.5", "0.99", "1.01", "2")

Answers = dict[str, str]
"""By a digest of the case."""
Pins = dict[str, dict[str, Any]]
"""Of each rule its `version` and `answers`."""


def pinned() -> Pins:
    return json.loads(TABLE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def answers_of(name: str, judges: Judges) -> Answers:
    """What a rule answers on all of its cases."""
    return {_digest(_case(trial)): _digest([_answer(each, judges) for each in _variants(trial)]) for trial in trials_of(name)}


def trials_of(name: str) -> list[Trial]:
    return [trial_of(example, name, JUDGES[name]) for example in read_gallery_file(JUDGES[name]).examples]


def pin(known: Pins, judges: Judges) -> tuple[Pins, list[str]]:
    """The table with what is new, and the rules that answer otherwise without another version: they keep what they had."""
    found, changed = dict[str, dict[str, Any]](), []
    for name in sorted(judges):
        version, answers = judges[name].version, answers_of(name, judges)
        before = known.get(name, {})
        if before.get("version") == version and changed_of(before["answers"], answers):
            changed.append(name)
            answers |= {case: said for case, said in before["answers"].items() if case in answers}
        found[name] = {"version": version, "answers": answers}
    return found, changed


def changed_of(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The cases that both know, and answer differently."""
    return [case for case, said in before.items() if now.get(case, said) != said]


def _variants(trial: Trial) -> Iterator[Trial]:
    yield trial
    events = trial.story.events
    for scale in map(Decimal, SCALES):
        yield _with(trial, [each.model_copy(update={"data": _scaled(each.data, scale)}) for each in events])
    yield _with(trial, [each.model_copy(update={"at_ms": each.at_ms * 3 // 2}) for each in events])
    yield _with(trial, events[:-1])


def _with(trial: Trial, events: list[Any]) -> Trial:
    return replace(trial, story=trial.story.model_copy(update={"events": events}))


def _scaled(value: Any, scale: Decimal) -> Any:
    """Every figure in it times this, as text where it was text."""
    match value:
        case dict():
            return {key: _scaled(each, scale) for key, each in value.items()}
        case list():
            return [_scaled(each, scale) for each in value]
        case bool() | None:
            return value
        case int():
            return int(value * scale)
        case str() | Decimal():
            try:
                return f"{Decimal(value) * scale:f}"
            except InvalidOperation:
                return value
        case _:
            return value


def _case(trial: Trial) -> list[Any]:
    told = Story.model_dump(trial.story, mode="json")
    return [trial.place, trial.options, trial.max, {key: value for key, value in told.items() if value}]


def _answer(trial: Trial, judges: Judges) -> list[Any]:
    found = result_of(play(trial, judges))
    flags = [[each[name] for name in ("code", "severity", "rule", "contestant", "stage", "subject")] for each in found["flags"]]
    lines = [[each[name] for name in ("rule", "subject", "marks", "max", "penalty_ms")] for each in found["because"]]
    converted = [[each["who"], each["value"]] for each in found["converted"] or []]
    return [
        *(found[name] for name in ("marks", "max", "state", "time_ms", "penalty_ms", "board")),
        sorted(flags, key=str),
        lines,
        converted,
    ]


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:DIGITS]


def main() -> None:
    found, changed = pin(pinned() if TABLE.exists() else {}, JUDGES)
    TABLE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if changed:
        sys.exit(f"these answer otherwise under the same version, which has to be raised: {', '.join(changed)}")


if __name__ == "__main__":
    main()
