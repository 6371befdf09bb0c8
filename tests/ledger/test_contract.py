"""What every ledger promises, whatever it is stored on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_server.core.facts import Clock, ContestId, Draft, Entry, SourceId
from contest_server.ledger.chain import genesis, seal
from contest_server.ledger.codec import NotAFact, write
from contest_server.ledger.limits import APPEND_MAX_BYTES, BODY_MAX_BYTES, NAME_MAX_CHARS, LimitExceeded
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.port import ANY_POSITION, APPEND_MAX_DRAFTS, READ_MAX_ENTRIES, Head, LedgerFault
from contest_server.ledger.sealed import Foreign, SealedLedger, seals_of
from contest_server.ledger.urls import open_ledger
from tests.ledger.drafts import CONTEST, OTHER, RECEIVED_US, clock, drafts, event, events

Open = Callable[[], SealedLedger]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def another(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens one more ledger on the same store, as another server or a restart would. All are closed in the end."""
    store: MemoryStore = {}
    opened: list[SealedLedger] = []
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else f"sqlite:///{tmp_path}/contest.db"

    def one_more() -> SealedLedger:
        ledger: SealedLedger = MemoryLedger(store) if request.param == "memory" else open_ledger(url)
        opened.append(ledger)
        return ledger

    yield one_more
    for ledger in opened:
        await ledger.close()


@pytest.fixture
async def ledger(another: Open) -> SealedLedger:
    ledger = another()
    await ledger.open(CONTEST)
    return ledger


async def everything(ledger: SealedLedger, contest: ContestId = CONTEST) -> list[Entry]:
    return await ledger.read(contest, 0)


def places(entries: list[Entry]) -> list[int]:
    return [entry.position for entry in entries]


async def test_a_new_ledger_is_empty_and_ends_in_its_genesis(ledger: SealedLedger) -> None:
    head = await ledger.head(CONTEST)
    assert head == Head(head.epoch, 0, genesis(CONTEST, head.epoch).hex())
    assert await everything(ledger) == []


async def test_positions_are_gapless_from_1(ledger: SealedLedger) -> None:
    first = await ledger.append(CONTEST, events([1, 2, 3]))
    second = await ledger.append(CONTEST, [clock(), *events([4])])
    assert places(first + second) == [1, 2, 3, 4, 5]
    assert (await ledger.head(CONTEST)).position == 5


async def test_an_entry_is_its_draft_with_a_place(ledger: SealedLedger) -> None:
    draft = event(1)
    assert await ledger.append(CONTEST, [draft]) == [Entry(1, draft.received_us, draft.author, draft.fact)]


async def test_what_append_returned_is_there_after_reopening(another: Open, ledger: SealedLedger) -> None:
    stored = await ledger.append(CONTEST, events([1, 2, 3])) + await ledger.append(CONTEST, [clock()])
    head = await ledger.head(CONTEST)
    await ledger.close()
    again = another()
    assert await again.open(CONTEST) == head
    assert await everything(again) == stored


async def test_the_epoch_stays_and_each_ledger_has_its_own(another: Open, ledger: SealedLedger) -> None:
    epoch = (await ledger.open(CONTEST)).epoch
    assert (await ledger.open(CONTEST)).epoch == epoch
    await ledger.close()
    again = another()
    assert (await again.head(CONTEST)).epoch == epoch
    assert (await again.open(OTHER)).epoch != epoch


async def test_a_number_is_stored_once(ledger: SealedLedger) -> None:
    stored = await ledger.append(CONTEST, events([1, 2, 3]))
    assert await ledger.append(CONTEST, events([2, 3])) == []
    assert places(await ledger.append(CONTEST, events([3, 4, 2, 5]))) == [4, 5]
    assert (await everything(ledger))[:3] == stored


async def test_a_number_is_stored_once_even_within_a_batch(ledger: SealedLedger) -> None:
    stored = await ledger.append(CONTEST, [event(1, data={"said": "first"}), event(1, data={"said": "again"}), event(2)])
    assert places(stored) == [1, 2]
    assert stored[0].fact == event(1, data={"said": "first"}).fact
    assert await everything(ledger) == stored


