"""What judges here, as one name: the code of the program and of all judges. What another name judged may differ: nobody takes it over."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILES_MAX = 5_000
BYTES_MAX = 64 << 20
"""Of all files together."""
LIBRARIES = ("msgspec", "pydantic", "pydantic-core")
"""Those that judging runs through."""


class Nameless(Exception):
    """There are too many files, or they cannot be read: nothing is kept, and nothing taken over."""


def name_of(judges: Mapping[str, type[Any]]) -> str:
    """The SHA-256 of the code, 64 hexadecimal digits; the same wherever the same code is installed. Raises Nameless."""
    digest, size = sha256(), 0
    digest.update(repr((sys.version_info[:3], [(each, version(each)) for each in LIBRARIES], sorted(judges))).encode())
    packages = {"contest_server", *(judge.__module__.partition(".")[0] for judge in judges.values())}
    for number, (name, path) in enumerate(_files(packages)):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise Nameless(f"{name}: {error.strerror or error}") from error
        size += len(text)
        if number >= FILES_MAX or size > BYTES_MAX:
            raise Nameless(f"more than {FILES_MAX} files or {BYTES_MAX >> 20} MiB of code in {', '.join(sorted(packages))}")
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()


def _files(packages: set[str]) -> Iterator[tuple[str, Path]]:
    """Every file of Python below these packages, with its name there; of the program itself the core alone, which judges."""
    for package in sorted(packages):
        module = import_module("contest_server.core" if package == "contest_server" else package)
        if module.__file__ is None:
            raise Nameless(f"{package} has no file")
        root = Path(module.__file__)
        paths = sorted(root.parent.rglob("*.py")) if root.name == "__init__.py" else [root]
        yield from ((f"{package}/{path.relative_to(root.parent).as_posix()}", path) for path in paths)
