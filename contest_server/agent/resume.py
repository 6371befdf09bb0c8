"""Where to go on after the server has said what it has. Refuses to go on where the server has numbers that this outbox never sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contest_server.core.saying import Said

AHEAD_MAX = 1_000_000


class ServerAhead(StrEnum):
    """What a person decided for a server that has more of this source than the outbox ever sent."""

    STOP = "stop"
    SAME = "same"  # the input is the one that was read before: the server has its first events already
    NEW = "new"  # the waiting events are new: number them after what the server has


@dataclass(frozen=True, slots=True)
class Standing:
    """The outbox in numbers: given up to `last`, perhaps sent up to `sent_to`, all acknowledged or refused up to `answered_to`."""

    last: int = 0
    sent_to: int = 0
    answered_to: int = 0
    acknowledged_to: int = 0
    position: int | None = None
    acknowledged_us: int | None = None
    epoch: str | None = None
    waiting: int = 0
    refused: int = 0
    bad_lines: int = 0


@dataclass(frozen=True, slots=True)
class GoOn:
    """Numbers up to `after` are with the server, later ones have to be sent. `warning` says what went wrong at the server, if anything.

    Numbers up to `after` that still wait have lost their answer on the way. They are sent again too: only the answer tells a refusal.
    """

    after: int
    warning: Said | None = None


@dataclass(frozen=True, slots=True)
class Assume:
    """A person says that the server's numbers up to `after` are the first events of this input."""

    after: int
    warning: Said


@dataclass(frozen=True, slots=True)
class Renumber:
    """A person says that the events which were never sent come after the server's `after`."""

    after: int
    warning: Said


@dataclass(frozen=True, slots=True)
class Conflict:
    """Going on would lose or double events; a person has to decide."""

    detail: Said


Decision = GoOn | Assume | Renumber | Conflict


def decide(standing: Standing, after: int, epoch: str, server_ahead: ServerAhead = ServerAhead.STOP) -> Decision:
    """`after` is the last number of this source that the server has in the ledger `epoch`."""
    if after > standing.sent_to:
        return _ahead(standing, after, server_ahead)
    if after >= standing.acknowledged_to:
        return GoOn(after)
    lost = Said(
        "numbers {first} to {last} were acknowledged and are not there any more; they are sent again",
        first=after + 1,
        last=standing.acknowledged_to,
    )
    if standing.epoch is not None and epoch != standing.epoch:
        another = Said(
            "the server's ledger is another one (epoch {epoch}, was {before}: restored from a backup?): {lost}",
            epoch=epoch,
            before=standing.epoch,
            lost=lost,
        )
        return GoOn(after, another)
    same = Said(
        "the server has lost what it had acknowledged, in the same ledger (epoch {epoch}): {lost}; tell the organiser",
        epoch=epoch,
        lost=lost,
    )
    return GoOn(after, same)


def _ahead(standing: Standing, after: int, server_ahead: ServerAhead) -> Decision:
    seen = Said("the server has {after} events of this source, this outbox sent {sent}", after=after, sent=standing.sent_to)
    if after - standing.sent_to > AHEAD_MAX:
        return Conflict(Said("{seen}: more than {most} apart cannot be the same source", seen=seen, most=AHEAD_MAX))
    match server_ahead:
        case ServerAhead.SAME:
            told = Said("{seen}: as told, the first {after} events of the input are taken for those", seen=seen, after=after)
            return Assume(after, told)
        case ServerAhead.NEW:
            return Renumber(after, Said("{seen}: as told, events not sent yet are numbered from {next}", seen=seen, next=after + 1))
        case ServerAhead.STOP:
            return Conflict(
                Said(
                    "{seen}: the outbox is new, old or of another device. If the right outbox file is somewhere, use that. If this "
                    "input is read again from its beginning, so that its first {after} events are those of the server: "
                    "--server-ahead same. "
                    "If it brings only new events: --server-ahead new",
                    seen=seen,
                    after=after,
                )
            )
