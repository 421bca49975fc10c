"""The container file and the compose file: judged, and what they run is run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from counterfoil import __version__
from counterfoil.cli.tree import TREE
from infra.server import serving

BIN = Path(sys.executable).parent
DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = DEPLOY / "container" / "Dockerfile"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
_BY_DIGEST = "CL-0019"
"""That an image be named by its digest: ours is built by whoever runs it."""

"""What no machine without a container engine can do is to build the image: that is not tested."""


def _instruction(word: str) -> list[str]:
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def test_the_container_file_is_well_formed() -> None:
    """A linter has nothing to say of it, not even a word on style."""
    command: list[str | Path] = [BIN / "hadolint", "--failure-threshold", "style", DOCKERFILE]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_nobody_in_the_image_is_root() -> None:
    """It ends as a user by number, whom an orchestrator can tell from root."""
    assert _instruction("USER") == ["10001:10001"]


def test_what_the_image_needs_is_sent_to_its_builder() -> None:
    """All that the file copies is there, and is let through by what keeps the rest away."""
    allowed = {
        line[1:]
        for line in Path(f"{DOCKERFILE}.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = [one.split()[:-1] for one in _instruction("COPY") if not one.startswith("--from")]
    for name in chain.from_iterable(copied):
        assert (DEPLOY.parent / name).exists(), name
        assert name in allowed, name


def _checks() -> dict[str, list[str]]:
    """Return how each container asks whether it is well."""
    (found,) = _instruction("HEALTHCHECK")
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    return {
        "office": json.loads(found[found.index("[") :]),
        "gate": services["gate"]["healthcheck"]["test"][1:],
    }


@pytest.mark.parametrize(("which", "port"), [("office", "8400"), ("gate", "8401")])
def test_a_container_knows_whether_it_is_well(tmp_path: Path, which: str, port: str) -> None:
    """The check of its health passes on a server that lives, and fails where none is."""
    python, *words = _checks()[which]
    assert (python, f":{port}/livez" in words[-1]) == ("python", True)
    with serving(tmp_path / "data", "--workers", "1") as server:
        words[-1] = words[-1].replace(port, str(server.port))
        alive = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    dead = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    assert (alive.returncode, dead.returncode) == (0, 1)


def test_the_compose_file_is_well_formed() -> None:
    """It is what the specification of Compose says, and a linter finds it hardened."""
    merged = json.dumps(yaml.safe_load(COMPOSE.read_text()))  # it has no word for YAML's `<<`
    assert PyCompose.from_json(merged).to_spec().services
    command: list[str | Path] = [BIN / "compose-lint", "--format", "json", COMPOSE]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    findings = json.loads(ran.stdout)["findings"]
    assert {one["rule_id"] for one in findings} <= {_BY_DIGEST}


def test_every_service_is_hardened() -> None:
    """Each has a read-only root, no capability, a bound on memory, and our version of the image."""
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    assert set(services) == {"office", "gate"}
    for name, service in services.items():
        assert service["image"] == f"counterfoil:{__version__}", name
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service.get("command", ["serve"])[0] in TREE, name
    (port,) = services["office"]["ports"]
    assert port.startswith("127.0.0.1:")
