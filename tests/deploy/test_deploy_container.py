"""The container file and the compose file: judged, and what they run is run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from compose_spec import PyCompose

from counterfoil import __version__
from counterfoil.cli.tree import TREE
from counterfoil.runtime.settings import Settings
from infra.server import begun, serving
from infra.wait import wait_until

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


def _services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def _checks() -> dict[str, list[str]]:
    """Return how each container asks whether it is well."""
    (found,) = _instruction("HEALTHCHECK")
    return {
        "office": json.loads(found[found.index("[") :]),
        "gate": _services()["gate"]["healthcheck"]["test"][1:],
    }


def test_a_container_knows_whether_it_is_well(tmp_path: Path) -> None:
    """The check of its health passes on a server that lives, and fails where none is."""
    python, *words = _checks()["office"]
    assert (python, ":8400/livez" in words[-1]) == ("python", True)
    with serving(tmp_path / "data", "--workers", "1") as server:
        words[-1] = words[-1].replace("8400", str(server.port))
        alive = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    dead = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    assert (alive.returncode, dead.returncode) == (0, 1)


def test_a_gate_is_asked_where_it_listens(tmp_path: Path) -> None:
    """It is well once it answers at the socket that it was told, and is found dead when it is.

    It begins beside its office, in whatever order, and outlives it.
    """
    gate = _services()["gate"]
    _, listen, where = gate["command"]
    python, *words = _checks()["gate"]
    path = Path(where.removeprefix("unix:"))
    assert (python, listen, str(path) in words[-1]) == ("python", "--listen", True)
    with TemporaryDirectory() as folder:
        here = Path(folder) / path.name
        words[-1] = words[-1].replace(str(path), str(here))

        def is_well() -> bool:
            ran = subprocess.run([sys.executable, *words], capture_output=True, check=False)
            return ran.returncode == 0

        with begun(tmp_path / "data", "gate", "--listen", f"unix:{here}"):
            assert not is_well()
            with serving(tmp_path / "data", "--workers", "1"):
                wait_until(is_well, "the gate to be well")
            assert is_well()
        assert not is_well()


def test_office_and_gate_begin_again_by_themselves() -> None:
    """Neither stands on the other's network, which a container that begins anew has another of.

    The gate has none at all, and its socket lies where a proxy's container can have it too.
    """
    services = _services()
    gate = services["gate"]
    assert gate["network_mode"] == "none"
    path = Path(gate["command"][-1].removeprefix("unix:"))
    assert f"gate:{path.parent}" in gate["volumes"]
    assert not any(one.startswith("gate:") for one in services["office"]["volumes"])
    assert f"--mode 0750 {path.parent}" in DOCKERFILE.read_text()


def _is_kept_out(name: str) -> bool:
    """Say whether what lies beside the compose file goes into no image."""
    lines = Path(f"{DOCKERFILE}.dockerignore").read_text().splitlines()
    return lines.index("!deploy") < lines.index(f"deploy/compose/{name}")


def test_files_that_settings_name_come_from_a_folder_that_nobody_sends() -> None:
    """Secrets for containers lie beside the compose file, and go into no commit and no image."""
    office = _services()["office"]
    (mounted,) = (one for one in office["volumes"] if one.startswith("./"))
    name, inside, mode = mounted.split(":")
    assert mode == "ro"
    assert "*" in (COMPOSE.parent / name / ".gitignore").read_text().splitlines()
    assert _is_kept_out(Path(name).name)
    assert f"{inside}/" in COMPOSE.read_text()


def test_every_setting_may_stand_in_a_file() -> None:
    """The office reads all of a file that need not be there, and that goes nowhere else.

    What the compose file says besides is a setting that there is, where that file says nothing.
    """
    office = _services()["office"]
    (file,) = office["env_file"]
    assert file == {"path": ".env", "required": False}
    assert "deploy/compose/.env" in (DEPLOY.parent / ".gitignore").read_text().splitlines()
    assert _is_kept_out(file["path"])
    known = Settings(data_dir=Path("/")).as_environment()
    for service in _services().values():
        for name, value in service["environment"].items():
            assert name in known
            assert value.startswith(f"${{{name}:-")


def test_the_journal_of_revocations_has_a_volume_of_its_own() -> None:
    """It does not lie with the books, and the image has the place, for the office alone (R12)."""
    office = _services()["office"]
    said = office["environment"]["COUNTERFOIL_REVOCATIONS"]
    place = Path(said.partition(":-")[2].removesuffix("}")).parent
    (volume,) = (
        name for name, _, at in (v.partition(":") for v in office["volumes"]) if at == str(place)
    )
    assert volume in yaml.safe_load(COMPOSE.read_text())["volumes"]
    assert volume not in {"books", "gate"}
    assert f"--owner 10001 --group 10001 --mode 0700 {place} " in DOCKERFILE.read_text()
    assert f':{place}"' in COMPOSE.read_text()  # and how another disk is told


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
    services = _services()
    assert set(services) == {"office", "gate"}
    for name, service in services.items():
        assert service["image"] == f"counterfoil:{__version__}", name
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service.get("command", ["serve"])[0] in TREE, name
    (port,) = services["office"]["ports"]
    assert port.startswith("127.0.0.1:")
