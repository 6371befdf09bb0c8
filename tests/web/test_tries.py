"""Ten wrong tries within five minutes, and the next has to wait; one that was right forgives those for the same name."""

from __future__ import annotations

import pytest

from contest_server.web import tries as module
from contest_server.web.tries import WINDOW_US, WRONG_MAX, Tries

NOW_US = 1_763_800_000_000_000
KEYS = ["official R1", "address 10.0.0.7"]


def tried(times: int, keys: list[str] = KEYS) -> Tries:
    tries = Tries()
    for nth in range(times):
        tries.count(keys, NOW_US + nth)
    return tries


def test_the_tenth_try_is_taken_and_the_eleventh_waits_until_the_first_is_five_minutes_ago() -> None:
    assert tried(WRONG_MAX - 1).wait_us(KEYS, NOW_US + 9) == 0
    full = tried(WRONG_MAX)
    assert full.wait_us(KEYS, NOW_US + 9) == WINDOW_US - 9
    assert full.wait_us(KEYS, NOW_US + WINDOW_US - 1) == 1
    assert full.wait_us(KEYS, NOW_US + WINDOW_US) == 0


def test_either_key_is_enough_to_wait() -> None:
    full = tried(WRONG_MAX, ["official R1"])
    assert full.wait_us(["official R1", "address 10.9.9.9"], NOW_US) > 0
    assert full.wait_us(["official R2", "address 10.0.0.7"], NOW_US) == 0


def test_who_was_right_is_forgiven() -> None:
    full = tried(WRONG_MAX)
    full.forgive(KEYS)
    assert full.wait_us(KEYS, NOW_US) == 0


def test_who_is_right_for_themselves_is_not_forgiven_what_was_wrong_for_others() -> None:
    """Somebody with a password of their own guesses those of others, and gives their own now and then."""
    tries = Tries()
    for nth in range(WRONG_MAX):
        tries.count(KEYS, NOW_US)
        tries.forgive(KEYS)
        tries.count([f"official of another {nth}", "address 10.0.0.7"], NOW_US)
    assert tries.wait_us(KEYS, NOW_US) > 0
    assert tries.wait_us(["official R1", "address 10.9.9.9"], NOW_US) == 0, "their own name is forgiven, elsewhere"


def test_a_try_that_was_not_looked_at_is_none() -> None:
    full = tried(WRONG_MAX)
    full.take_back([*KEYS, "somebody new"])
    assert full.wait_us(KEYS, NOW_US + 9) == 0
    full.count(KEYS, NOW_US + 9)
    assert full.wait_us(KEYS, NOW_US + 9) > 0


def test_there_is_a_largest_number_of_keys_and_the_one_wrong_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEYS_MAX", 2)
    tries = tried(WRONG_MAX, ["a"])
    for key in ("b", "a", "c"):
        tries.count([key], NOW_US + 20)
    assert len(tries._wrong) == 2
    assert tries.wait_us(["a"], NOW_US + 20) > 0
