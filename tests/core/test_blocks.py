"""Places in blocks are in the order in which sorting would put them, and counted as counting them would; packed keys sort as keys do."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from contextlib import contextmanager
from functools import partial
from math import gcd
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core import blocks
from contest_server.core.blocks import BLOCK_MAX, Blocks
from contest_server.core.facts import ContestantId
from contest_server.core.packing import NARROW, DoesNotFit, Packing, narrow_packing, packing_for
from contest_server.core.places import AsTheyAre, Numbered
from contest_server.core.ranking import FITS_MAX, Ranking

WHO = [f"C{n}" for n in range(40)]
SHARED = 8
"""So many places are there of one key, of which the first is its floor."""
BLOCK_KINDS = pytest.mark.parametrize("block", [list, partial(array, "Q")])
Block = Callable[[Iterable[int]], MutableSequence[int]]
QUADS = st.tuples(*[st.sampled_from([-(2**63), -(2**40), -1, 0, 1, 255, 256, 2**40, 2**63 - 1]) | st.integers(-(2**63), 2**63 - 1)] * 3)
ODD = st.lists(st.integers(-2, 2) | st.sampled_from([2**63, -(2**63) - 1, 2**63 - 1, -(2**63), 10**30]), max_size=3).map(tuple)
MODEST = st.tuples(st.integers(0, 6), st.integers(-(10**9), 10**9), st.integers(-(10**7), 10**8))
MOVES = st.lists(st.tuples(st.sampled_from(WHO[:12]), st.none() | QUADS | ODD, st.booleans()), max_size=120)
USUAL = st.tuples(st.integers(0, 4), st.integers(-4, 0).map(lambda marks: marks * 1_000_000), st.integers(0, 2))
COMERS = st.lists(st.tuples(st.sampled_from(WHO), st.none() | USUAL, st.booleans()), max_size=200)


@contextmanager
def small_blocks() -> Iterator[None]:
    """Blocks that split, join and are counted all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_MAX", 6)
        patch.setattr(blocks, "BLOCK_MIN", 2)
        patch.setattr(blocks, "GROUP", 2)
        yield


@BLOCK_KINDS
@given(st.sets(st.integers(0, 60)), st.lists(st.integers(0, 60), max_size=300))
def test_blocks_hold_what_a_sorted_list_would(block: Block, begun_with: set[int], steps: list[int]) -> None:
    """Each step puts a place in, or takes it out where it is in."""
    with small_blocks():
        kept, places = Blocks(block, sorted(begun_with)), set(begun_with)
        for place in steps:
            (kept.drop if place in places else kept.put)(place)
            places ^= {place}
            assert [kept.before(each) for each in range(0, 62, 3)] == [sum(other < each for other in places) for each in range(0, 62, 3)]
        in_order = sorted(places)
        assert list(kept) == in_order
        assert len(kept) == len(in_order)
        assert [list(kept.first(count)) for count in (0, 3, 50)] == [in_order[:count] for count in (0, 3, 50)]
        parts = [(begin, end) for begin in range(0, 45, 4) for end in range(0, 45, 3)]
        assert [kept.between(*part) for part in parts] == [in_order[begin:end] for begin, end in parts]


@BLOCK_KINDS
@given(st.lists(st.tuples(st.integers(0, SHARED - 1), st.integers(0, 5) | st.integers(0, 90)), max_size=200))
def test_a_move_is_taking_out_and_putting_in(block: Block, moves: list[tuple[int, int]]) -> None:
    """By whoever has one of the numbers below a key, and tells how many have lesser keys, however many have the same."""
    with small_blocks():
        others = {SHARED * key + number for key in (0, 1, 2, 3, 40) for number in (1, 3, 4, 6)}
        places = {number: SHARED * (10 + number) + number for number in range(SHARED) if number not in (1, 3, 4, 6)}
        kept = Blocks(block, sorted({*others, *places.values()}))
        for number, key in moves:
            if number not in places or places[number] == SHARED * key + number:
                continue
            old, places[number] = places[number], SHARED * key + number
            there = {*others, *places.values()}
            assert kept.move(old, places[number], SHARED * key) == sum(each < SHARED * key for each in there)
            assert [kept.before(each) for each in (0, 80, 500)] == [sum(other < each for other in there) for each in (0, 80, 500)]
        assert list(kept) == sorted({*others, *places.values()})
        assert all(blocks.BLOCK_MIN <= len(each) <= blocks.BLOCK_MAX for each in kept._blocks)


