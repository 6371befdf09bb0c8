"""An export is the whole ledger, in a form that says where it ends."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_server.core.facts import Draft, Fact, Finalised, Frozen, Thawed
from contest_server.ledger import exporting
from contest_server.ledger.exporting import State, export, state_at
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import Head, LedgerDamaged
from tests.ledger.drafts import CONTEST, OTHER, RECEIVED_US, events, facts, numbered_for_each
from tests.ledger.exported import EXPORTED_AT, check, exported


async def filled(drafts: list[Draft]) -> MemoryLedger:
    ledger = MemoryLedger(epochs=lambda: "k3x9")
    await ledger.open(CONTEST)
    await ledger.append(CONTEST, drafts)
    return ledger


async def test_an_export_is_a_header_its_entries_and_an_end() -> None:
    header, first, second, end = (json.loads(line) for line in (await exported(events([1, 2]), state="final")).splitlines())
    assert header == {"format": "contest-ledger/1", "contest": CONTEST, "epoch": "k3x9", "exported_at": EXPORTED_AT, "state": "final"}
    assert [first["position"], second["position"]] == [1, 2]
    assert first["body"]["fact"]["seq"] == 1
    assert end == {"end": 2, "hash": second["hash"]}


async def test_an_empty_ledger_ends_in_its_genesis() -> None:
    header, end = (await exported([])).splitlines()
    assert json.loads(end)["end"] == 0
    assert check(header + b"\n" + end + b"\n").entries == 0


@settings(max_examples=50)
@given(st.lists(facts, max_size=8))
async def test_every_export_verifies(stated: list[Fact]) -> None:
    verified = check(await exported(numbered_for_each(stated)))
    assert verified.entries == len(stated) == sum(verified.facts.values())


async def test_the_size_of_a_page_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await exported(events(range(1, 30)))
    for size in (1, 7, 29, 30):
        monkeypatch.setattr(exporting, "PAGE_ENTRIES", size)
        assert await exported(events(range(1, 30))) == whole


async def test_progress_ends_with_all_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE_ENTRIES", 10)
    ledger = await filled(events(range(1, 26)))
    seen: list[tuple[int, int]] = []
    lines = export(ledger, CONTEST, state="live", exported_at=EXPORTED_AT, progress=lambda done, of: seen.append((done, of)))
    async for _ in lines:
        pass
    assert seen == [(10, 25), (20, 25), (25, 25)]


async def test_what_arrives_meanwhile_is_left_for_the_next_export() -> None:
    ledger = await filled(events([1, 2]))
    lines = export(ledger, CONTEST, state="live", exported_at=EXPORTED_AT)
    first = await anext(lines)
    await ledger.append(CONTEST, events([3]))
    assert check(first + b"".join([rest async for rest in lines])).entries == 2


async def test_an_export_up_to_an_earlier_head_is_a_good_one() -> None:
    ledger = await filled(events([1, 2]))
    head = await ledger.head(CONTEST)
    await ledger.append(CONTEST, events([3]))
    verified = check(b"".join([line async for line in export(ledger, CONTEST, state="live", exported_at=EXPORTED_AT, head=head)]))
    assert (verified.entries, verified.hash) == (2, head.hash)


async def test_an_export_up_to_a_head_of_another_chain_is_refused() -> None:
    ledger = await filled(events([1, 2]))
    with pytest.raises(LedgerDamaged):
        async for _ in export(ledger, CONTEST, state="live", exported_at=EXPORTED_AT, head=Head("k3x9", 1, "00" * 32)):
            pass


async def test_an_unknown_contest_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        await anext(export(await filled([]), OTHER, state="live", exported_at=EXPORTED_AT))


@pytest.mark.parametrize(
    ("stated", "state"),
    [
        ([], "live"),
        ([Frozen(20)], "frozen"),
        ([Frozen(20), Thawed()], "live"),
        ([Frozen(20), Finalised()], "final"),
        ([Frozen(20), Thawed(), Frozen(5)], "frozen"),
        ([Finalised(), Thawed()], "final"),
        ([Finalised(), Frozen(5)], "final"),
    ],
)
async def test_the_state_follows_from_the_facts(stated: list[Fact], state: State) -> None:
    ledger = await filled([Draft(RECEIVED_US, "staff:chief", fact) for fact in stated] + events(range(1, 5)))
    assert await state_at(ledger, CONTEST, await ledger.head(CONTEST)) == state


async def test_the_state_is_that_of_the_head_it_is_asked_for() -> None:
    ledger = await filled(events([1]))
    head = await ledger.head(CONTEST)
    await ledger.append(CONTEST, [Draft(RECEIVED_US, "staff:chief", Finalised())])
    assert await state_at(ledger, CONTEST, head) == "live"
