"""What a ledger takes at most, each with its unit, and the error that says so before anything is stored."""

from __future__ import annotations

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.port import APPEND_MAX_DRAFTS, READ_MAX_ENTRIES

BODY_MAX_BYTES = 8_388_608
APPEND_MAX_BYTES = 67_108_864
READ_MAX_BYTES = 67_108_864
NAME_MAX_CHARS = 200
NUMBER_MAX = 2**63 - 1
CALLS_MAX_WAITING = 1_000
GOOD_NAMES_KEPT = 10_000
"""Few sources and authors are told over and over: so many are looked at once."""
_good_names: set[str] = set()


class LimitExceeded(ValueError):
    """The caller asked for more than a limit allows. Nothing was stored; the same call will fail again."""


def check_name(what: str, name: object) -> None:
    """Refuse an id that is empty, longer than NAME_MAX_CHARS, or holds characters nobody can print."""
    if type(name) is str and name in _good_names:
        return
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_MAX_CHARS:
        raise LimitExceeded(Said("{what}: {name!r:.60} is not a text of 1 to {most} characters", what=what, name=name, most=NAME_MAX_CHARS))
    if not name.isprintable():
        raise LimitExceeded(Said("{what}: {name!r:.60} holds characters that cannot be printed", what=what, name=name))
    if len(_good_names) >= GOOD_NAMES_KEPT:
        _good_names.clear()
    _good_names.add(str(name))


def check_number(what: str, number: object, lowest: int = 0) -> None:
    if type(number) is int and lowest <= number <= NUMBER_MAX:
        return
    if not isinstance(number, int) or isinstance(number, bool) or not lowest <= number <= NUMBER_MAX:
        raise LimitExceeded(
            Said(
                "{what}: {number!r:.60} is not a whole number from {lowest} to {most}",
                what=what,
                number=number,
                lowest=lowest,
                most=NUMBER_MAX,
            )
        )


def check_contest(contest: ContestId) -> None:
    check_name("contest", contest)


def check_append(drafts: int) -> None:
    if drafts > APPEND_MAX_DRAFTS:
        raise LimitExceeded(Said("{drafts} drafts in one append, at most {most}", drafts=drafts, most=APPEND_MAX_DRAFTS))


def check_read(after: int, limit: int) -> None:
    check_number("after", after)
    if not 1 <= limit <= READ_MAX_ENTRIES:
        raise LimitExceeded(Said("a page of {limit} entries, from 1 to {most}", limit=limit, most=READ_MAX_ENTRIES))
