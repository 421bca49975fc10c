"""The page about asking the gate, typed: with a server, and a gate beside it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from docs.reading import Reader
from infra.server import gateway, serving

PAGE = "how-to/ask-the-gate.md"


@pytest.mark.slow
def test_asking_the_gate_is_as_told(sample: dict[str, Any], tmp_path: Path) -> None:
    """Each question that the page shows is answered by a real gate as the page shows it."""
    data = tmp_path / "data"
    shutil.copytree(sample["data_dir"], data)
    ann = sample["people"][0]
    with ExitStack() as running:
        server = running.enter_context(serving(data))
        gate = running.enter_context(gateway(data))
        reader = Reader(
            tmp_path,
            server.url,
            first="ann",
            people={"ann": (ann["email"], ann["password"])},
            real={"127.0.0.1:8401": f"127.0.0.1:{gate.port}"},
        )
        assert reader.read(PAGE) > 9
