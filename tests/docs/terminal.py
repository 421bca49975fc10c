"""A terminal with somebody before it: bash whose output is a terminal, and a browser at hand."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Final

from cli.browser import follow

_COLUMNS: Final = 110
_PATIENCE_S: Final = 240
_END: Final = re.compile(rb"\x1e(\d+)\x1e\r?\n")
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_WIPED: Final = re.compile(r"[^\n]*\r\x1b\[K")
"""What stood in a line that was taken away, as a bar is once all is done."""
_SIGN_IN: Final = re.compile(rb"(https?://\S+/oauth/authorize\?\S+)\s")

Person = tuple[str, str]
"""E-mail and password."""


class Terminal:
    """One bash, from its first command to the end of the page.

    Whoever is asked to sign in does so, as the person to whom e-mail and password belong.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], person: Person | None) -> None:
        self._person = person
        script, self._keys = os.pipe()
        self._screen, line = pty.openpty()
        fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
        self._bash = subprocess.Popen(
            ["/bin/bash", "--norc", f"/dev/fd/{script}"],
            stdin=subprocess.DEVNULL, stdout=line, stderr=line, cwd=folder, env=dict(environment),
            pass_fds=[script], start_new_session=True,
        )  # fmt: skip
        os.close(script)
        os.close(line)

    def type(self, command: str) -> tuple[int, list[str]]:
        """Type a command; return its exit code and the lines that stand there when it has ended.

        A bar that was drawn meanwhile, as it is where that takes long, stands there no more.
        """
        self.send(f"{command}\nprintf '\\036%d\\036\\n' $?")
        seen, end, asked = b"", time.monotonic() + _PATIENCE_S, False
        while not (ended := _END.search(seen)):
            assert time.monotonic() < end, f"no end of {command!r}:\n{seen.decode()}"
            if select.select([self._screen], [], [], 0.1)[0]:
                seen += os.read(self._screen, 65_536)
            if not asked and (address := _SIGN_IN.search(seen)):
                asked = True
                self._sign_in(address[1].decode())
        text = _ESCAPE.sub("", _WIPED.sub("", seen[: ended.start()].decode()))
        return int(ended[1]), text.replace("\r\n", "\n").split("\n")

    def send(self, command: str) -> None:
        """Type a command and wait for nothing."""
        os.write(self._keys, f"{command}\n".encode())

    def close(self) -> None:
        """Leave: bash and all that it started end."""
        os.close(self._keys)
        os.killpg(self._bash.pid, signal.SIGTERM)
        self._bash.wait(_PATIENCE_S)
        os.close(self._screen)

    def _sign_in(self, address: str) -> None:
        assert self._person, "nobody in particular sits here"
        Thread(target=follow, args=(address, *self._person), daemon=True).start()
