"""The settings: whether they can be used, what looks like one and is none, and whether a file with secrets is open to others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from contest_server.core.saying import Said
from contest_server.doctor.findings import Finding, bad, good, warning
from contest_server.live.settings import Settings
from contest_server.live.settings_file import BadSettings, combine, read_settings, unknown_variables

SECRETS = tuple(name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation))


def of_settings(path: Path | None, environment: Mapping[str, str] | None = None) -> tuple[list[Finding], Settings]:
    """The findings, and the settings to look at everything else with: the defaults, where they cannot be used."""
    environment = os.environ if environment is None else environment
    try:
        settings = combine(read_settings(path), environment)
    except BadSettings as error:
        return [bad("settings", fault) for fault in error.faults], Settings.model_construct()
    strange = [warning("settings", Said("ignored: {what}", what=each)) for each in unknown_variables(environment)]
    both = Said("those of the file {path} and the environment can be used", path=path)
    fine = good("settings", both if path else Said("those of the environment can be used"))
    return [*(strange or [fine]), *_open_secrets(path, settings)], settings


def _open_secrets(path: Path | None, settings: Settings) -> Iterator[Finding]:
    if path is None:
        return
    has_secrets = any(getattr(settings, name) is not None for name in SECRETS) or "@" in settings.db
    if has_secrets and path.stat().st_mode & 0o007:
        yield warning("settings", Said("{path} may be read by everybody here, and holds secrets: chmod o= {path}", path=path))