async def test_a_number_is_stored_once_across_writers_and_restarts(another: Open, ledger: SealedLedger) -> None:
    other = another()
    await ledger.append(CONTEST, events([1, 2]))
    assert places(await other.append(CONTEST, events([1, 2, 3]))) == [3]
    await ledger.close()
    assert await another().append(CONTEST, events([1, 2, 3])) == []


async def test_numbers_may_arrive_in_any_order(ledger: SealedLedger) -> None:
    """Whether a source leaves gaps is not for the ledger to judge."""
    await ledger.append(CONTEST, events([9, 3]))
    assert [entry.fact for entry in await ledger.append(CONTEST, events([3, 7, 9, 1]))] == [event(7).fact, event(1).fact]


async def test_each_source_counts_for_itself(ledger: SealedLedger) -> None:
    assert len(await ledger.append(CONTEST, [event(1, "yongjia/desk-1"), event(1, "yueqing/desk-1")])) == 2


async def test_a_fact_without_a_number_is_new_each_time(ledger: SealedLedger) -> None:
    await ledger.append(CONTEST, [clock(), clock()])
    await ledger.append(CONTEST, [clock()])
    assert places(await everything(ledger)) == [1, 2, 3]


async def test_a_fact_that_its_draft_numbers_is_stored_once(ledger: SealedLedger) -> None:
    await ledger.append(CONTEST, [clock("office/tablet", 1)])
    assert await ledger.append(CONTEST, [clock("office/tablet", 1)]) == []


async def test_no_drafts_are_no_entries(ledger: SealedLedger) -> None:
    before = await ledger.head(CONTEST)
    assert await ledger.append(CONTEST, []) == []
    assert await ledger.head(CONTEST) == before


BAD = [
    pytest.param(event(5, data={"a": float("nan")}), NotAFact, id="not JSON"),
    pytest.param(Draft(-1, "a", Clock("start", 1)), LimitExceeded, id="received before 1970"),
    pytest.param(Draft(RECEIVED_US, "a", Clock("stop", 1)), NotAFact, id="no such action"),  # type: ignore[arg-type]
    pytest.param(event(5, data={"a": "x" * BODY_MAX_BYTES}), LimitExceeded, id="too large"),
    pytest.param(event(5, "s" * (NAME_MAX_CHARS + 1)), LimitExceeded, id="source too long"),
]


@pytest.mark.parametrize(("bad", "error"), BAD)
@pytest.mark.parametrize("place", [0, 2, 4])
async def test_a_batch_is_all_or_nothing(ledger: SealedLedger, bad: Draft, error: type[Exception], place: int) -> None:
    before = await ledger.head(CONTEST)
    batch = events([1, 2, 3, 4])
    with pytest.raises(error):
        await ledger.append(CONTEST, [*batch[:place], bad, *batch[place:]])
    assert await ledger.head(CONTEST) == before
    assert await everything(ledger) == []
    assert places(await ledger.append(CONTEST, batch)) == [1, 2, 3, 4]


async def test_contests_do_not_see_each_other(ledger: SealedLedger) -> None:
    await ledger.open(OTHER)
    await ledger.append(CONTEST, events([1, 2]))
    assert places(await ledger.append(OTHER, events([1]))) == [1]
    assert await everything(ledger, OTHER) == [Entry(1, event(1).received_us, event(1).author, event(1).fact)]
    assert len(await everything(ledger)) == 2
    assert await ledger.contests() == sorted([CONTEST, OTHER])


async def test_two_writers_share_one_gapless_ledger(another: Open, ledger: SealedLedger) -> None:
    writers = {"yongjia/desk-1": ledger, "yueqing/desk-1": another()}
    stored: dict[str, list[Entry]] = {source: [] for source in writers}

    async def write_all(source: str) -> None:
        for seq in range(1, 41, 2):
            stored[source] += await writers[source].append(CONTEST, events([seq, seq + 1], source))

    async with asyncio.TaskGroup() as group:
        for source in writers:
            group.create_task(write_all(source))
    whole = await everything(ledger)
    assert places(whole) == list(range(1, 81))
    assert whole == sorted(stored["yongjia/desk-1"] + stored["yueqing/desk-1"], key=lambda entry: entry.position)


