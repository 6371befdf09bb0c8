"""Whatever is changed in an export, verification names the line at which it shows."""

from __future__ import annotations

import io

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_server.core.facts import Draft, Fact
from contest_server.ledger import verifying
from contest_server.ledger.chain import Sealed, genesis, link
from contest_server.ledger.codec import Body, encode
from contest_server.ledger.exporting import Header, Trailer, entry_line, header_line, trailer_line
from contest_server.ledger.verify_export import LINE_MAX_BYTES, verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable, published
from tests.ledger.drafts import CONTEST, clock, event, events, facts, numbered_for_each
from tests.ledger.exported import EXPORTED_AT, check, exported, found_in

stated = st.lists(facts, min_size=2, max_size=6)


@settings(max_examples=200)
@given(stated, st.data())
async def test_a_flipped_byte_of_an_entry_is_found_in_its_line(facts: list[Fact], data: st.DataObject) -> None:
    lines = (await exported(numbered_for_each(facts))).splitlines(keepends=True)
    number = data.draw(st.integers(2, len(lines) - 1), label="line")
    line = bytearray(lines[number - 1])
    place = data.draw(st.integers(0, len(line) - 1), label="byte")
    line[place] ^= data.draw(st.integers(1, 255), label="flip")
    found = found_in(b"".join([*lines[: number - 1], bytes(line), *lines[number:]]))
    assert found is not None
    assert (found.line, found.position) == (number, number - 1)


async def test_every_bit_of_an_entry_matters() -> None:
    """The same without chance, for one entry."""
    lines = (await exported([*events([1, 2]), clock()])).splitlines(keepends=True)
    for place in range(len(lines[2])):
        for bit in range(8):
            line = bytearray(lines[2])
            line[place] ^= 1 << bit
            found = found_in(b"".join([*lines[:2], bytes(line), *lines[3:]]))
            assert found is not None
            assert (found.line, found.position) == (3, 2), (place, bit)


async def test_every_bit_of_the_end_matters() -> None:
    lines = (await exported(events([1, 2]))).splitlines(keepends=True)
    for place in range(len(lines[3])):
        for bit in range(8):
            line = bytearray(lines[3])
            line[place] ^= 1 << bit
            found = found_in(b"".join([*lines[:3], bytes(line)]))
            assert found is not None, (place, bit)
            assert found.line in (4, 5), (place, bit)


@given(stated, st.data())
async def test_a_line_that_is_removed_is_missed_where_it_was(facts: list[Fact], data: st.DataObject) -> None:
    lines = (await exported(numbered_for_each(facts))).splitlines(keepends=True)
    number = data.draw(st.integers(2, len(lines)))
    found = found_in(b"".join(lines[: number - 1] + lines[number:]))
    assert found is not None
    assert found.line == number


@given(stated, st.data())
async def test_a_line_that_occurs_twice_is_found_the_second_time(facts: list[Fact], data: st.DataObject) -> None:
    lines = (await exported(numbered_for_each(facts))).splitlines(keepends=True)
    number = data.draw(st.integers(1, len(lines)))
    found = found_in(b"".join([*lines[:number], *lines[number - 1 :]]))
    assert found is not None
    assert found.line == number + 1


@given(stated, st.data())
async def test_lines_that_changed_places_are_found_at_the_first(facts: list[Fact], data: st.DataObject) -> None:
    lines = (await exported(numbered_for_each(facts))).splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines) - 2))
    second = data.draw(st.integers(first + 1, len(lines) - 1))
    lines[first], lines[second] = lines[second], lines[first]
    found = found_in(b"".join(lines))
    assert found is not None
    assert found.line == first + 1


@given(stated, st.data())
async def test_a_file_that_is_cut_anywhere_is_found_out(facts: list[Fact], data: st.DataObject) -> None:
    export = await exported(numbered_for_each(facts))
    cut = data.draw(st.integers(0, len(export) - 1))
    found = found_in(export[:cut])
    assert found is not None
    assert found.line == export[:cut].count(b"\n") + 1


@pytest.mark.parametrize(("contest", "epoch"), [("another", "k3x9"), (CONTEST, "zzzz")])
async def test_a_header_of_another_ledger_is_found_at_the_first_entry(contest: str, epoch: str) -> None:
    header, rest = (await exported(events([1, 2]))).split(b"\n", 1)
    changed = msgspec.json.decode(header) | {"contest": contest, "epoch": epoch}
    found = found_in(header_line(msgspec.convert(changed, Header)) + rest)
    assert found is not None
    assert (found.line, found.position) == (2, 1)
    assert "header" in found.why


async def test_a_header_of_another_ledger_is_found_without_any_entry() -> None:
    export = (await exported([])).replace(b"k3x9", b"zzzz")
    assert (found := found_in(export)) is not None
    assert found.line == 2


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        (1, b'":', b'": '),
        (1, b"\n", b"\r\n"),
        (2, b'"body":', b'"body": '),
        (2, b'{"position":1,"body"', b'{ "position":1,"body"'),
        (2, b'"position":1', b'"position":1.0'),
        (2, b'"position":1', b'"position":1,"position":1'),
        (2, b"\n", b" \n"),
        (2, b"\n", b"\r\n"),
        (3, b'"end":1', b'"end":1 '),
        (3, b'"end":1', b'"end":1,"end":1'),
        (3, b"\n", b"\r\n"),
        (3, b"\n", b""),
    ],
)
async def test_a_line_that_says_the_same_in_another_way_is_found(line: int, old: bytes, new: bytes) -> None:
    """There is one way to write an export, so that two of the same ledger can be compared byte by byte."""
    lines = (await exported(events([1]))).splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    found = found_in(b"".join(lines))
    assert found is not None
    assert found.line == line


