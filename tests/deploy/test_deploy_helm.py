"""The chart below deploy/helm: linted and rendered by Helm, judged by the schemas of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from counterfoil import __version__
from counterfoil.cli.tree import TREE
from counterfoil.runtime.settings import Settings

helm = pytest.importorskip("helm_python", reason="Helm has no wheel for this machine")

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "counterfoil"
SECRET = {"existingSecret": "theirs"}
SEVERAL: dict[str, Any] = {
    "replicas": 3,
    "database": SECRET,
    "keys": SECRET,
    "files": "s3://bucket/prefix",
    "baseUrl": "https://tokens.example.com",
    "env": [{"name": "AWS_REGION", "value": "eu-central-1"}],
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "nats": {"url": "tls://nats.example.com:4222", **SECRET},
}
OWN_CA = {"name": "SSL_CERT_FILE", "value": "/run/counterfoil/mounted/ca.pem"}
FAR: dict[str, Any] = {
    "gate": {
        "enabled": True,
        "office": "https://tokens.example.com",
        "credentialSecret": "theirs",
        "env": [OWN_CA],
        **SECRET,
    },
    "mounted": SECRET,
    "nats": {"url": "tls://nats.example.com:4222", **SECRET},
}
VALUES: dict[str, dict[str, Any]] = {
    "one": {},
    "gate": {
        "gate": {"enabled": True, "assertions": True, "metrics": True, **SECRET},
        "allowedFrom": [{"podSelector": {}}],
    },
    "several": SEVERAL,
    "revocations": {"revocations": {"size": "1Gi", "className": "other"}},
    "signing": {**SEVERAL, "gate": {"enabled": True, "assertions": True, **SECRET}},
    "far": FAR,
}
FIRST, LAST = "1.30", "1.37"
"""The versions of Kubernetes by whose schemas it is judged: the first that it takes, and ours."""


def rendered(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(values, name="release", namespace="tokens")
    for name, text in files.items():
        if name.endswith(".yaml"):
            yield from (one for one in yaml.safe_load_all(text) if one)


def heeded(command: click.Command) -> set[str]:
    """The variables that a command reads: a gate those of its options, others all settings."""
    if command.name == "gate":
        return {str(one.envvar) for one in command.params if one.envvar}
    return set(Settings(data_dir=Path("/")).as_environment())


def pods(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in rendered(values):
        if one["kind"] in {"StatefulSet", "Job"}:
            yield one["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", VALUES)
def test_it_lints(name: str) -> None:
    """Helm has nothing to warn of, with whatever values."""
    report = helm.lint(str(CHART), VALUES[name], strict=True)
    assert report["errors"] == []
    assert [one for one in report["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize("version", [FIRST, LAST])
@pytest.mark.parametrize("name", VALUES)
def test_it_is_what_kubernetes_takes(name: str, version: str) -> None:
    """Whatever is rendered fits the schemas of Kubernetes, which know every field of it."""
    kinds = []
    for one in rendered(VALUES[name]):
        kubernetes_validate.validate(one, version, strict=True)
        kinds.append(one["kind"])
    assert "StatefulSet" in kinds
    assert ("Job" in kinds) == (name in {"several", "signing"})
    assert ("NetworkPolicy" in kinds) == (name == "gate")


@pytest.mark.parametrize("name", VALUES)
def test_every_container_is_hardened(name: str) -> None:
    """Nobody is root, can become it, writes outside its volumes, or has a token of the cluster."""
    for pod in pods(VALUES[name]):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for one in (*pod["containers"], *pod.get("initContainers", ())):
            assert one["image"] == f"counterfoil:{__version__}"
            assert one["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert one["resources"]["limits"]["memory"]
            assert "command" in one or one["args"][0] in TREE


@pytest.mark.parametrize("name", VALUES)
def test_it_says_what_can_be_said(name: str) -> None:
    """Each container is told options and settings that there are, and files that it has."""
    for pod in pods(VALUES[name]):
        for one in (each for each in pod["containers"] if "args" in each):
            verb, *options = one["args"]
            where, _, what = TREE[verb].at.partition(":")  # type: ignore[union-attr]
            command = getattr(import_module(f"counterfoil.{where}"), what)
            command.make_context(verb, ["--data-dir=/", *options])
            told = {each["name"]: each.get("value", "") for each in one.get("env") or ()}
            assert {each for each in told if each.startswith("COUNTERFOIL_")} <= heeded(command)
            named = (each.rpartition("=")[2] for each in (*options, *told.values()))
            folders = {each["mountPath"] for each in one["volumeMounts"]}
            assert {str(Path(each).parent) for each in named if each[:1] == "/"} <= folders


@pytest.mark.parametrize("name", VALUES)
def test_the_level_of_the_log_is_everybodys(name: str) -> None:
    """What `logLevel` says is told to the gate as well as to the office."""
    for pod in pods({**VALUES[name], "logLevel": "warning"}):
        for one in (each for each in pod["containers"] if "args" in each):
            told = {each["name"]: each.get("value") for each in one["env"]}
            assert told["COUNTERFOIL_LOG_LEVEL"] == "warning", one["name"]


def test_it_drains_before_it_is_killed() -> None:
    """Who has another sends to it no more when it is told to stop; it has the time to answer."""
    (pod,) = pods(VALUES["gate"])
    for one in pod["containers"]:
        waits = int(one["lifecycle"]["preStop"]["exec"]["command"][-1])
        assert pod["terminationGracePeriodSeconds"] > waits + 9
        assert one["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert one["livenessProbe"]["httpGet"]["path"] == "/livez"


@pytest.mark.parametrize("name", VALUES)
def test_a_pod_alone_is_asked_whether_it_is_ready_or_not(name: str) -> None:
    """A gate whose office is away decides on, so its service loses it only to one that is ready.

    Readiness is the pod's: an office that is gone would take the gate beside it along.
    """
    made = list(rendered(VALUES[name]))
    (pods_,) = (one["spec"]["replicas"] for one in made if one["kind"] == "StatefulSet")
    services = [one["spec"] for one in made if one["kind"] == "Service"]
    assert services
    for one in services:
        assert one.get("publishNotReadyAddresses", False) is (pods_ == 1)


def test_the_journal_of_revocations_has_a_disk_of_its_own() -> None:
    """Each office writes it below a volume that is not its books', where one is asked for (R12)."""
    (pod,) = pods(VALUES["revocations"])
    (office,) = pod["containers"]
    told = {one["name"]: one.get("value", "") for one in office["env"]}
    places = {one["mountPath"]: one["name"] for one in office["volumeMounts"]}
    assert places[str(Path(told["COUNTERFOIL_REVOCATIONS"]).parent)] == "revocations"
    (made,) = (one for one in rendered(VALUES["revocations"]) if one["kind"] == "StatefulSet")
    claims = {one["metadata"]["name"]: one["spec"] for one in made["spec"]["volumeClaimTemplates"]}
    assert claims["revocations"]["resources"]["requests"]["storage"] == "1Gi"
    assert claims["revocations"]["storageClassName"] == "other"
    (usual,) = (one for one in rendered({}) if one["kind"] == "StatefulSet")
    assert len(usual["spec"]["volumeClaimTemplates"]) == 1


