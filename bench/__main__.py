"""`make bench`: measure the gate in this process and on this host."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import gateway, guarded, host, proxies, subjects
from bench.clockwork import interleave, p99, tail
from bench.office import found_office
from bench.report import Report
from bench.revoking import Revocations, open_books
from bench.starting import start_ratio
from bench.world import Stream, World, fill_sorted
from counterfoil.app.records import records
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock

HOT = 64
"""So many tokens are presented again and again where memory is measured."""


def main() -> None:
    """Measure, print, write."""
    ask = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    ask.add_argument("--tokens", type=int, default=1_000_000)
    ask.add_argument("--large", type=int, default=10_000_000, help="the largest replica")
    ask.add_argument("--small", type=int, default=10_000, help="the smallest replica")
    ask.add_argument("--revocations", type=int, default=400)
    ask.add_argument("--out", type=Path, default=Path("bench/results/latest.json"))
    wanted = ask.parse_args()
    report = Report(wanted.tokens, wanted.large, wanted.small)
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        at = Path(folder)
        world = _through_the_feed(report, at)
        _verify(report, at, world)
        _rebuild(report, at)
        _revoke(report, at, world, wanted.revocations)
        _sizes(report, at)
        _guarded(report, at)
        _gateway(report, at)
        _proxies(report, at)
    _start(report)
    report.print()
    report.write(wanted.out)


def _through_the_feed(report: Report, at: Path) -> World:
    """Let every token come through the feed, as they do in life."""
    world = World(report.tokens)
    with _timed(f"{report.tokens} tokens through the feed", report):
        replica = Replica(at / "replica")
        replica.catch_up(Stream(world.events()))
    report.ratios["bytes_per_token"] = replica.size() / report.tokens
    shares = report.details["bytes per token, by database"] = host.shares(replica, report.tokens)
    report.explain("bytes_per_token", shares)
    replica.close()
    world.dice.shuffle(world.known)
    return world


def _verify(report: Report, at: Path, world: World) -> None:
    path = at / "replica"
    replica = Replica(path)
    host.remember_open(path, replica)
    cold, warm = (Verifier(replica, system_clock, remember=n) for n in (0, 65_536))
    for verifier in (cold, warm):
        subjects.prove(verifier, world.known)
    hot = world.known[:HOT]
    runs = {
        "bare": subjects.bare(replica, world.known),
        "digest": subjects.digesting(world.known),
        "cold": subjects.decision(cold, world.known),
        "cold, without a node": subjects.decision(cold, world.known, node=False),
        "cold, verify": subjects.verification(cold, world.known),
        "cold, unread bounds": subjects.unread(subjects.decision(cold, world.known)),
        "warm": subjects.decision(warm, hot),
        "verify": subjects.verification(warm, hot),
        "middleware": subjects.middleware(warm, hot),
        "pyjwt": subjects.pyjwt("HS256"),
        "pyjwt, ES256": subjects.pyjwt("ES256"),
    }
    with _timed("verifying", report):
        found = interleave(runs)
    report.spreads("verify", found)
    for name in ("cold", "warm"):
        mine = found[name].median
        report.ratios[f"verify_{name}_vs_bare_get"] = mine / found["bare"].median
        report.ratios[f"verify_{name}_vs_pyjwt_hs256"] = mine / found["pyjwt"].median
        report.ratios[f"verify_{name}_vs_pyjwt_es256"] = mine / found["pyjwt, ES256"].median
        for peer in ("bare_get", "pyjwt_hs256"):
            report.profile(f"verify_{name}_vs_{peer}", runs[name])
    report.ratios["office_gate_vs_verify"] = found["middleware"].median / found["verify"].median
    with _timed("verifying under writes", report), host.writing(path, world):
        busy = interleave({"warm under writes": runs["warm"]}, calls=20_000)
        calm = found["warm"].median
        subjects.prove(warm, world.known)
    report.spreads("under writes", busy)
    report.ratios["verify_under_writes_vs_warm"] = busy["warm under writes"].median / calm
    replica.close()
    with _timed("memory of 8 processes", report):
        ratio, own = host.pss_ratio(path)
    report.ratios["pss_8_verifiers_vs_file"] = ratio
    report.details["own memory of 8 processes, MB"] = round(own, 1)


def _rebuild(report: Report, at: Path) -> None:
    """Build a replica out of an office's own tables, as `counterfoil replica rebuild` does."""
    world = World(report.tokens, seed=2)
    with _timed(f"an office with {report.tokens} tokens", report):
        database = found_office(at / "office", world.events())
    replica = Replica(at / "rebuilt")
    used = time.process_time()
    with _timed("rebuilding", report):
        replica.rebuild(Outbox(database, records))
    report.ratios["rebuild_s_1m"] = time.process_time() - used
    subjects.prove(Verifier(replica, system_clock), world.known)
    report.ratios["bytes_per_token_rebuilt"] = replica.size() / report.tokens
    shares = host.shares(replica, report.tokens)
    report.details["bytes per token rebuilt, by database"] = shares
    report.explain("bytes_per_token_rebuilt", shares)
    replica.close()
    database.close()


