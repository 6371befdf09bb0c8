"""Rounds to look at, made once: the bundled contest at a fixed start."""

from __future__ import annotations

from functools import lru_cache

from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.rulebook import Judges
from contest_server.demo.bundle import of_round
from contest_server.demo.folding import fold
from contest_server.demo.story import story_of
from contest_server.demo.telling import Story
from contest_server.live.judges_loading import load_judges

START_US = 1_795_309_200_000_000
SEED = 2026


@lru_cache(maxsize=1)
def judges() -> Judges:
    return load_judges()


@lru_cache(maxsize=1)
def definition() -> Definition:
    return of_round(1, START_US)


@lru_cache(maxsize=32)
def story(seed: int = SEED) -> Story:
    return story_of(seed, definition())


@lru_cache(maxsize=32)
def folded(seed: int = SEED) -> Contest:
    return fold(story(seed), definition(), judges())
