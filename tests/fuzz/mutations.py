"""Spoils what is well formed, in ways that readers trip over. The same seed spoils the same way."""

from __future__ import annotations

from random import Random

TOKENS = (
    b"[" * 200, b'{"a":' * 200, b"(" * 60, b"9" * 400, b"-1", b"-0", b"0.1", b"1e999", b"1e-400", b"1_000", b"9007199254740993", b"NaN",
    b"null", b"true", b'""', b"[]", b"{}", b'"', b",", b":", b"\n", b"\r\n", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"\\ud800", b"\\u0000", b"\xe2\x80\xae", b"<img src=x>", b"=cmd|' /C calc'!A0", b"2026-02-30T25:61:61Z", b"0001-01-01T00:00:00Z",
    b"**9**9**9",
)  # fmt: skip
SIZE_MAX_BYTES = 200_000


def spoiled(seed: bytes, chance: Random) -> bytes:
    """The seed after one to six changes."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        _change(data, chance)
        del data[SIZE_MAX_BYTES:]
    return bytes(data)


def _change(data: bytearray, chance: Random) -> None:
    at = chance.randint(0, len(data))
    to = min(len(data), at + chance.choice((0, 1, 2, 5, 20, 100)))
    match chance.randrange(6):
        case 0:
            data[at:to] = chance.choice(TOKENS)
        case 1:
            data[at:at] = chance.choice(TOKENS)
        case 2:
            del data[at:to]
        case 3:
            data[at:at] = data[at:to]
        case 4 if data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        case _:
            other = chance.randint(0, len(data))
            data[at:to] = data[other : other + (to - at)]