async def test_two_who_send_the_same_at_once_store_it_once(another: Open, ledger: SealedLedger) -> None:
    other = another()
    batches = [events(range(first, first + 5)) for first in range(1, 40)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(writer.append(CONTEST, batch)) for batch in batches for writer in (ledger, other)]
    assert len(await everything(other)) == sum(len(task.result()) for task in tasks) == 43


async def test_a_page_is_what_follows_up_to_its_limit(ledger: SealedLedger) -> None:
    whole = await ledger.append(CONTEST, events(range(1, 11)))
    assert await ledger.read(CONTEST, 0, 4) == whole[:4]
    assert await ledger.read(CONTEST, 4, 4) == whole[4:8]
    assert await ledger.read(CONTEST, 8, 4) == whole[8:]
    assert await ledger.read(CONTEST, 10, 4) == await ledger.read(CONTEST, 99) == []


async def test_a_page_is_cut_by_bytes_too(ledger: SealedLedger) -> None:
    """So the end of a ledger is an empty page, not a short one."""
    large = [event(seq, data={"a": "x" * (BODY_MAX_BYTES - 1_000)}) for seq in range(1, 11)]
    await ledger.append(CONTEST, large[:5])
    await ledger.append(CONTEST, large[5:])
    first = await ledger.read(CONTEST, 0)
    assert 1 <= len(first) < 10
    assert places(first + await ledger.read(CONTEST, len(first))) == list(range(1, 11))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(drafts, max_size=5), max_size=5))
async def test_the_chain_is_that_of_everything_stored(another: Open, batches: list[list[Draft]]) -> None:
    ledger = another()
    contest = ContestId(f"contest-{len(await ledger.contests())}")
    epoch = (await ledger.open(contest)).epoch
    for batch in batches:
        await ledger.append(contest, batch)
    stored = await everything(ledger, contest)
    written = [write(Draft(entry.received_us, entry.author, entry.fact)) for entry in stored]
    sealed = await ledger.sealed(contest, 0)
    assert sealed == seals_of(seal(genesis(contest, epoch), 0, written))
    assert (await ledger.head(contest)).hash == (sealed[-1].hash if sealed else genesis(contest, epoch)).hex()
    await ledger.close()


async def test_an_unknown_contest_is_a_key_error(ledger: SealedLedger) -> None:
    with pytest.raises(KeyError):
        await ledger.head(OTHER)
    with pytest.raises(KeyError):
        await ledger.append(OTHER, events([1]))
    with pytest.raises(KeyError):
        await ledger.read(OTHER, 0)
    with pytest.raises(KeyError):
        await ledger.sealed(OTHER, 0)
    assert await ledger.contests() == [CONTEST]


@pytest.mark.parametrize("name", ["", "x" * (NAME_MAX_CHARS + 1), "a\0b", "a\tb"])
async def test_a_contest_has_a_name_one_can_print(ledger: SealedLedger, name: str) -> None:
    with pytest.raises(LimitExceeded, match="contest"):
        await ledger.open(ContestId(name))


async def test_an_append_has_a_largest_number_of_drafts(ledger: SealedLedger) -> None:
    with pytest.raises(LimitExceeded, match=f"{APPEND_MAX_DRAFTS}"):
        await ledger.append(CONTEST, [clock()] * (APPEND_MAX_DRAFTS + 1))
    assert len(await ledger.append(CONTEST, [clock()] * APPEND_MAX_DRAFTS)) == APPEND_MAX_DRAFTS


async def test_an_append_has_a_largest_size(ledger: SealedLedger) -> None:
    with pytest.raises(LimitExceeded, match=f"{APPEND_MAX_BYTES}"):
        await ledger.append(CONTEST, [event(seq, data={"a": "x" * (BODY_MAX_BYTES - 1_000)}) for seq in range(1, 10)])
    assert await everything(ledger) == []


@pytest.mark.parametrize(("after", "limit"), [(-1, 1), (0, 0), (0, READ_MAX_ENTRIES + 1), (2**63, 1)])
async def test_a_page_has_limits(ledger: SealedLedger, after: int, limit: int) -> None:
    with pytest.raises(LimitExceeded):
        await ledger.read(CONTEST, after, limit)


