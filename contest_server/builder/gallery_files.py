"""What a rule shows of itself: `gallery/<rule>.toml` beside its module, for any rule that has one. Results never stand there."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog

from contest_server.builder.lines import BadLine, events_of
from contest_server.core.rulebook import JudgeClass

log = structlog.get_logger()

FOLDER = "gallery"
COMMON = "common.toml"
FILE_MAX_BYTES = 200_000
EXAMPLES_MAX = 8


class BadGalleryFile(ValueError):
    """The file cannot be shown. Says which, and why."""


@dataclass(frozen=True, slots=True)
class Example:
    """An input to show: what it is about, in both languages, the rule's options, and the evidence or a story."""

    says: Mapping[str, str]
    options: Mapping[str, Any]
    max: Any = None
    data: Mapping[str, Any] | None = None
    story: Mapping[str, Any] | None = None
    place: str | None = None
    tries: int = 1
    elapsed_s: Decimal = Decimal(60)
    violations: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GalleryFile:
    """Titles, purpose, words for options (by name; `items.marks` for what is in a list), examples."""

    title: Mapping[str, str] = field(default_factory=dict)
    purpose: Mapping[str, str] = field(default_factory=dict)
    group: str = "other"
    options: Mapping[str, Any] = field(default_factory=dict)
    examples: Sequence[Example] = ()


def file_of(judge: JudgeClass) -> Path | None:
    """Where the rule's gallery file is, if it has one."""
    try:
        file = Path(inspect.getfile(judge)).parent / FOLDER / f"{judge.rule}.toml"
    except (TypeError, OSError, AttributeError):
        return None
    return file if file.is_file() else None


def read_gallery_file(judge: JudgeClass) -> GalleryFile:
    """What the rule shows; an empty one where it has no file. Raises BadGalleryFile."""
    file = file_of(judge)
    if file is None:
        return GalleryFile()
    try:
        document, common = _parsed(file), _common(file.parent / COMMON)
        shared = {name: words for name, words in common.items() if name not in document.get("options", {})}
        return GalleryFile(
            document["title"],
            document["purpose"],
            document.get("group", "other"),
            {**shared, **document.get("options", {})},
            [_example(each, document.get("use", {})) for each in document.get("examples", [])[:EXAMPLES_MAX]],
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadGalleryFile(f"{file.name}: {type(error).__name__}: {error}") from error


def shown_of(judge: JudgeClass) -> GalleryFile:
    """What the rule shows; nothing, and a line in the log, where its file cannot be shown."""
    try:
        return read_gallery_file(judge)
    except BadGalleryFile as error:
        log.warning("gallery file", error=str(error))
        return GalleryFile()


def _common(file: Path) -> Mapping[str, Any]:
    options: Mapping[str, Any] = _parsed(file).get("options", {}) if file.is_file() else {}
    return options


def _parsed(file: Path) -> dict[str, Any]:
    if file.stat().st_size > FILE_MAX_BYTES:
        raise ValueError(f"larger than {FILE_MAX_BYTES} bytes")
    return tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)


def _example(document: Mapping[str, Any], use: Mapping[str, Any]) -> Example:
    """`use` are options that all examples share."""
    story = document.get("story")
    if isinstance(story, Mapping):
        events = story.get("events", "")
        try:
            story = {**story, "events": events_of(events) if isinstance(events, str) else events}
        except BadLine as error:
            raise ValueError(str(error)) from None
    plain = {key: document[key] for key in ("max", "data", "place", "tries", "elapsed_s", "violations") if key in document}
    says = document["says"]
    return Example({"zh": says["zh"], "en": says["en"]}, {**use, **document.get("options", {})}, story=story, **plain)
