"""`counterfoil demo`: sample data, the real server, and the main job over HTTP, step by step."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine
from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note
from counterfoil.demo.content import NAME, count
from counterfoil.demo.place import is_sample, place, require_empty
from counterfoil.kernel.usual import USUAL_PORT
from counterfoil.runtime.listening import ListeningError, require_free

if TYPE_CHECKING:
    from counterfoil.demo.sample import Ready

PORT: Final = USUAL_PORT

_READY_S: Final = 30.0
_GLANCE_S: Final = 0.05
_STOP_S: Final = 20.0


@click.command()
@click.option("--once", is_flag=True, help="Only walk, on a free port; fail if a step does.")
@click.option("--json", "as_json", is_flag=True, help="Only make the data; print it as JSON.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the sample lies. [default: among your user data]",
)
@click.option("--port", type=Whole(1, 65_535), help=f"The port to listen at. [default: {PORT}]")
def demo(once: bool, as_json: bool, data_dir: Path | None, port: int | None) -> int:
    """Show the whole point on sample data, then keep serving it.

    It listens on this machine alone, and Ctrl-C keeps the data.
    """
    if as_json:
        return _only_data(data_dir)
    with _stopping(), place(data_dir, once=once) as where:
        port = port or (_free_port() if once else PORT)
        _see_that_it_is_free(port)
        return _show(where, port, once=once)


def _only_data(data_dir: Path | None) -> int:
    if data_dir is None:
        message = "--json makes the sample data in --data-dir: name one."
        raise click.UsageError(message)
    require_empty(data_dir)
    from counterfoil.demo.sample import begin

    with machine():
        sample = begin(data_dir)
    click.echo(json.dumps(sample.as_object()))
    return Exit.OK


def _show(where: Path, port: int, *, once: bool) -> int:
    if is_sample(where):
        note(f"● {NAME} is there from the last time, its people with new passwords")
    else:
        note(f"● making {NAME}: three people, {count():,} nodes, drafts and published …")
    note(f"● in {where}")
    from counterfoil.demo.sample import prepare

    with machine():
        ready = prepare(where)
    with _server(where, port) as server:
        note(f"● serving it at http://localhost:{port}")
        wrong = _walk(ready, port)
        if once:
            return Exit.FAILED if wrong else Exit.OK
        _where_to_go(ready, port)
        with suppress(KeyboardInterrupt):
            if server.wait():
                return Exit.FAILED
    note(f"● stopped; the data is still in {where}")
    return Exit.OK


def _walk(ready: Ready, port: int) -> int:
    """Tell the story, and return how many of its steps went otherwise than they should."""
    from counterfoil.demo.story import Story
    from counterfoil.demo.walk import Walk

    walk = Walk(f"http://127.0.0.1:{port}", click.echo)
    try:
        Story(walk, ready.cast).tell()
    finally:
        walk.close()
    click.echo("")
    if walk.wrong:
        wrong = f"✗ {len(walk.wrong)} of {walk.steps} steps went otherwise than they should"
        click.secho(wrong, fg="red", bold=True)
        for says in walk.wrong:
            click.echo(f"    {says}")
    else:
        click.secho(f"✓ All {walk.steps} steps went as they should.", fg="green", bold=True)
    return len(walk.wrong)


def _where_to_go(ready: Ready, port: int) -> None:
    url = f"http://localhost:{port}"
    command = "counterfoil" if which("counterfoil") else sys.argv[0]
    server = "" if port == PORT else f" --url {url}"
    people = [
        f"  {name:<6} {ready.cast.emails[name]:<22} {ready.cast.passwords[name]:<18} {role}"
        for name, role in ready.roles.items()
    ]
    lines = [
        "",
        click.style("Where to go next", bold=True),
        f"  Open {url}/enter#{ready.entry}",
        f"  It signs you in as {next(iter(ready.roles))}, the admin: once, within half an hour.",
        "",
        "  Or sign in as one of them, here or in a terminal:",
        "",
        *people,
        "",
        f"  {command} auth login{server}",
        f"  {command} pat create my-laptop --scope content:read",
        f"  {command} pat list",
        "",
        "  The tutorial takes ten minutes: docs/tutorial/README.md in the repository.",
        f"  All that can be asked: {url}/openapi.json",
        "",
        "Ctrl-C stops the server and keeps the data.",
    ]
    click.echo("\n".join(lines))


@contextmanager
def _server(where: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `counterfoil serve` from ready to stopped."""
    command = [sys.executable, "-m", "counterfoil", "serve"]
    command += ["--data-dir", str(where), "--port", str(port), "--host", "127.0.0.1"]
    quiet = {"COUNTERFOIL_LOG_LEVEL": "warning", "COUNTERFOIL_MAIL": "console:", **os.environ}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program, and no shell reads what it is told
        command, stdin=subprocess.DEVNULL, env=quiet
    )
    try:
        _await(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    import httpx2

    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Stop(Exit.FAILED, f"The server ended at once, with code {process.returncode}")
        with suppress(httpx2.TransportError):
            url = f"http://127.0.0.1:{port}/readyz"
            if httpx2.get(url, trust_env=False, timeout=2).is_success:
                return
        time.sleep(_GLANCE_S)
    raise Stop(Exit.FAILED, f"The server was not ready within {_READY_S:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _see_that_it_is_free(port: int) -> None:
    try:
        require_free("127.0.0.1", port)
    except ListeningError:
        raise Stop(
            Exit.CONFIG, f"Something listens on port {port} already", "Try --port 8401."
        ) from None


@contextmanager
def _stopping() -> Iterator[None]:
    """Take SIGTERM like Ctrl-C, so that the server never outlives us."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
