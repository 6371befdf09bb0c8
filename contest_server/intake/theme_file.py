"""How a contest is dressed: `theme.toml` and the images beside it. Refuses colours that nobody could read, and files that are no images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contest_server.core.faults import Fault
from contest_server.core.saying import Said
from contest_server.intake.toml_text import read_toml
from contest_server.intake.toml_words import toml_fault

FILE = "theme.toml"
FILE_MAX_BYTES = 64_000
IMAGE_MAX_BYTES = 4_000_000
IMAGE_MAX_PX = 8_192
SPONSORS_MAX = 12
NAME = re.compile(r"[\w\-][\w.\-]{0,63}")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

USUAL: Mapping[str, str] = {
    "accent": "#4de1ff",
    "background": "#04060c",
    "floor": "#080d18",
    "plate": "#101829",
    "plate_high": "#18233a",
    "edge": "#2b3a58",
    "ink": "#f4f7ff",
    "ink_dim": "#a9b6d0",
}
"""The colours of a page that wears no theme: what a theme leaves out stays as it is here."""
ON_ACCENT = "#04121a"
"""What stands on the accent colour."""
READABLE = 4.5
"""Contrast of text with its ground (WCAG AA)."""
GROUNDS = ("background", "floor", "plate", "plate_high")
PAIRS = (*((ink, ground) for ink in ("ink", "ink_dim") for ground in GROUNDS), *(("accent", ground) for ground in GROUNDS))


class ThemeFault(ValueError):
    """This theme cannot be worn. `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Theme:
    """A checked theme. Images are names of files in its folder."""

    colours: Mapping[str, str]
    logo: str | None = None
    background: str | None = None
    sponsors: tuple[str, ...] = ()

    @property
    def images(self) -> Iterator[str]:
        yield from filter(None, (self.logo, self.background, *self.sponsors))


NO_THEME = Theme({})


def read_theme(folder: Path) -> Theme:
    """The theme in this folder. Raises ThemeFault, OSError."""
    file = folder / FILE
    if file.stat().st_size > FILE_MAX_BYTES:
        raise ThemeFault([Fault(FILE, Said("larger than {most} bytes", most=FILE_MAX_BYTES))])
    try:
        document = read_toml(file.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ThemeFault([Fault(FILE, Said("is not UTF-8 text (byte {byte}); save it as UTF-8", byte=error.start))]) from None
    except (ValueError, RecursionError) as error:
        raise ThemeFault([Fault(FILE, toml_fault(error).sentence)]) from None
    theme, faults = _taken(document)
    faults += [fault for name in theme.images if (fault := _image_fault(folder, name)) is not None]
    if faults:
        raise ThemeFault(faults)
    return theme


def _taken(document: Mapping[str, Any]) -> tuple[Theme, list[Fault]]:
    faults = [Fault(each, Said("unknown; a theme has [colours] and [images]")) for each in document.keys() - {"colours", "images"}]
    colours, images = document.get("colours", {}), document.get("images", {})
    for name, table in (("colours", colours), ("images", images)):
        if not isinstance(table, dict):
            return NO_THEME, [*faults, Fault(name, Said("expected a table"))]
    faults += [Fault(f"images.{each}", Said("unknown; there are logo, background and sponsors")) for each in images.keys() - _IMAGES]
    faults += list(_colour_faults(colours))
    if not faults:
        faults += list(_contrast_faults({**USUAL, **colours}))
    sponsors = images.get("sponsors", [])
    if not isinstance(sponsors, list) or len(sponsors) > SPONSORS_MAX:
        few = Said("expected a list of at most {most} files", most=SPONSORS_MAX)
        sponsors, faults = [], [*faults, Fault("images.sponsors", few)]
    return Theme(colours, images.get("logo"), images.get("background"), tuple(sponsors)), faults


_IMAGES = {"logo", "background", "sponsors"}


def _colour_faults(colours: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in colours.items():
        if name not in USUAL:
            yield Fault(f"colours.{name}", Said("unknown; there are {names}", names=list(USUAL)))
        elif not (isinstance(value, str) and COLOUR.fullmatch(value)):
            yield Fault(f"colours.{name}", Said("expected a colour such as #1a2b3c"))


def _contrast_faults(colours: Mapping[str, str]) -> Iterator[Fault]:
    for ink, ground in PAIRS:
        ratio = contrast(colours[ink], colours[ground])
        if ratio < READABLE:
            faint = Said(
                "on {ground} it has a contrast of {ratio:.1f} : 1; at least {least} is readable", ground=ground, ratio=ratio, least=READABLE
            )
            yield Fault(f"colours.{ink}", faint)
    ratio = contrast(ON_ACCENT, colours["accent"])
    if ratio < READABLE:
        dark = Said("too dark for what stands on it: {ratio:.1f} : 1; at least {least} is readable", ratio=ratio, least=READABLE)
        yield Fault("colours.accent", dark)


def contrast(a: str, b: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


# ---- images ----------------------------------------------------------------------------------------------------------------------

TYPES: Mapping[str, str] = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


def _image_fault(folder: Path, name: object) -> Fault | None:
    if not isinstance(name, str):
        return Fault("images", Said("expected the name of a file, not {name!r}", name=name))
    try:
        read_image(folder, name)
    except OSError:
        return Fault(f"images: {name}", Said("no such file beside theme.toml"))
    except ThemeFault as error:
        return error.faults[0]
    return None


def read_image(folder: Path, name: str) -> tuple[bytes, str]:
    """The image of this name and its media type. Raises ThemeFault for what is none, OSError for what is not there."""
    if NAME.fullmatch(name) is None or Path(name).suffix.lower() not in TYPES:
        raise ThemeFault([Fault(name, Said("expected a name of letters, digits, - and _, with {types}", types=list(TYPES)))])
    file = folder / name
    if not file.is_file() or file.is_symlink():
        raise FileNotFoundError(name)
    if file.stat().st_size > IMAGE_MAX_BYTES:
        raise ThemeFault([Fault(name, Said("larger than {most} bytes", most=IMAGE_MAX_BYTES))])
    content = file.read_bytes()
    if _type_of(content) != TYPES[file.suffix.lower()]:
        raise ThemeFault([Fault(name, Said("is not the kind of image that its name says"))])
    if content.startswith(_PNG) and max(int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) > IMAGE_MAX_PX:
        raise ThemeFault([Fault(name, Said("more than {most} pixels on a side", most=IMAGE_MAX_PX))])
    return content, TYPES[file.suffix.lower()]


_PNG = b"\x89PNG\r\n\x1a\n"


def _type_of(content: bytes) -> str | None:
    if content.startswith(_PNG):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None
