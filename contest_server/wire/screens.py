"""A screen's socket without the socket: what it is to show, and what it says that it shows. Nothing is ordered over it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contest_server.core.programs import document_of
from contest_server.core.staging import Showing, Words
from contest_server.core.times import text_of_us
from contest_server.wire.messages import Beat, Bye
from contest_server.wire.patience import Patience, read_as

MESSAGES_PER_S = 5
"""Beyond it a screen's socket is read more slowly."""
SIZE_MAX_PX = 100_000


class ScreenHello(Struct, frozen=True, tag="hello"):
    """The first message of a screen: its token, where no header says who it is."""

    token: Annotated[str, Meta(max_length=200)] | None = None


class ScreenShown(Struct, frozen=True, tag="shown"):
    """What is on the screen now: its scene, the position of the board that was painted, its size in pixels. Said every five seconds."""

    scene: Annotated[str, Meta(max_length=40)]
    position: Annotated[int, Meta(ge=0, le=2**53)] = 0
    width: Annotated[int, Meta(ge=0, le=SIZE_MAX_PX)] = 0
    height: Annotated[int, Meta(ge=0, le=SIZE_MAX_PX)] = 0


class ScreenWords(Struct, frozen=True):
    """A message to be shown over everything until then, for so many `seconds` from now. Another `id` is another message."""

    id: int
    zh: str
    en: str
    until: str
    seconds: int


class ProgramMessage(Struct, frozen=True, tag="program"):
    """What the screen is to show now. `identify` and `reload` grow by one each time it is to say its name, or to load its page again."""

    screen: str
    name: str
    contest: str
    position: int
    program: dict[str, Any]
    since: str
    follows: bool
    hidden: bool
    message: ScreenWords | None
    identify: int
    reload: int
    until: str | None
    now: str


FromScreen = ScreenHello | ScreenShown
ToScreen = ProgramMessage | Beat | Bye

_decoder: msgspec.json.Decoder[FromScreen] = msgspec.json.Decoder(FromScreen)


def encode(message: ToScreen) -> str:
    return msgspec.json.encode(message).decode()


def read(text: str | bytes) -> FromScreen:
    """A message of a screen. Raises BadMessage."""
    return read_as(_decoder, text)


def program_message(screen: str, name: str, contest: str, position: int, showing: Showing, now_us: int) -> ProgramMessage:
    """What a screen is told of what it shows."""
    words = showing.message
    return ProgramMessage(
        screen=screen,
        name=name,
        contest=contest,
        position=position,
        program=document_of(showing.program),
        since=text_of_us(showing.since_us),
        follows=showing.follows,
        hidden=showing.hidden,
        message=None if words is None else _words(words, now_us),
        identify=showing.identify,
        reload=showing.reload,
        until=None if showing.until_us is None else text_of_us(showing.until_us),
        now=text_of_us(now_us),
    )


def _words(words: Words, now_us: int) -> ScreenWords:
    left_s = max(1, -(-(words.until_us - now_us) // 1_000_000))
    return ScreenWords(words.position, words.zh, words.en, text_of_us(words.until_us), left_s)


class ScreenSession(Patience[FromScreen]):
    """What one screen was told last, and how much of what it said could not be read."""

    def __init__(self, bad_max: int) -> None:
        super().__init__(_decoder, bad_max)
        self._told: Showing | None = None

    def is_new(self, showing: Showing) -> bool:
        """Whether the screen has to be told; then it counts as told."""
        if showing == self._told:
            return False
        self._told = showing
        return True