def _revoke(report: Report, at: Path, world: World, count: int) -> None:
    replica = Replica(at / "replica")
    database = open_books(at, replica.position())
    late, worst, parts = 0, 0.0, {}
    for workers, known in ((4, world.known[:count]), (8, world.known[count : 2 * count])):
        with _timed(f"revoking before {workers} processes", report):
            done = Revocations(at, workers, known).run(replica, database)
        late += done.late
        worst = max(worst, p99(done.calls))
        parts[f"{workers} processes, ms"] = {
            "call": tail(done.calls),
            "of it until the database has it": tail(done.commits),
            "a bare commit beside it": tail(done.bare),
            "load": host.load(),
        }
    report.ratios["revoke_local_p99_ms"] = worst
    report.explain("revoke_local_p99_ms", parts)
    report.ratios["revoke_local_accepted_after"] = late
    report.details["revoke"] = parts
    replica.close()
    database.close()


def _sizes(report: Report, at: Path) -> None:
    """Compare a small replica with a large one, both filled in one way."""
    runs, worlds = {}, {}
    for name, tokens in (("small", report.small), ("large", report.large)):
        world = worlds[name] = World(tokens, seed=3)
        replica = Replica(at / name)
        with _timed(f"filling {tokens} tokens", report):
            fill_sorted(replica, world)
        verifier = Verifier(replica, system_clock, remember=0)
        subjects.prove(verifier, world.known)
        runs[name] = subjects.decision(verifier, world.known)
        if name == "large":
            replica.close()
            took = sorted(host.restart_ms(at / name, world.known[0]) for _ in range(9))
            report.ratios["restart_ms_10m"] = took[len(took) // 2]
            verifier = Verifier(Replica(at / name), system_clock, remember=0)
            runs[name] = subjects.decision(verifier, world.known)
    found = interleave(runs)
    report.spreads("sizes", found)
    report.ratios["verify_10m_vs_10k"] = found["large"].median / found["small"].median


def _guarded(report: Report, at: Path) -> None:
    """Compare the middleware before an API with the verification in it."""
    with _timed("the middleware", report):
        took = guarded.measure(at / "guarded")
    report.details["middleware, processor time, ns"] = took
    report.ratios["middleware_vs_verify"] = took["middleware"] / took["verify"]
    report.explain("middleware_vs_verify", took)


def _gateway(report: Report, at: Path) -> None:
    """Compare the gateway with a server that decides nothing."""
    with _timed("the gateway as a server", report):
        took = gateway.measure(at / "gateway")
    report.details["gateway, processor time for an answer, us"] = took
    report.ratios["gate_vs_bare_server"] = took["bare"] / took["allowed"]
    refused = max(took["refused"], took["refused, another each time"])
    slower = max(refused, took["forbidden"])
    report.ratios["deny_vs_allow"] = took["allowed"] / slower
    report.ratios["malformed_vs_allow"] = took["malformed"] / took["allowed"]
    report.ratios["gate_vs_same_answer"] = took["saying the same"] / took["allowed"]
    report.explain("gate_vs_bare_server", took)
    report.explain("deny_vs_allow", took)


def _proxies(report: Report, at: Path) -> None:
    """Compare proxies that ask the gateway with the same ones that do not."""
    with _timed("nginx and Caddy before an API", report):
        rates = proxies.measure(at / "proxies")
    report.details["proxies, answers a second"] = rates
    for proxy, key in (
        ("nginx", "nginx_auth_request_vs_proxy_pass"),
        ("caddy", "caddy_forward_auth_vs_reverse_proxy"),
    ):
        allowed = rates[f"{proxy}, allowed"]
        slower = min(rates[f"{proxy}, refused"], rates[f"{proxy}, forbidden"])
        report.ratios[key] = allowed / rates[f"{proxy}, plain"]
        report.ratios[f"{proxy}_deny_vs_allow"] = slower / allowed
        report.explain(key, rates)
    before = "nginx_auth_request_before_flask"
    report.ratios[before] = (
        rates["nginx before Flask, allowed"] / rates["nginx before Flask, plain"]
    )


def _start(report: Report) -> None:
    """Compare a command that does nothing with the least that click can do."""
    with _timed("starting a command", report):
        ratio, parts = start_ratio()
    report.ratios["cli_start_vs_click_hello"] = ratio
    report.explain("cli_start_vs_click_hello", parts)


@contextmanager
def _timed(what: str, report: Report) -> Iterator[None]:
    print(f"{what} …", end=" ", flush=True)
    began = time.perf_counter()
    yield
    took = time.perf_counter() - began
    report.details[f"s, {what}"] = round(took, 1)
    print(f"{took:.1f} s")


if __name__ == "__main__":
    main()
