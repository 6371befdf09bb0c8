"""A growing file is read once, whatever happens to the reader; a file that was changed is a question for a person."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_server.agent.calls import on_the_spot
from contest_server.agent.files import InputAs, InputChanged, InputFault, InputLooksKnown, Tail
from contest_server.agent.outbox import Outbox
from contest_server.agent.sources import FileInput, from_file
from contest_server.agent.store import Store
from tests.agent.hall import BINDING
from tests.clockwork import run

T = TypeVar("T")


@contextmanager
def opened(directory: Path) -> Iterator[Outbox]:
    store = Store.open(directory / "outbox.db", BINDING, lambda: 0)
    try:
        yield Outbox(store)
    finally:
        store.close()


def kept(outbox: Outbox) -> tuple[list[str], list[str]]:
    """The notes of the events and the texts of the lines that were none."""
    bodies = outbox.store.db.execute("SELECT body FROM events ORDER BY seq").fetchall()
    return [json.loads(body)["n"] for (body,) in bodies], [
        text for (text,) in outbox.store.db.execute("SELECT text FROM rejected_lines ORDER BY id")
    ]


def read_all(outbox: Outbox, path: Path, input_as: InputAs = InputAs.ASK, *, ended: bool = False) -> None:
    tail = Tail.open(path, outbox.marks(), lambda: 0, input_as)
    try:
        while (chunk := tail.read()) is not None:
            outbox.append(chunk)
        if ended and (last := tail.finish()) is not None:
            outbox.append(last)
    finally:
        tail.close()


def event_line(n: str) -> str:
    return json.dumps({"kind": "note", "n": n})


LINES = st.lists(
    st.one_of(st.text(max_size=6).map(event_line), st.sampled_from(["", "  ", "[1]", '{"n": NaN}', '{"n":', '{"n": "\\ud800"}'])),
    max_size=12,
)


@given(lines=LINES, cuts=st.lists(st.integers(0, 400), max_size=8), lost=st.sets(st.integers(0, 8)), ends=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None)
def test_where_the_file_stood_when_the_reader_was_killed_does_not_matter(
    lines: list[str], cuts: list[int], lost: set[int], ends: str
) -> None:
    """`lost`: the kill came between reading and storing, and what had been read is gone."""
    content = "".join(line + ends for line in lines).encode()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        path = directory / "events.ndjson"
        for turn, size in enumerate([*sorted(min(cut, len(content)) for cut in cuts), len(content)]):
            with path.open("ab") as file:
                file.write(content[path.stat().st_size : size])
            with opened(directory) as outbox:
                tail = Tail.open(path, outbox.marks(), lambda: 0)
                chunk = tail.read()
                tail.close()
                if chunk is not None and turn not in lost:
                    outbox.append(chunk)
        with opened(directory) as outbox:
            read_all(outbox, path)
            read_all(outbox, path)
            good = [json.loads(line)["n"] for line in lines if '"note"' in line]
            bad = [line for line in lines if line.strip() and '"note"' not in line]
            assert kept(outbox) == (good, bad)


def test_a_line_is_an_event_only_with_its_newline_while_the_file_may_grow(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(event_line("one") + "\n" + event_line("two"))
    with opened(tmp_path) as outbox:
        read_all(outbox, path)
        assert kept(outbox)[0] == ["one"]
        read_all(outbox, path, ended=True)
        assert kept(outbox)[0] == ["one", "two"]
        with path.open("a") as file:
            file.write("\n" + event_line("three") + "\n")
        read_all(outbox, path)
        assert kept(outbox)[0] == ["one", "two", "three"]


def test_an_overlong_line_is_set_aside_in_little_memory_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text('{"n": "' + "x" * 3_000_000 + '"}\n' + event_line("after") + "\n")
    with opened(tmp_path) as outbox:
        read_all(outbox, path)
        good, bad = kept(outbox)
        assert good == ["after"]
        assert [len(text) for text in bad] == [16_384]


@pytest.mark.parametrize("change", ["mended in the middle", "shorter", "another file"])
def test_a_file_that_was_changed_in_what_had_been_read_is_asked_about(tmp_path: Path, change: str) -> None:
    path = tmp_path / "events.ndjson"
    before = [event_line(n) for n in ("one", "two", "three")]
    path.write_text("\n".join(before) + "\n")
    with opened(tmp_path) as outbox:
        read_all(outbox, path)
        after = {
            "mended in the middle": [before[0], event_line("2"), before[2], event_line("four")],
            "shorter": before[:1],
            "another file": [event_line("x")] * 9,
        }
        path.write_text("\n".join(after[change]) + "\n")
        with pytest.raises(InputChanged, match="--input-as"):
            read_all(outbox, path)
        assert kept(outbox)[0] == ["one", "two", "three"]
        read_all(outbox, path, InputAs.NEW)
        read_all(outbox, path)
        assert len(kept(outbox)[0]) == 3 + len(after[change])


def test_a_file_is_known_under_a_new_name_and_a_copy_is_asked_about(tmp_path: Path) -> None:
    path, moved, copy = (tmp_path / name for name in ("a.ndjson", "b.ndjson", "c.ndjson"))
    path.write_text(event_line("one") + "\n")
    with opened(tmp_path) as outbox:
        read_all(outbox, path)
        path.rename(moved)
        with moved.open("a") as file:
            file.write(event_line("two") + "\n")
        read_all(outbox, moved)
        assert kept(outbox)[0] == ["one", "two"]
        copy.write_bytes(moved.read_bytes())
        with pytest.raises(InputLooksKnown, match="--input-as"):
            read_all(outbox, copy)
        read_all(outbox, copy, InputAs.RESUME)
        assert kept(outbox)[0] == ["one", "two"]


def test_following_waits_for_the_file_and_notices_when_another_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    steps: Iterator[Callable[[], None]] = iter(
        [
            lambda: _append(path, event_line("one") + "\n"),
            lambda: _append(path, event_line("two") + "\n"),
            lambda: _replace(path, path.read_text() + event_line("three") + "\n"),
            lambda: _replace(path, event_line("another day") + "\n"),
        ]
    )

    async def follow(outbox: Outbox) -> None:
        """What a step has written is read before the next one, and the file comes only once it was looked for in vain."""
        wanted = FileInput(path, follow=True, input_as=InputAs.ASK, poll_s=0.1)
        asyncio.get_running_loop().call_later(1, next(steps))
        async for chunk in from_file(wanted, outbox, on_the_spot, lambda: 0):
            outbox.append(chunk)
            next(steps)()

    async def scene() -> None:
        with opened(tmp_path) as outbox:
            with pytest.raises(InputFault, match="does not begin any more"):
                await follow(outbox)
            assert kept(outbox)[0] == ["one", "two", "three"]
            assert next(steps, None) is None, "it was followed to the last step"

    run(scene())


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def _replace(path: Path, text: str) -> None:
    """As editors do it."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def test_a_file_is_closed_behind_whatever_is_done_with_it(tmp_path: Path) -> None:
    """Where the reading is given up, a read may still be under way in the thread of the disk."""
    path, done = tmp_path / "events.ndjson", list[str]()
    path.write_text(event_line("one") + "\n")

    async def in_order(job: Callable[[], T], /) -> T:
        done.append(getattr(job, "__name__", ""))
        return job()

    async def scene() -> None:
        with opened(tmp_path) as outbox:
            source = from_file(FileInput(path, follow=True, input_as=InputAs.ASK, poll_s=0.1), outbox, in_order, lambda: 0)
            await anext(source)
            await source.aclose()

    run(scene())
    assert done[-2:] == ["read", "close"]