def test_blocks_of_the_real_size_hold_what_a_sorted_list_would() -> None:
    chance, kept = Random(3), Blocks()
    places = chance.sample(range(200_000), 6_000)
    for place in places:
        kept.put(place)
    for place in places[:5_000]:
        kept.drop(place)
    left = places[5_000:]
    assert list(kept) == sorted(left)
    assert [kept.before(place) for place in range(0, 200_000, 9_700)] == [
        sum(each < place for each in left) for place in range(0, 200_000, 9_700)
    ]
    assert all(blocks.BLOCK_MIN <= len(each) <= blocks.BLOCK_MAX for each in kept._blocks)


@given(st.lists(QUADS, max_size=8), st.sampled_from([1, 1_024]))
def test_packed_keys_compare_as_keys_do_and_come_back(keys: list[tuple[int, ...]], numbers: int) -> None:
    packing = Packing.of(3, numbers)
    assert [packing.unpack(packing.pack(key) + number) for key in keys for number in (0, numbers - 1)] == [
        key for key in keys for _ in "01"
    ]
    assert sorted(keys, key=packing.pack) == sorted(keys)
    assert all(packing.pack(one) + numbers <= packing.pack(other) for one in keys for other in keys if one < other)


@given(st.lists(MODEST, min_size=1, max_size=8), st.sampled_from([1, 3]))
def test_keys_of_two_modest_links_are_narrow_and_leave_room_to_grow(keys: list[tuple[int, ...]], numbers: int) -> None:
    packing = packing_for(keys, numbers)
    assert packing is not None
    assert isinstance(packing.block([]), array)
    spread = [(max(link) - min(link) + 1) // 10 for link in zip(*keys, strict=True)]
    spread[1] -= spread[1] % (
        gcd(*(link for _, link, _ in keys)) or 1
    )  # where there is little room, in the steps in which they are counted
    more = [
        (first, link + way * spread[1] * _sign(link), other + way * spread[2] * _sign(other))
        for first, link, other in keys
        for way in (0, 1)
    ]
    assert [packing.unpack(packing.pack(key) + packing.numbers - 1) for key in more] == more
    assert sorted(more, key=packing.pack) == sorted(more)
    assert all(0 <= packing.pack(key) <= NARROW - numbers for key in more)
    assert all(packing.pack(one) + numbers <= packing.pack(other) for one in more for other in more if one < other)
    for odd in ((2**64, *more[0][1:]), (*more[0][:2], 2**64), more[0][:2], (*more[0], 0)):
        with pytest.raises(DoesNotFit):
            packing.pack(odd)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-(10**5), 10**4), st.integers(0, 10**7)), min_size=2, max_size=8))
def test_marks_of_very_many_are_counted_in_their_largest_common_step(keys: list[tuple[int, ...]]) -> None:
    """Where millionths leave no room for the numbers. What lies between two steps is refused."""
    keys = [(0, 0, 0), (0, -(10**11), 10**7), *((first, marks * 1_000_000, ms) for first, marks, ms in keys)]
    packing = narrow_packing(keys, 1 << 17)
    assert packing is not None
    assert [packing.unpack(packing.pack(key) + number) for key in keys for number in (0, 99_999)] == [key for key in keys for _ in "01"]
    assert all(packing.pack(one) + packing.numbers <= packing.pack(other) for one in keys for other in keys if one < other)
    assert all(0 <= packing.pack(key) <= NARROW - packing.numbers for key in keys)
    with pytest.raises(DoesNotFit):
        packing.pack((0, -500_000, 0))
    assert narrow_packing([*keys, (0, -1, 0)], 1 << 17) is None


def test_what_would_not_pack_exactly_is_refused() -> None:
    for key in ((2**63, 0), (0, -(2**63) - 1), (0,), (0, 0, 0)):
        with pytest.raises(DoesNotFit):
            Packing.of(2, 1).pack(key)
    assert packing_for([(1, 2), (1, 2, 3)]) is None
    assert packing_for([(1, 2), (1, 2**63)]) is None