def test_files_that_settings_name_are_mounted() -> None:
    """A setting that names a file finds it in the office, out of a secret of the cluster.

    So does what migrates: the address of a database may name the authority of its certificate.
    """
    several = {**SEVERAL, "mounted": {"existingSecret": "files"}}
    made = [*pods({"mounted": {"existingSecret": "files"}}), *pods(several)]
    for pod in made:
        (one,) = pod["containers"]
        places = {each["name"]: each["mountPath"] for each in one["volumeMounts"]}
        assert places["mounted"] == "/run/counterfoil/mounted"
        (volume,) = (each for each in pod["volumes"] if each["name"] == "mounted")
        assert volume["secret"]["secretName"] == "files"
    assert {pod["containers"][0]["args"][0] for pod in made} == {"serve", "migrate"}


def test_a_gate_that_follows_an_office_elsewhere() -> None:
    """A gate alone is told where its office is, and shows the credential that it was given."""
    (pod,) = pods(FAR)
    (gate,) = pod["containers"]
    assert "--office=https://tokens.example.com" in gate["args"]
    (shown,) = (one for one in gate["args"] if one.startswith("--credential="))
    folders = {one["mountPath"] for one in gate["volumeMounts"]}
    assert str(Path(shown.partition("=")[2]).parent) in folders
    told = {one["name"]: one["value"] for one in gate["env"]}
    assert told["COUNTERFOIL_NATS"] == "tls://nats.example.com:4222"
    assert told["COUNTERFOIL_NATS_CREDENTIALS"] == "/run/counterfoil/nats/credentials"
    assert told["SSL_CERT_FILE"] == OWN_CA["value"]
    names = {one["metadata"]["name"] for one in rendered(FAR) if one["kind"] == "Service"}
    assert all(name.endswith("-gate") for name in names)


