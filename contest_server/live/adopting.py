"""Adopting a definition: everything as an entry with its version, but for the names, which stand beside the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contest_server.core.definition import PERSONAL_FIELDS, Definition
from contest_server.core.definition_reading import digest_of, ledger_document, official_key
from contest_server.core.facts import Adopted, ContestantId, ContestId, Draft, Json
from contest_server.core.rulebook import Rulebook
from contest_server.core.saying import Said
from contest_server.ledger.people import as_text
from contest_server.ledger.port import HeadMoved, Ledger, LedgerFault
from contest_server.ledger.urls import Stores


class VersionTaken(Exception):
    """This version, or a later one, is adopted already with another content."""


TRIES_MAX = 100
"""Of an adoption in a contest to which others write all the time."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is written when a definition is adopted: the fact, and the names beside it."""

    contest: ContestId
    fact: Adopted
    people: Mapping[ContestantId, Json]


def adoption_of(definition: Definition) -> Adoption:
    """Raises LimitExceeded, NotAFact: the names cannot be stored."""
    people = people_of(definition)
    as_text(people)
    return Adoption(ContestId(definition.contest.id), fact_of(definition), people)


async def adopt(stores: Stores, book: Rulebook, author: str, now_us: int) -> tuple[Adopted, bool]:
    """Adopt the definition with its names. Returns and raises as `enter`; also LimitExceeded, NotAFact: the names cannot be stored."""
    return await enter(stores, adoption_of(book.definition), author, now_us)


async def enter(stores: Stores, adoption: Adoption, author: str, now_us: int) -> tuple[Adopted, bool]:
    """Write the fact, then the names. Returns the fact and whether it is new; adopting the same again stores the names anew.

    Of two that adopt at the same time, on whatever servers of this version, the second is compared with what the first adopted; the names
    of who is refused are stored nowhere.

    Raises:
        VersionTaken: raise `contest.version` in the document.
        LedgerFault: others wrote without a pause, or the store failed; adopt it once more.
    """
    fact, is_new = await _entered(stores.ledger, adoption.contest, adoption.fact, author, now_us)
    await stores.people.put(adoption.contest, adoption.people, now_us)
    return fact, is_new


async def _entered(ledger: Ledger, contest: ContestId, fact: Adopted, author: str, now_us: int) -> tuple[Adopted, bool]:
    """The fact in the ledger, and whether it was not there before."""
    await ledger.open(contest)
    position, current = await _followed(ledger, contest, 0, None)
    for _ in range(TRIES_MAX):
        _check(contest, fact, current)
        if current is not None and current.digest == fact.digest:
            return current, False
        try:
            await ledger.append(contest, [Draft(now_us, author, fact)], expected=position)
            return fact, True
        except HeadMoved:
            position, current = await _followed(ledger, contest, position, current)
    raise LedgerFault(
        Said("{contest} was written to {times} times while it was adopted. Adopt it once more.", contest=contest, times=TRIES_MAX)
    )


def _check(contest: ContestId, fact: Adopted, current: Adopted | None) -> None:
    """Raises VersionTaken."""
    if current is not None and current.digest != fact.digest and fact.version <= current.version:
        raise VersionTaken(
            Said(
                "version {version} of {contest!r} is adopted already with another content; set contest.version = {next} in the document",
                version=current.version,
                contest=contest,
                next=current.version + 1,
            )
        )


def fact_of(definition: Definition) -> Adopted:
    document = ledger_document(definition)
    return Adopted(definition.contest.version, digest_of(document), document)


def people_of(definition: Definition) -> dict[ContestantId, Json]:
    """What is personal of each contestant, and of each official under `official_key`."""
    persons = [
        *((contestant.id, contestant) for contestant in definition.contestants),
        *((official_key(official.id), official) for official in definition.officials),
    ]
    documents = {
        ContestantId(key): person.model_dump(mode="json", include=set(PERSONAL_FIELDS), exclude_none=True) for key, person in persons
    }
    return {key: document for key, document in documents.items() if document}


async def latest(ledger: Ledger, contest: ContestId) -> Adopted | None:
    """The definition that holds now."""
    _, found = await _followed(ledger, contest, 0, None)
    return found


async def _followed(ledger: Ledger, contest: ContestId, position: int, found: Adopted | None) -> tuple[int, Adopted | None]:
    """The ledger's end at this moment, and the definition that holds there, by one who has read it up to `position`."""
    end = (await ledger.head(contest)).position
    while position < end and (entries := await ledger.read(contest, position)):
        position = entries[-1].position
        found = next((entry.fact for entry in reversed(entries) if isinstance(entry.fact, Adopted)), found)
    return position, found
