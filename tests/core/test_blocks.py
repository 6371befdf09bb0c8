"""Names in blocks are in the order in which sorting would put them, and counted as counting them would; packed keys sort as keys do."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from contextlib import contextmanager
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core import blocks
from contest_server.core.blocks import Blocks
from contest_server.core.facts import ContestantId
from contest_server.core.packing import NARROW, DoesNotFit, Packing, packing_for
from contest_server.core.ranking import FITS_MAX, Ranking

WHO = [f"C{n}" for n in range(40)]
STEPS = st.lists(st.tuples(st.sampled_from(WHO), st.none() | st.integers(0, 6)), max_size=300)
QUADS = st.tuples(*[st.sampled_from([-(2**63), -(2**40), -1, 0, 1, 255, 256, 2**40, 2**63 - 1]) | st.integers(-(2**63), 2**63 - 1)] * 3)
ODD = st.lists(st.integers(-2, 2) | st.sampled_from([2**63, -(2**63) - 1, 2**63 - 1, -(2**63), 10**30]), max_size=3).map(tuple)
MODEST = st.tuples(st.integers(0, 6), st.integers(-(10**9), 10**9), st.integers(-(10**7), 10**8))
MOVES = st.lists(st.tuples(st.sampled_from(WHO[:12]), st.none() | QUADS | ODD, st.booleans()), max_size=120)


@contextmanager
def small_blocks() -> Iterator[None]:
    """Blocks that split, join and are counted all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_MAX", 6)
        patch.setattr(blocks, "BLOCK_MIN", 2)
        patch.setattr(blocks, "GROUP", 2)
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
        parts = [(begin, end) for begin in range(0, 45, 4) for end in range(0, 45, 3)]
        assert [kept.between(*part) for part in parts] == [in_order[begin:end] for begin, end in parts]


@pytest.mark.parametrize("block", [list, partial(array, "Q")])
@given(st.lists(st.tuples(st.sampled_from(WHO), st.integers(0, 130)), max_size=200))
def test_a_move_is_taking_out_and_putting_in(block: Callable[[Iterable[int]], MutableSequence[int]], moves: list[tuple[str, int]]) -> None:
    """Places enough that most names have one of their own."""
    with small_blocks():
        kept, places = Blocks[str](block), {name: 3 * number for number, name in enumerate(WHO)}
        for name, place in places.items():
            kept.put(place, name)
        for name, place in moves:
            old = places.pop(name)
            assert kept.move(old, place, name) == sum(other < place for other in places.values())
            places[name] = place
            assert [kept.before(each) for each in (0, 50, 131)] == [sum(other < each for other in places.values()) for each in (0, 50, 131)]
        assert list(kept) == sorted(places, key=lambda name: (places[name], name))
        assert len(kept) == len(WHO)
        assert all(blocks.BLOCK_MIN <= len(names) <= blocks.BLOCK_MAX for names in kept._names)


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


@given(st.lists(MODEST, min_size=1, max_size=8))
def test_keys_of_two_modest_links_are_narrow_and_leave_room_to_grow(keys: list[tuple[int, ...]]) -> None:
    packing = packing_for(keys)
    assert packing is not None
    assert isinstance(packing.block([]), array)
    spread = [(max(link) - min(link) + 1) // 10 for link in zip(*keys, strict=True)]
    more = [(first, link + way * spread[1], other + way * spread[2]) for first, link, other in keys for way in (-1, 0, 1)]
    assert [packing.unpack(packing.pack(key)) for key in more] == more
    assert sorted(more, key=packing.pack) == sorted(more)
    assert all(0 <= packing.pack(key) < NARROW for key in more)
    for odd in ((2**64, *more[0][1:]), (*more[0][:2], 2**64), more[0][:2], (*more[0], 0)):
        with pytest.raises(DoesNotFit):
            packing.pack(odd)


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


def test_a_key_that_outgrows_its_bounds_widens_them_at_once_but_not_all_the_time() -> None:
    ranking = Ranking()
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (0, number, 0))
    for turn in range(FITS_MAX):
        assert ranking.place(ContestantId("C7"), [(0, 10**12, 0), (0, 0, 10**12)][turn % 2]) == [len(WHO), 2][turn % 2]
        ranking.place(ContestantId("C7"), (0, 0, 0))
        assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    ranking.place(ContestantId("C7"), (0, 10**12, 0))
    assert ranking._places["C0"] == (0, 0, 0)  # type: ignore[index]
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (0, 10**12 - number, number))
    assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    assert list(ranking) == WHO[::-1]
