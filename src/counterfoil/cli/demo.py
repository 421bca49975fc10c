"""`counterfoil demo`: sample data, the real server, and the main job over HTTP, step by step."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import note

if TYPE_CHECKING:
    from counterfoil.cli.demo_sample import Ready

PORT: Final = 8400

_READY_S: Final = 30.0
_GLANCE_S: Final = 0.05
_STOP_S: Final = 20.0


@click.command()
@click.option("--once", is_flag=True, help="Only walk, on a free port; fail if a step does.")
@click.option("--json", "as_json", is_flag=True, help="Only make the data; print it as JSON.")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65_535), help=f"[default: {PORT}]")
def demo(once: bool, as_json: bool, data_dir: Path | None, port: int | None) -> int:
    """Show the whole point on sample data, then keep serving it.

    It listens on this machine alone, and Ctrl-C keeps the data.
    """
    if as_json:
        return _only_data(data_dir)
    with _stopping(), _place(data_dir, once=once) as where:
        port = port or (_free_port() if once else PORT)
        _see_that_it_is_free(port)
        return _show(where, port, once=once)


def _only_data(data_dir: Path | None) -> int:
    if data_dir is None:
        message = "--json makes the sample data in --data-dir: name one."
        raise click.UsageError(message)
    _refuse_what_is_there(data_dir)
    from counterfoil.cli.demo_sample import begin

    click.echo(json.dumps(begin(data_dir).as_object()))
    return Exit.OK


def _show(where: Path, port: int, *, once: bool) -> int:
    from counterfoil.cli.demo_sample import prepare

    started = time.monotonic()
    ready = prepare(where)
    note(
        f"● {ready.name}, {ready.count:,} nodes, three people ({time.monotonic() - started:.1f} s)"
    )
    note(f"● the data is in {where}")
    with _server(where, port) as server:
        note(f"● the server listens at http://localhost:{port}")
        wrong = _walk(ready, port)
        if once:
            return Exit.FAILED if wrong else Exit.OK
        _where_to_go(ready, port)
        with suppress(KeyboardInterrupt):
            return Exit.FAILED if server.wait() else Exit.OK
    note(f"● stopped; the data is still in {where}")
    return Exit.OK


def _walk(ready: Ready, port: int) -> int:
    """Tell the story, and return how many of its steps went otherwise than they should."""
    from counterfoil.cli.demo_story import Story
    from counterfoil.cli.demo_walk import Walk

    walk = Walk(f"http://127.0.0.1:{port}", click.echo)
    try:
        Story(walk, ready.cast).tell()
    finally:
        walk.close()
    click.echo("")
    if walk.wrong:
        click.echo(f"✗ {len(walk.wrong)} of {walk.steps} steps went otherwise than they should")
        for says in walk.wrong:
            click.echo(f"    {says}")
    else:
        click.echo(f"✓ all {walk.steps} steps went as they should")
    return len(walk.wrong)


def _where_to_go(ready: Ready, port: int) -> None:
    url = f"http://localhost:{port}"
    lines = [
        "",
        "Where to go next:",
        f"  counterfoil auth login --url {url}      sign in as one of the people below",
        "  counterfoil pat create my-laptop --scope content:read",
        "  counterfoil content-type-schema export ./schemas",
        f"  {url}/openapi.json      all that can be asked",
        "",
        *(
            f"  {ready.cast.emails[name]:<24} {ready.cast.passwords[name]}   {role}"
            for name, role in ready.roles.items()
        ),
        "",
        "Ctrl-C stops the server and keeps the data.",
    ]
    click.echo("\n".join(lines))


@contextmanager
def _place(data_dir: Path | None, *, once: bool) -> Iterator[Path]:
    """Hand out where the data lies; what `--once` makes for itself is gone afterwards."""
    if data_dir is None and once:
        scratch = Path(tempfile.mkdtemp(prefix="counterfoil-demo-"))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return
    data_dir = data_dir or _default_place()
    from counterfoil.cli.demo_sample import is_sample

    if not is_sample(data_dir):
        _refuse_what_is_there(data_dir)
    yield data_dir.absolute()


def _default_place() -> Path:
    """Return where this user's data lies, or a folder here for who has no such place."""
    from platformdirs import user_data_path

    theirs = user_data_path("counterfoil")
    try:
        theirs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return theirs / "demo" if os.access(theirs, os.W_OK) else Path("counterfoil-demo")
    except OSError:
        return Path("counterfoil-demo")


def _refuse_what_is_there(data_dir: Path) -> None:
    if data_dir.exists() and any(data_dir.iterdir()):
        raise Stop(
            Exit.CONFLICT,
            f"{data_dir} is not empty, and is left as it is",
            "Name another directory with --data-dir.",
        )


@contextmanager
def _server(where: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `counterfoil serve` from ready to stopped."""
    command = [sys.executable, "-m", "counterfoil", "serve"]
    command += ["--data-dir", str(where), "--port", str(port), "--host", "127.0.0.1"]
    quiet = {"COUNTERFOIL_LOG_LEVEL": "warning", **os.environ}
    process = subprocess.Popen(  # noqa: S603 - our own program
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
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
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
