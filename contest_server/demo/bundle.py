"""The bundled contest: its definition as a file of this package, and with the start of a round. Reads nothing else."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import lru_cache
from pathlib import Path

from contest_server.core.definition import Definition, Text
from contest_server.core.times import EPOCH
from contest_server.intake.toml_file import parse

FILE = Path(__file__).with_name("electricians.toml")


@lru_cache(maxsize=1)
def bundled() -> Definition:
    """The contest as the file states it, without a start."""
    return parse(FILE.read_text("utf-8"), FILE.parent)


def of_round(number: int, start_us: int) -> Definition:
    """The contest of one round. The round is also the version, so that a screen which stayed asks for the definition anew."""
    contest = bundled().contest
    name = Text(zh=f"{contest.name.zh} · 第 {number} 轮", en=f"{contest.name.en} · Round {number}")
    starts = (EPOCH + timedelta(microseconds=start_us)).astimezone(UTC)
    return bundled().model_copy(update={"contest": contest.model_copy(update={"version": number, "name": name, "starts": starts})})


def duration_ms(definition: Definition) -> int:
    minutes = definition.contest.minutes
    assert minutes is not None, "the demo ends by itself"
    return minutes * 60_000


def freeze_ms(definition: Definition) -> int:
    """Contest time of the freeze."""
    return duration_ms(definition) - (definition.contest.freeze_minutes or 0) * 60_000
