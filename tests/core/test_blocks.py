"""Names in blocks are in the order in which sorting would put them, and counted as counting them would; packed keys sort as keys do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core import blocks
from contest_server.core.blocks import Blocks
from contest_server.core.facts import ContestantId
from contest_server.core.packing import DoesNotFit, Packing, packing_for
from contest_server.core.ranking import Ranking

WHO = [f"C{n}" for n in range(40)]
STEPS = st.lists(st.tuples(st.sampled_from(WHO), st.none() | st.integers(0, 6)), max_size=300)
QUADS = st.tuples(*[st.sampled_from([-(2**63), -(2**40), -1, 0, 1, 255, 256, 2**40, 2**63 - 1]) | st.integers(-(2**63), 2**63 - 1)] * 3)
ODD = st.lists(st.integers(-2, 2) | st.sampled_from([2**63, -(2**63) - 1, 2**63 - 1, -(2**63), 10**30]), max_size=3).map(tuple)
MOVES = st.lists(st.tuples(st.sampled_from(WHO[:12]), st.none() | QUADS | ODD, st.booleans()), max_size=120)


@contextmanager
def small_blocks() -> Iterator[None]:
    """Blocks that split, join and are counted all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_MAX", 6)
        patch.setattr(blocks, "BLOCK_MIN", 2)
        patch.setattr(blocks, "COUNT_AFTER", 3)
        yield


@given(STEPS)
def test_blocks_hold_what_a_sorted_list_would(steps: list[tuple[str, int | None]]) -> None:
    """Few places, so that most names share theirs, and ties reach over many blocks."""
    with small_blocks():
        kept, places = Blocks[str](), dict[str, int]()
        for name, place in steps:
            if name in places:
                kept.drop(places.pop(name), name)
            if place is not None:
                places[name] = place
                assert kept.put(place, name) == sum(other < place for other in places.values())
            for each in range(-1, 8):
                assert kept.before(each) == sum(other < each for other in places.values())
        in_order = sorted(places, key=lambda name: (places[name], name))
        assert list(kept) == in_order
        assert len(kept) == len(in_order)
        assert [kept.first(count) for count in (0, 3, 50)] == [in_order[:count] for count in (0, 3, 50)]


def test_blocks_of_the_real_size_hold_what_a_sorted_list_would() -> None:
    chance, kept = Random(3), Blocks[str]()
    places = {f"n{n}": chance.randrange(2_000) for n in range(6_000)}
    for name, place in places.items():
        kept.put(place, name)
    for name in chance.sample(sorted(places), 5_000):
        kept.drop(places.pop(name), name)
    assert list(kept) == sorted(places, key=lambda name: (places[name], name))
    assert [kept.before(place) for place in range(0, 2_001, 97)] == [
        sum(each < place for each in places.values()) for place in range(0, 2_001, 97)
    ]


@given(st.lists(QUADS, max_size=8))
def test_packed_keys_compare_as_keys_do_and_come_back(keys: list[tuple[int, ...]]) -> None:
    packing = Packing.of(3)
    assert [packing.unpack(packing.pack(key)) for key in keys] == keys
    assert sorted(keys, key=packing.pack) == sorted(keys)
    assert [packing.pack(one) == packing.pack(other) for one in keys for other in keys] == [one == other for one in keys for other in keys]


def test_what_would_not_pack_exactly_is_refused() -> None:
    for key in ((2**63, 0), (0, -(2**63) - 1), (0,), (0, 0, 0)):
        with pytest.raises(DoesNotFit):
            Packing.of(2).pack(key)
    assert packing_for([(1, 2), (1, 2, 3)]) is None
    assert packing_for([(1, 2), (1, 2**63)]) is None


@given(MOVES)
def test_keys_of_every_kind_rank_as_a_sort_would(moves: list[tuple[str, tuple[int, ...] | None, bool]]) -> None:
    """Keys that pack and that do not, of one length and of several, to and fro."""
    with small_blocks():
        ranking, known = Ranking(), dict[str, tuple[tuple[int, ...], bool]]()
        for who, key, ranked in moves:
            if key is None:
                ranking.remove(ContestantId(who))
                known.pop(who, None)
                continue
            known[who] = key, ranked
            expected = 1 + sum(other < key for other, competes in known.values() if competes)
            assert ranking.place(ContestantId(who), key, ranked) == (expected if ranked else None)
        assert list(ranking) == sorted(known, key=lambda who: (known[who][0], who))
        for who, (key, ranked) in known.items():
            expected = 1 + sum(other < key for other, competes in known.values() if competes)
            assert ranking.rank_of(ContestantId(who)) == (expected if ranked else None)


def test_keys_are_packed_again_once_all_of_them_pack() -> None:
    """One key that does not pack makes the others no slower for ever."""
    ranking = Ranking()
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (0, number))
    ranking.place(ContestantId("C7"), (0, 10**30))
    assert ranking.top(40)[-1] == "C7"
    assert ranking._places["C0"] == (0, 0)  # type: ignore[index]
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (1, number))
    ranking.place(ContestantId("C8"), (2, 0))
    assert all(isinstance(place, int) for place in ranking._places.values())
    assert ranking.rank_of(ContestantId("C8")) == len(WHO)
