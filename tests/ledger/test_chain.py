"""A hash says everything that came before it."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import ContestId, Draft
from contest_server.ledger.chain import genesis, link, seal
from contest_server.ledger.codec import write
from tests.ledger.drafts import CONTEST, drafts, events, names


def test_the_chain_is_the_one_of_the_documents() -> None:
    """Known answers: ledgers out there carry these hashes."""
    first = genesis(CONTEST, "k3x9")
    assert first == sha256(b"contest-ledger/1\0electricians-2026\0k3x9").digest()
    assert link(first, 1, b"{}") == sha256(first + b"\0\0\0\0\0\0\0\1{}").digest()
    assert link(first, 1, b"{}").hex() == "1d1b6cf600aef952063182d06190e7610aae34cc88851be7ff649a6994df37bf"


@given(st.lists(drafts, max_size=6), st.integers(0, 6))
def test_where_a_batch_is_cut_does_not_matter(batch: list[Draft], cut: int) -> None:
    written = [write(draft) for draft in batch]
    zero = genesis(CONTEST, "k3x9")
    whole = seal(zero, 0, written)
    front = seal(zero, 0, written[:cut])
    end = front[-1].hash if front else zero
    assert front + seal(end, len(front), written[cut:]) == whole


@given(names, names, names, names)
def test_another_contest_or_epoch_is_another_chain(contest: str, epoch: str, contest_2: str, epoch_2: str) -> None:
    same = (contest, epoch) == (contest_2, epoch_2)
    assert (genesis(ContestId(contest), epoch) == genesis(ContestId(contest_2), epoch_2)) == same


def test_the_same_fact_in_another_place_has_another_hash() -> None:
    first, second = seal(genesis(CONTEST, "k3x9"), 0, [write(draft) for draft in events([1]) * 2])
    assert first.body == second.body
    assert first.hash != second.hash
