"""Known faults of what the locks name: pip-audit for Python, npm audit for the pages. Fails on any; says plainly what nobody could look up.

Where the index gives no advisories, as behind a mirror, or nothing answers in time, that is told and passes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PAGES = ROOT / "scoreboard_ui"
WITHIN_S = 30
"""For each of the two."""

Json = dict[str, Any]


def main() -> int:
    """0: nothing was found; 1: something was."""
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "5", "--format", "json")
    python = of_python(report_of([sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), *options], ROOT))
    pages = of_pages(report_of(["npm", "audit", "--json"], PAGES))
    for line in (*python, *pages):
        sys.stdout.write(f"{line}\n")
    return int(any(line.startswith("FOUND") for line in (*python, *pages)))


def report_of(command: Sequence[str], folder: Path) -> Json | str:
    """What the command reports as JSON; or why it reports nothing."""
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=WITHIN_S, check=False)  # noqa: S603 - ours
        report = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return f"no answer within {WITHIN_S} s"
    except (OSError, ValueError) as error:
        return f"no report ({type(error).__name__})"
    return report if isinstance(report, dict) else "no report that can be read"


def of_python(report: Json | str) -> list[str]:
    """What pip-audit found, one line each; then how many packages nobody could look up."""
    if isinstance(report, str):
        return [f"python: not audited: {report}"]
    packages = report.get("dependencies", [])
    skipped = [each for each in packages if "skip_reason" in each]
    found = [
        f"FOUND {each['name']} {each['version']}: {fault['id']}; mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        for each in packages
        for fault in each.get("vulns", [])
    ]
    audited = f"python: {len(packages) - len(skipped)} of {len(packages)} packages audited, {len(found)} known faults"
    return [*found, audited + (f"; the index gives no advisories for the other {len(skipped)}" if skipped else "")]


def of_pages(report: Json | str) -> list[str]:
    """What npm audit found, one line a package."""
    if isinstance(report, str):
        return [f"pages: not audited: {report}"]
    if "vulnerabilities" not in report:
        return ["pages: not audited: the registry gives no advisories"]
    found = [
        f"FOUND {name} {each.get('range', '')}: {each.get('severity', '')}" for name, each in sorted(report["vulnerabilities"].items())
    ]
    total = report.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return [*found, f"pages: {total} packages audited, {len(found)} with known faults"]


if __name__ == "__main__":
    sys.exit(main())
