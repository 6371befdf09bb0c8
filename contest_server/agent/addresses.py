"""Addresses as people typed them, for messages: nothing stands there of what may be a password."""

from __future__ import annotations

import re

_ACCOUNT = re.compile(r"\A([a-z]+://)?.*@", re.DOTALL)


def shown(address: str) -> str:
    """Without what stands before its last @: where a password is not escaped, nobody can tell where it begins."""
    return _ACCOUNT.sub(r"\1…@", address)
