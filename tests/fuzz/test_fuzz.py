"""Whatever was spoiled, readers say what is wrong with it, and raise nothing else. `make fuzz` looks longer, led by what the code does."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import SIZE_MAX_BYTES, spoiled
from tests.fuzz.targets import ROOT, TARGETS

WITHIN_S = 300


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_search_begins_from_trips_nobody(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].read(seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60)
@given(number=st.integers(0, 1 << 32))
def test_what_was_spoiled_is_refused_by_name(name: str, number: int) -> None:
    chance = Random(number)
    data = spoiled(chance.choice(TARGETS[name].seeds), chance)
    TARGETS[name].read(data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=30)
@given(data=st.binary(max_size=2_000) | st.text(max_size=500).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_comes_is_read_or_refused_by_name(name: str, data: bytes) -> None:
    TARGETS[name].read(data)


def test_the_same_number_spoils_the_same_way_and_not_too_much() -> None:
    seed = b"x" * SIZE_MAX_BYTES
    assert spoiled(seed, Random(7)) == spoiled(seed, Random(7)) != seed
    assert all(len(spoiled(seed, Random(number))) <= SIZE_MAX_BYTES for number in range(50))


def test_a_reader_that_trips_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeded fault: a reader that believes that what it gets is JSON."""
    monkeypatch.setattr("tests.fuzz.targets.read_message", json.loads)
    with pytest.raises((ValueError, ExceptionGroup, RecursionError)):
        test_what_was_spoiled_is_refused_by_name("hello")


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python or machine")
def test_the_led_search_runs_and_finds_nothing_in_a_moment() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--runs", "100", "--only", "hello"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hello: nothing found" in done.stdout