def test_the_numbers_of_a_gate_have_a_secret_of_their_own() -> None:
    """Where the gate's secret has a key for it, Prometheus need not be told the proxies' (S54)."""
    for name, own in (
        ("gate", {"--metrics-secret-file=/run/counterfoil/gate/metrics"}),
        ("far", set()),
    ):
        (pod,) = pods(VALUES[name])
        (gate,) = (one for one in pod["containers"] if one["name"] == "gate")
        assert {one for one in gate["args"] if one.startswith("--metrics")} == own
        assert "/run/counterfoil/gate" in {one["mountPath"] for one in gate["volumeMounts"]}


def test_gates_of_several_pods_sign_alike() -> None:
    """Whichever gate an API asks for the key, it verifies what any of them has signed."""
    for name, shared in (("several", False), ("signing", True)):
        (keys,) = next(
            pod["initContainers"] for pod in pods(VALUES[name]) if "initContainers" in pod
        )
        assert ("/run/counterfoil/keys/gate.key" in keys["args"][0]) is shared


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"replicas": 2}, "needs database.existingSecret"),
        ({**SEVERAL, "keys": {"existingSecret": ""}}, "needs keys.existingSecret"),
        ({**SEVERAL, "files": ""}, "needs files, a bucket"),
        ({"gate": {"enabled": True}}, "needs gate.existingSecret"),
        ({"replica": 1}, "'replica' not allowed"),
        ({"logLevel": "loud"}, "'/logLevel'"),
        ({"files": "/srv/files"}, "'/files'"),
        ({"nats": SECRET}, "needs nats.url"),
        ({**FAR, "replicas": 2}, "a credential is for one gate"),
        ({"gate": {**FAR["gate"], "credentialSecret": ""}}, "needs gate.credentialSecret"),
        ({"gate": {**FAR["gate"], "office": ""}}, "needs gate.office"),
        ({"gate": {**FAR["gate"], "enabled": False}}, "needs gate.enabled"),
        ({**FAR, "env": [OWN_CA]}, "gate.env is the gate's"),
        ({**FAR, "revocations": {"size": "1Gi"}}, "there is no office here"),
        ({"revocations": {"journal": "1Gi"}}, "'/revocations'"),
        ({"nats": {"url": "nats://nats:4222"}}, "'/nats/url'"),
    ],
)
def test_what_would_not_run_is_not_rendered(values: dict[str, Any], why: str) -> None:
    """Several pods without what they share, a gate without a secret, and slips are refused."""
    with pytest.raises(helm.HelmError, match=why):
        list(rendered(values))
