"""What every act of an official has to pass before it is entered: that it is new, the result open, and by whom and with which words."""

from __future__ import annotations

import msgspec

from contest_server.core.actors import Actor
from contest_server.core.acts import Kept
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.ruling_forms import REASON_MIN_CHARS
from contest_server.core.saying import Said


def is_entered(contest: Contest, act: Kept, *filled_in: str) -> bool:
    """Whether this very act is entered already, but for what the server fills in. Raises Denied where another act has its id."""
    filed = contest.office.acts.get(act.id)
    if filed is None:
        return False
    mine, theirs = (_said(each, filled_in) for each in (act, filed.act))
    if type(filed.act) is not type(act) or mine != theirs:
        raise Denied("id_taken", Said("the id {id!r} is used by another act; choose a new one", id=act.id))
    return True


def _said(act: Kept, filled_in: tuple[str, ...]) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(act)
    return {key: value for key, value in document.items() if key not in ("at_us", *filled_in)}


def check_open(contest: Contest) -> None:
    if contest.final:
        raise Denied("final", Said("the result is final since position {position}", position=contest.final_at))


def check_chief(actor: Actor) -> None:
    if actor.role != "chief":
        raise Denied("not_chief", Said("this is for the chief referee"))


def check_text(name: str, text: str) -> None:
    if len(text.strip()) < REASON_MIN_CHARS:
        raise Denied("bad_move", Said("{name}: missing; say it in a few words", name=name))