async def test_something_after_the_end_is_found() -> None:
    found = found_in(await exported(events([1])) + b"\n")
    assert found is not None
    assert (found.line, found.why) == (4, "something follows the last line")


def forged(*bodies: bytes) -> bytes:
    """An export whose chain holds, whatever the bodies are: by somebody who can compute hashes."""
    lines = [header_line(Header("contest-ledger/1", CONTEST, "k3x9", EXPORTED_AT, "live"))]
    last = genesis(CONTEST, "k3x9")
    for position, body in enumerate(bodies, 1):
        last = link(last, position, body)
        lines.append(entry_line(Sealed(position, body, last)))
    return b"".join([*lines, trailer_line(Trailer(len(bodies), last.hex()))])


def body_of(draft: Draft) -> bytes:
    return encode(Body(draft.received_us, draft.author, draft.fact))


GOOD = body_of(event(1))


def test_a_forgery_with_good_bodies_is_good() -> None:
    """Hence the published hash."""
    assert check(forged(GOOD, body_of(event(2)))).entries == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"rumour":1}', "not a fact"),
        (b'{"author":"a","fact":{"type":"rumour"},"received_us":1}', "not a fact"),
        (b'{"author":"a","fact":{"type":"thawed"},"received_us":1,"note":""}', "not a fact"),
        (b'{"author":"a","fact":{"type":"thawed","note":""},"received_us":1}', "canonical"),
        (b'{"author":"a","received_us":1,"fact":{"type":"thawed"}}', "canonical"),
        (b'{"author":"a","fact":{"type":"thawed"}, "received_us":1}', "canonical"),
        (b'{"author":"\\u0061","fact":{"type":"thawed"},"received_us":1}', "canonical"),
        (b'{"author":"a","author":"a","fact":{"type":"thawed"},"received_us":1}', "canonical"),
        (body_of(event(1)), "number 1 of source yongjia/desk-1 occurs twice: 2 was expected"),
        (body_of(event(3)), "number 3 of source yongjia/desk-1 leaves a gap: 2 was expected"),
        (body_of(event(2, "yueqing/desk-1")), "number 2 of source yueqing/desk-1 leaves a gap: 1 was expected"),
    ],
)
def test_a_chain_that_holds_does_not_make_a_bad_body_good(body: bytes, says: str) -> None:
    found = found_in(forged(GOOD, body, body_of(event(2))))
    assert found is not None
    assert (found.line, found.position) == (3, 2)
    assert says in found.why


def test_refused_numbers_count_too() -> None:
    refused = b'{"author":"a","fact":{"code":"bad_event","detail":"","seq":2,"source":"yongjia/desk-1","type":"refused"},"received_us":1}'
    assert check(forged(GOOD, refused, body_of(event(3)))).facts == {"event": 2, "refused": 1}


def test_memory_is_bounded_by_the_number_of_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "SOURCES_MAX", 2)
    found = found_in(forged(*(body_of(event(1, source)) for source in "abc")))
    assert found is not None
    assert (found.position, found.why) == (3, "more than 2 sources")


def test_memory_is_bounded_by_the_length_of_a_line() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            buffer[:] = b"x" * len(buffer)
            self.taken += len(buffer)
            return len(buffer)

    endless = Endless()
    with pytest.raises(Contradiction, match="longer than"):
        verify_export(io.BufferedReader(endless))
    assert endless.taken < 2 * LINE_MAX_BYTES


@pytest.mark.parametrize("content", [b"", b"\n", b"Dear diary", b"{}\n", b'{"format":"other/1"}\n', b"\x89PNG\r\n"])
def test_what_is_no_export_is_neither_good_nor_bad(content: bytes) -> None:
    with pytest.raises(Unreadable):
        check(content)


async def test_a_newer_format_is_neither_good_nor_bad() -> None:
    with pytest.raises(Unreadable, match="contest-ledger/2"):
        check((await exported(events([1]))).replace(b"contest-ledger/1", b"contest-ledger/2"))


async def test_a_published_head_is_met() -> None:
    export = await exported(events(range(1, 6)))
    head = check(export).hash
    assert check(export, published(head)).entries == check(export, published(f"5:{head}")).entries == 5


async def test_a_ledger_written_anew_does_not_meet_the_published_head() -> None:
    head = check(await exported(events(range(1, 6)))).hash
    anew = await exported([event(seq, data={"insulation_mohm": "9.9"}) for seq in range(1, 6)])
    with pytest.raises(Contradiction, match="does not occur"):
        check(anew, published(head))
    with pytest.raises(Contradiction) as caught:
        check(anew, published(f"5:{head}"))
    assert (caught.value.position, caught.value.line) == (5, 6)


async def test_entries_after_the_published_head_must_be_allowed() -> None:
    head = check(await exported(events(range(1, 4)))).hash
    longer = await exported(events(range(1, 6)))
    with pytest.raises(Contradiction, match=f"that of entry 3, 2 more follow .*3:{head}"):
        check(longer, published(head))
    assert check(longer, published(f"3:{head}")).entries == 5


async def test_a_ledger_shorter_than_the_published_head_is_found() -> None:
    head = check(await exported(events(range(1, 6)))).hash
    with pytest.raises(Contradiction, match="ends at 3"):
        check(await exported(events(range(1, 4))), published(f"5:{head}"))


async def test_position_0_may_be_published_too() -> None:
    export = await exported(events([1]))
    assert check(export, published(f"0:{genesis(CONTEST, 'k3x9').hex()}")).entries == 1
    with pytest.raises(Contradiction):
        check(export, published("0:" + "00" * 32))


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, ":" + "0" * 64, "x:" + "0" * 64, "-1:" + "0" * 64, "0" * 63])
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        published(text)
