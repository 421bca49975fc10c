"""What came of it: a table on the terminal, and a file for comparison."""

from __future__ import annotations

import cProfile
import io
import json
import os
import platform
import pstats
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import lmdb

from bench.clockwork import Spread
from bench.host import load

TARGETS: Final[dict[str, tuple[float, str]]] = {
    "verify_cold_vs_bare_get": (3.2, "the whole decision, nothing remembered ÷ a bare look-up"),
    "verify_warm_vs_bare_get": (0.6, "the same, remembered in this state ÷ a bare look-up"),
    "verify_cold_vs_pyjwt_hs256": (0.13, "nothing remembered ÷ PyJWT HS256"),
    "verify_warm_vs_pyjwt_hs256": (0.03, "remembered ÷ PyJWT HS256"),
    "verify_cold_vs_pyjwt_es256": (0.13, "nothing remembered ÷ PyJWT ES256"),
    "verify_warm_vs_pyjwt_es256": (0.03, "remembered ÷ PyJWT ES256"),
    "verify_under_writes_vs_warm": (
        2.0,
        "remembered, with 50 commits a second elsewhere ÷ without",
    ),
    "verify_10m_vs_10k": (2.5, "median at the larger replica ÷ at the smaller"),
    "office_gate_vs_verify": (2.0, "the office's own WSGI gate ÷ verify"),
    "middleware_vs_verify": (
        2.0,
        "the middleware before an API, route and record and all ÷ verify",
    ),
    "pss_8_verifiers_vs_file": (1.2, "replica in the memory of 8 processes ÷ its file"),
    "bytes_per_token": (150.0, "file after every token came through the feed ÷ tokens"),
    "bytes_per_token_rebuilt": (150.0, "file of a replica that was rebuilt ÷ tokens"),
    "restart_ms_10m": (50.0, "open to first verified token, at the larger replica"),
    "rebuild_s_1m": (10.0, "processor time to rebuild a replica from an office in SQLite"),
    "revoke_local_p99_ms": (5.0, "the revoking call, the worse of 4 and 8 processes verifying"),
    "gate_vs_bare_server": (0.85, "answers a second of the gateway ÷ of an empty server"),
    "gate_vs_same_answer": (
        0.0,
        "the same ÷ of a server that decides nothing and says as much; told without a limit",
    ),
    "deny_vs_allow": (0.8, "denials a second of the gateway ÷ its passes"),
    "malformed_vs_allow": (1.0, "processor time of the gateway for no token at all ÷ a pass"),
    "nginx_auth_request_vs_proxy_pass": (
        0.85,
        "answers a second through nginx that asks ÷ through nginx alone, before an empty API",
    ),
    "nginx_auth_request_before_flask": (
        0.0,
        "the same before a view of Flask that reads a row; told without a limit",
    ),
    "nginx_deny_vs_allow": (0.8, "denials a second through nginx ÷ what it lets through"),
    "caddy_forward_auth_vs_reverse_proxy": (0.0, "the same of Caddy; told without a limit"),
    "caddy_deny_vs_allow": (0.8, "denials a second through Caddy ÷ what it lets through"),
    "cli_start_vs_click_hello": (1.3, "processor time of `--version` ÷ of a hello of click"),
    "revoke_local_accepted_after": (0.0, "accepted after the call returned, 4 and 8 processes"),
}
"""Each key, its limit, and what it says. `ratios` in the file holds them all."""

AT_LEAST: Final = frozenset(
    {
        "gate_vs_bare_server",
        "gate_vs_same_answer",
        "deny_vs_allow",
        "nginx_auth_request_vs_proxy_pass",
        "nginx_auth_request_before_flask",
        "nginx_deny_vs_allow",
        "caddy_forward_auth_vs_reverse_proxy",
        "caddy_deny_vs_allow",
    }
)
"""Those that shall be no less than their limit; the others shall be no more."""

_PACKAGES: Final = ("lmdb", "PyJWT", "msgspec", "SQLAlchemy")


@dataclass
class Report:
    """All figures of one run."""

    tokens: int
    large: int
    small: int
    ratios: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    profiles: dict[str, list[str]] = field(default_factory=dict)

    def spreads(self, name: str, found: dict[str, Spread]) -> None:
        """Keep medians and ranges, in nanoseconds."""
        self.details[name] = {key: asdict(spread) for key, spread in found.items()}
        self.details[name]["load"] = load()

    def missed(self, key: str) -> bool:
        """Say whether a figure is beyond its limit."""
        if key not in self.ratios:
            return False
        limit = TARGETS[key][0]
        return self.ratios[key] < limit if key in AT_LEAST else self.ratios[key] > limit

    def explain(self, key: str, parts: Mapping[str, object]) -> None:
        """Keep what a figure is made of, if it is a missed one."""
        if self.missed(key):
            self.profiles[key] = [f"    {name}: {part}" for name, part in parts.items()]

    def profile(self, key: str, run: Callable[[], object], calls: int = 20_000) -> None:
        """Keep where the time of a figure goes, if it is a missed one."""
        if not self.missed(key):
            return
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(calls):
            run()
        profile.disable()
        text = io.StringIO()
        pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(10)
        self.profiles[key] = [line.rstrip() for line in text.getvalue().splitlines()[6:] if line]

    def write(self, path: Path) -> None:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said = asdict(self) | {
            "missed": sorted(key for key in self.ratios if self.missed(key)),
            "targets": {key: limit for key, (limit, _) in TARGETS.items()},
            "machine": {
                "python": sys.version.split()[0],
                "system": platform.platform(),
                "cpus": os.cpu_count(),
                "load": load(),
                "sqlite": sqlite3.sqlite_version,
                "lmdb library": ".".join(map(str, lmdb.version())),
                **{name: version(name) for name in _PACKAGES},
            },
        }
        path.write_text(json.dumps(said, indent=2) + "\n")

    def print(self) -> None:
        """Print the table, and the profile of what was missed."""
        print(f"\n{'':30} {'measured':>10} {'target':>8}")
        for key, (limit, meaning) in TARGETS.items():
            if key in self.ratios:
                mark = "missed" if self.missed(key) else ""
                print(f"{key:30} {self.ratios[key]:10.3f} {limit:8g} {mark:7} {meaning}")
        for key, lines in self.profiles.items():
            print(f"\nWhat {key} is made of:")
            print("\n".join(lines))
