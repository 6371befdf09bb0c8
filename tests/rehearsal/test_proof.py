"""The proof finds what a server may never do: lose, double, alter or invent an event, or measure a clock wrongly and not know it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from contest_server.core.facts import ContestId, Draft, Entry, Event, Refused
from contest_server.ledger.exporting import export
from contest_server.ledger.memory import MemoryLedger
from contest_server.rehearsal.office import Unanswered
from contest_server.rehearsal.outcome import Outcome, ServerSeen
from contest_server.rehearsal.proof import Proof, Question, entries_of, prove
from contest_server.rehearsal.verdict import verdict_of
from tests.rehearsal.plans import CONTEST, judges, ledger, plan, question


def _proof(entries: list[Entry], asked: Question | None = None) -> Proof:
    return prove(asked or question(plan()), entries, judges())


def _renumbered(entries: list[Entry]) -> list[Entry]:
    return [replace(entry, position=position) for position, entry in enumerate(entries, start=1)]


def _codes(proof: Proof, digest: str | None = None) -> set[str]:
    servers = [ServerSeen("http://x", proof.entries, digest or proof.ledger_board)]
    outcome = Outcome("rehearsal", {"zh": "演练", "en": "rehearsal"}, 7, 60.0, 7, "now", proof=proof, servers=servers, is_final=True)
    return {reason.code for reason in verdict_of(outcome).reasons}


def _astray(proof: Proof) -> list[tuple[str, int]]:
    """The numbers that are not once in the ledger, as they were told."""
    return [*proof.missing, *proof.twice, *proof.altered, *proof.strange]


def _some_clear(entries: list[Entry]) -> int:
    """Where somebody cleared a stage: it shows on the board."""
    return next(n for n, e in enumerate(entries) if isinstance(e.fact, Event) and e.fact.kind == "clear" and e.fact.stage == "isolation")


def test_a_good_ledger_holds_every_event_once_and_leads_to_the_board_of_the_plan() -> None:
    proof = _proof(ledger(plan()))
    assert _astray(proof) == []
    assert proof.once == proof.planned
    assert proof.board == proof.ledger_board
    assert sum(proof.refused.values()) > 0, "some are refused by their number, as planned"
    assert _codes(proof) == set()


def test_all_faults_lead_to_the_same_board_as_none() -> None:
    calm = prove(question(plan("none")), ledger(plan("none")), judges())
    assert calm.board == _proof(ledger(plan("all"))).board


def test_the_order_of_arrival_proves_the_same() -> None:
    events = [entry for entry in ledger(plan()) if isinstance(entry.fact, (Event, Refused))]
    others = [entry for entry in ledger(plan()) if not isinstance(entry.fact, (Event, Refused))]
    proof = _proof(_renumbered([*others, *reversed(events)]))
    assert _astray(proof) == []
    assert proof.board == _proof(ledger(plan())).board


def _lose(entries: list[Entry]) -> list[Entry]:
    del entries[_some_clear(entries)]
    return entries


def _double(entries: list[Entry]) -> list[Entry]:
    return [*entries, entries[_some_clear(entries)]]


def _alter(entries: list[Entry]) -> list[Entry]:
    at = _some_clear(entries)
    entries[at] = replace(entries[at], fact=replace(entries[at].fact, at_us=entries[at].fact.at_us + 30_000_000))  # type: ignore[union-attr]
    return entries


def _refuse(entries: list[Entry]) -> list[Entry]:
    at = _some_clear(entries)
    fact = entries[at].fact
    assert isinstance(fact, Event)
    entries[at] = replace(entries[at], fact=Refused(fact.source, fact.seq, "bad_event", "no"))
    return entries


def _invent(entries: list[Entry]) -> list[Entry]:
    at = _some_clear(entries)
    return [*entries, replace(entries[at], fact=replace(entries[at].fact, seq=9_999))]


@pytest.mark.parametrize(
    ("harm", "codes"),
    [
        (_lose, {"lost", "board"}), (_double, {"twice"}), (_alter, {"altered", "board"}), (_refuse, {"altered", "board"}),
        (_invent, {"strange"}),
    ],
)  # fmt: skip
def test_each_harm_is_found_and_named(harm: Callable[[list[Entry]], list[Entry]], codes: set[str]) -> None:
    assert codes <= _codes(_proof(_renumbered(harm(ledger(plan())))))


def test_what_was_never_acknowledged_is_missing_but_not_lost() -> None:
    entries = ledger(plan())
    fact = entries[_some_clear(entries)].fact
    assert isinstance(fact, Event)
    known = question(plan())
    asked = Question(known.plan, known.definition, known.start_us, {**known.acknowledged, fact.source: fact.seq - 1})
    proof = _proof(_renumbered(_lose(entries)), asked)
    assert (proof.missing, proof.lost) == ([(fact.source, fact.seq)], [])
    assert "missing" in _codes(proof)


def test_a_clock_that_was_measured_further_off_than_its_error_is_found() -> None:
    entries = [
        replace(entry, fact=replace(entry.fact, offset_us=entry.fact.offset_us + 60_000))
        if isinstance(entry.fact, Event) and entry.fact.source == "yongjia/desk-2" and entry.fact.offset_us is not None
        else entry
        for entry in ledger(plan())
    ]
    proof = _proof(entries)
    assert _astray(proof) == [], "what a server measured is taken from it"
    assert {source for source, *_ in proof.misread} == {"yongjia/desk-2"}
    assert _codes(proof) == {"clock"}


def test_events_of_a_wrong_clock_that_nobody_measured_are_counted() -> None:
    entries = [
        replace(entry, fact=replace(entry.fact, offset_us=None, error_us=None))
        if isinstance(entry.fact, Event) and entry.fact.source == "yongjia/desk-2"
        else entry
        for entry in ledger(plan())
    ]
    assert _proof(entries).untimed > 10


def test_a_board_that_is_not_the_fold_of_its_ledger_is_told_from_a_wrong_ledger() -> None:
    proof = _proof(ledger(plan()))
    assert _codes(proof, digest="0" * 64) == {"board"}


async def test_an_export_that_cannot_be_verified_is_a_reason_and_is_read_all_the_same() -> None:
    store = MemoryLedger()
    contest = ContestId(CONTEST)
    await store.open(contest)
    kept = ledger(plan())[:20]
    await store.append(contest, [Draft(entry.received_us, entry.author, entry.fact) for entry in kept])
    lines = b"".join([each async for each in export(store, contest, state="live", exported_at="2026-11-22T01:00:00Z")])
    assert entries_of(lines) == (kept, "")
    changed, wrong = entries_of(lines.replace(b"isolation", b"isolatiom", 1))
    assert len(changed) == len(kept)
    assert "hash" in wrong
    assert "tail is missing" in entries_of(lines.rpartition(b'{"end"')[0])[1]
    assert "chain" in _codes(prove(question(plan()), ledger(plan()), judges(), wrong))
    with pytest.raises(Unanswered, match="cannot be read"):
        entries_of(lines.replace(b'"author"', b'"outhor"', 1))