@given(st.integers(0, 40), COMERS)
def test_contestants_come_and_go_and_share_keys_as_in_a_sort(
    begun_with: int, moves: list[tuple[str, tuple[int, ...] | None, bool]]
) -> None:
    """All have a place with a number from the first move on; then some leave, return, or come late, between the ids of others."""
    with small_blocks():
        ranking, known = Ranking(), dict[str, tuple[tuple[int, ...], bool]]()
        moves = [*((who, (0, 0, turn), True) for turn in (1, 0) for who in WHO[:begun_with]), *moves]
        for who, key, ranked in moves:
            if key is None:
                ranking.remove(ContestantId(who))
                known.pop(who, None)
            else:
                known[who] = key, ranked
                expected = 1 + sum(other < key for other, competes in known.values() if competes)
                assert ranking.place(ContestantId(who), key, ranked) == (expected if ranked else None)
            in_order = sorted(known, key=lambda who: (known[who][0], who))
            assert ranking.top(5) == in_order[:5]
            assert ranking.between(2, 9) == in_order[2:9]
        assert list(ranking) == sorted(known, key=lambda who: (known[who][0], who))


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
    assert ranking._places["C0"] == ((0, 0), "C0")  # type: ignore[index]
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (1, number))
    ranking.place(ContestantId("C8"), (2, 0))
    assert all(isinstance(place, int) for place in ranking._places.values())
    assert ranking.rank_of(ContestantId("C8")) == len(WHO)


def test_a_key_that_outgrows_its_bounds_widens_them_at_once_but_not_all_the_time() -> None:
    ranking = Ranking()
    for number, who in enumerate([*WHO, *WHO]):
        ranking.place(ContestantId(who), (0, number % len(WHO), 1 - number // len(WHO)))
    for turn in range(FITS_MAX):
        assert ranking.place(ContestantId("C7"), [(0, 10**12, 0), (0, 0, 10**12)][turn % 2]) == [len(WHO), 2][turn % 2]
        ranking.place(ContestantId("C7"), (0, 0, 0))
        assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    ranking.place(ContestantId("C7"), (0, 10**12, 0))
    assert ranking._places["C0"] == ((0, 0, 0), "C0")  # type: ignore[index]
    for number, who in enumerate(WHO):
        ranking.place(ContestantId(who), (0, 10**12 - number, number))
    assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    assert list(ranking) == WHO[::-1]


def test_whoever_comes_late_gets_a_number_between_those_of_others() -> None:
    """At once; when many come, only once as many placings have gone by as there are contestants."""
    ranking = Ranking()
    for turn in (1, 0):
        for who in WHO:
            ranking.place(ContestantId(who), (0, 0, turn))
    for late in ("C1+", "", "C9+"):
        assert ranking.place(ContestantId(late), (0, 0, 0)) == 1
        assert ranking.top(1) == list(ranking)[:1], "whoever is first now, although the first place is the same"
        assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    crowd = [f"D{n}" for n in range(200)]
    for who in crowd:
        ranking.place(ContestantId(who), (0, 0, 0))
    assert ranking._places["C0"] == ((0, 0, 0), "C0")  # type: ignore[index]
    for turn in (2, 1):
        for who in WHO:
            ranking.place(ContestantId(who), (0, 0, turn))
    assert all(isinstance(place, int) and place < NARROW for place in ranking._places.values())
    assert list(ranking) == ["", "C1+", "C9+", *sorted(crowd), *sorted(WHO)]


@pytest.mark.parametrize("layout", [AsTheyAre, Numbered])
def test_who_looks_for_the_first_ones_is_told_no_more_than_a_block_of_names(layout: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ranking, told, names = Ranking(), list[int](), layout.names
    for turn in (1, 0):
        for n in range(4 * BLOCK_MAX):
            ranking.place(ContestantId(f"C{n:05}"), (0, -n, turn))
            if layout is AsTheyAre and turn == 0:
                break

    def counted(own: Any, places: Any) -> Any:
        told.append(len(places))
        return names(own, places)

    monkeypatch.setattr(layout, "names", counted)
    assert next(iter(ranking)) == f"C{4 * BLOCK_MAX - 1:05}"
    assert [0 < many <= BLOCK_MAX for many in told] == [True]