async def test_a_closed_ledger_says_so_and_may_be_closed_again(ledger: SealedLedger) -> None:
    await ledger.close()
    await ledger.close()
    with pytest.raises(LedgerFault, match="closed"):
        await ledger.append(CONTEST, events([1]))


async def test_a_reader_who_changes_what_it_read_changes_nothing_stored(ledger: SealedLedger) -> None:
    (entry,) = await ledger.append(CONTEST, [event(1)])
    entry.fact.data.clear()  # type: ignore[union-attr]
    assert (await everything(ledger))[0].fact == event(1).fact


async def test_a_number_of_one_contest_is_free_in_another(ledger: SealedLedger) -> None:
    await ledger.open(OTHER)
    numbered = Draft(RECEIVED_US, "staff:chief", Clock("start", 1), SourceId("office/tablet"), 1)
    assert len(await ledger.append(CONTEST, [numbered])) == len(await ledger.append(OTHER, [numbered])) == 1


async def test_what_one_ledger_stored_is_planted_into_another_as_it_is(another: Open, ledger: SealedLedger) -> None:
    """Entries, hashes, numbers and the epoch; what comes afterwards goes on from there, and what was stored is stored."""
    await ledger.append(CONTEST, [*events([1, 2]), clock()])
    await ledger.append(CONTEST, events([3]))
    head, stored = await ledger.head(CONTEST), await ledger.stored(CONTEST, 0)
    target = MemoryLedger()
    await target.plant(CONTEST, head.epoch, stored[:2])
    assert await target.plant(CONTEST, head.epoch, stored[2:]) == head
    assert await target.stored(CONTEST, 0) == stored
    back = await ledger.plant(OTHER, "elsewhere", [])
    assert back == Head("elsewhere", 0, genesis(OTHER, "elsewhere").hex())
    assert places(await target.append(CONTEST, events([2, 3, 4]))) == [5]


async def test_a_ledger_takes_in_the_entries_of_another_one(another: Open, ledger: SealedLedger) -> None:
    source = MemoryLedger()
    head = await source.open(OTHER)
    await source.append(OTHER, [*events([1, 2]), clock()])
    stored = await source.stored(OTHER, 0)
    await ledger.plant(OTHER, head.epoch, stored)
    assert await ledger.stored(OTHER, 0) == stored
    assert await another().head(OTHER) == await source.head(OTHER)
    assert places(await ledger.append(OTHER, events([1, 2, 3]))) == [4]


@pytest.mark.parametrize("fault", ["another epoch", "a gap", "a changed body", "the order"])
async def test_entries_that_do_not_follow_are_foreign(fault: str, ledger: SealedLedger) -> None:
    source = MemoryLedger()
    head = await source.open(OTHER)
    await source.append(OTHER, events([1, 2, 3]))
    stored = await source.stored(OTHER, 0)
    await ledger.plant(OTHER, head.epoch, stored[:1])
    epoch = "another" if fault == "another epoch" else head.epoch
    rest = {
        "a gap": stored[2:],
        "a changed body": [replace(stored[1], body=stored[1].body.replace(b"2.4", b"9.4")), stored[2]],
        "the order": stored[:0:-1],
    }.get(fault, stored[1:])
    with pytest.raises(Foreign):
        await ledger.plant(OTHER, epoch, rest)
    assert (await ledger.head(OTHER)).position == 1


async def test_who_listens_hears_of_what_others_wrote(request: pytest.FixtureRequest, another: Open, ledger: SealedLedger) -> None:
    """Where the store tells; a store that does not never calls, and is read at intervals."""
    heard: asyncio.Queue[tuple[ContestId | None, int]] = asyncio.Queue()

    def hear(contest: ContestId | None, position: int) -> float:
        heard.put_nowait((contest, position))
        return 0.0

    tells = request.node.callspec.params["another"] == "postgres"
    listening = asyncio.create_task(another().listen(hear))
    try:
        if tells:
            assert await heard.get() == (None, ANY_POSITION)
        await ledger.append(CONTEST, events([1, 2]))
        if tells:
            assert await heard.get() == (CONTEST, 2)
        await asyncio.sleep(0)
        assert heard.empty()
    finally:
        listening.cancel()
