"""How every command ends where a file or a name that somebody gave cannot be used: it is named. Hides no fault of ours."""

from __future__ import annotations

import os
from typing import Any

from typer.core import TyperGroup

from contest_server.commands.options import fail
from contest_server.ledger.tables import NoText


class Commands(TyperGroup):
    """What a command says itself outweighs this."""

    def invoke(self, ctx: Any) -> Any:
        """Raises typer.Exit with EXIT_USAGE in the place of an OSError that names a file, and of NoText."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is None:
                raise
            fail(f"{os.fsdecode(error.filename)}: {error.strerror}. Is the path right, and may this user use it?")
        except NoText as error:
            fail(str(error))
