"""What a ledger takes at most: what was found good once is good again, and nothing else is."""

from __future__ import annotations

import pytest

from contest_server.ledger import limits
from contest_server.ledger.limits import NAME_MAX_CHARS, NUMBER_MAX, LimitExceeded, check_name, check_number

BAD_NAMES: list[object] = ["", "x" * (NAME_MAX_CHARS + 1), "a\0b", "a\u2028b", None, 5, b"a", ["a"]]
BAD_NUMBERS: list[object] = [-1, NUMBER_MAX + 1, True, 1.0, "1", None]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_was_refused_is_refused_again(name: object) -> None:
    for _ in range(2):
        with pytest.raises(LimitExceeded, match="source"):
            check_name("source", name)


def test_few_names_are_remembered_however_many_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GOOD_NAMES_KEPT", 3)
    monkeypatch.setattr(limits, "_good_names", kept := set[str]())
    for number in range(10):
        check_name("source", f"v{number}/desk")
        check_name("source", f"v{number}/desk")
        assert len(kept) <= 3


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_only_whole_numbers_within_bounds_are_numbers(number: object) -> None:
    check_number("seq", 1, lowest=1)
    check_number("seq", NUMBER_MAX)
    with pytest.raises(LimitExceeded, match="seq"):
        check_number("seq", number)
    with pytest.raises(LimitExceeded, match="seq"):
        check_number("seq", 0, lowest=1)
