"""A ruling as JSON: what was ruled by whom and why, whether it is in force, and who answered or undid it."""

from __future__ import annotations

from typing import Any

import msgspec

from contest_server.core.acts import Hold, Remove, Ruled, StartClock, StopClock
from contest_server.core.contest import Contest
from contest_server.core.rulings import Filed
from contest_server.core.times import text_of_us
from contest_server.core.wording import summary_of
from contest_server.words import in_both


def ruling_document(contest: Contest, filed: Filed) -> dict[str, Any]:
    """The ruling of this entry, as it stands now."""
    ruling = filed.act
    assert isinstance(ruling, Ruled), f"entry {filed.position} is no ruling"
    rulings = contest.office.rulings
    answer, undo = rulings.answer_to(ruling) if ruling.needs else None, rulings.undone_by(ruling.id)
    return {
        "id": ruling.id,
        "position": filed.position,
        "at": text_of_us(ruling.at_us),
        "official": ruling.official,
        "contestant": ruling.contestant,
        "stage": ruling.stage,
        "attempt": ruling.attempt,
        "action": _action(contest, ruling),
        "code": ruling.code,
        "reason": ruling.reason,
        "needs": ruling.needs,
        "flags": ruling.flags,
        "appeal": ruling.appeal,
        "state": rulings.state(ruling.id),
        "second": None
        if answer is None
        else {"official": answer.official, "approve": answer.approve, "reason": answer.reason, "at": text_of_us(answer.at_us)},
        "undone_by": None if undo is None else undo.id,
        "summary": in_both(summary_of(ruling.action)),
    }


def _action(contest: Contest, ruling: Ruled) -> dict[str, Any]:
    """With times as people read them, under the names that an order gives them. A clock that was stopped tells until when (`to`); one that
    is to be stopped has only what its order says, which tries it out.
    """
    document: dict[str, Any] = msgspec.to_builtins(ruling.action)
    match ruling.action:
        case Hold(from_us=since):
            return {"verb": document["verb"], "from": text_of_us(since)}
        case Remove(from_us=begin, to_us=end, venue=venue):
            return {"verb": document["verb"], "from": text_of_us(begin), "to": text_of_us(end), "venue": venue}
        case StopClock(from_us=since) if ruling.contestant is not None:
            stops = dict(contest.office.stops_of(ruling.contestant))
            is_stopped = since in stops and contest.office.rulings.state(ruling.id) == "in_force"
            until = {"to": None if (until_us := stops[since]) is None else text_of_us(until_us)} if is_stopped else {}
            return {"verb": document["verb"], "from": text_of_us(since), **until}
        case StartClock(at_us=at_us):
            return {"verb": document["verb"], "at": text_of_us(at_us)}
        case _:
            return document
