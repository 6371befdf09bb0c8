"""Which views of a board each address looks at, so that nobody alone takes all that a board keeps."""

from __future__ import annotations

from collections import Counter

from contest_server.live.views import View


class Shares:
    """How many displays of each address see each view."""

    def __init__(self) -> None:
        self._of: dict[str, Counter[View]] = {}

    def may_open(self, address: str | None, free: int) -> bool:
        """Whether one more view may be kept for this address, of those that are `free`: it may hold as many as are left for all others.

        So one who opens as many as they can stops at half of them, and the next one at half of the rest; and the phones and screens of
        a hall, which share an address, are hindered by nothing as long as there is room. An address that is not limited is None.
        """
        return free > 0 and (address is None or len(self._of.get(address, ())) < free)

    def came(self, address: str | None, view: View) -> None:
        if address is not None:
            self._of.setdefault(address, Counter())[view] += 1

    def left(self, address: str | None, view: View) -> None:
        if address is None:
            return
        seen = self._of[address]
        seen[view] -= 1
        if seen[view] == 0:
            del seen[view]
        if not seen:
            del self._of[address]
