"""`counterfoil.yaml`: what there shall be. Every key is known, and a wrong one is named.

    policy: {quota: 7}
    apis:
      - name: Orders
        audience: https://orders.example.com
        scopes: [{name: "orders:read", description: See what was ordered.}]
        routes: [{methods: [GET], path: "/orders/{order}", scope: "orders:read", node: "{order}"}]
    roles:
      - {name: press, scopes: ["content:read"], roots: [/site/press]}
    tokens:
      - {name: web-site, role: press, scopes: ["content:read"], surfaces: [delivery], expires: 90d}

A section that is missing is left alone. In an entry, a field that is missing is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from counterfoil.cli.exits import Exit, Stop

Entry = Mapping[str, Any]

_MOST_BYTES: Final = 1024 * 1024
_DIGITS: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_FIELDS: Final[Mapping[str, Mapping[str, type | tuple[type, ...]]]] = {
    "apis": {
        "name": str,
        "audience": str,
        "scopes": list,
        "routes": list,
        "preflights": bool,
        "grace_seconds": int,
    },
    "roles": {"name": str, "scopes": list, "roots": (list, type(None))},
    "tokens": {
        "name": str,
        "description": str,
        "role": str,
        "user": str,
        "enabled": bool,
        "scopes": list,
        "surfaces": list,
        "roots": (list, type(None)),
        "expires": str,
    },
}
_TEXTS: Final[Mapping[tuple[str, str], tuple[frozenset[str], frozenset[str]]]] = {
    ("apis", "scopes"): (frozenset({"name"}), frozenset({"description"})),
    ("apis", "routes"): (frozenset({"methods", "path", "scope"}), frozenset({"node", "changes"})),
}
"""What an entry of such a list must say, and what else it may; texts, but for two."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file says; None for a section that it does not have."""

    policy: Entry | None
    apis: list[Entry] | None
    roles: list[Entry] | None
    tokens: list[Entry] | None


class _Strict(yaml.SafeLoader):
    """YAML in which no key stands twice."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT002 - PyYAML gives the method that this overrides the same default
    ) -> dict[Hashable, Any]:
        read = super().construct_mapping(node, deep=deep)
        if len(read) != len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a key stands here twice", node.start_mark
            )
        return read

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Return what stands there in digits: YAML 1.1 reads `010` as 8, and `1:30` as 90."""
        text = self.construct_scalar(node)
        if _DIGITS.fullmatch(text) is None:
            raise self._unfit(node, "a whole number is written in at most 15 digits, like 30")
        return int(text)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """Return a number: what has none after its point is whole, and none is endless."""
        text = self.construct_scalar(node)
        if _DECIMAL.fullmatch(text) is None:
            raise self._unfit(node, "a number is written in digits, like 0.5")
        return float(text)

    def construct_date(self, node: yaml.ScalarNode) -> str:
        """Return a date as it is written: what it means is read where it stands."""
        return self.construct_scalar(node)

    def _unfit(self, node: yaml.Node, what: str) -> yaml.constructor.ConstructorError:
        return yaml.constructor.ConstructorError(None, None, what, node.start_mark)


_Strict.add_constructor("tag:yaml.org,2002:int", _Strict.construct_yaml_int)
_Strict.add_constructor("tag:yaml.org,2002:float", _Strict.construct_yaml_float)
_Strict.add_constructor("tag:yaml.org,2002:timestamp", _Strict.construct_date)


def read(path: Path) -> Declared:
    """Return what a file declares.

    Raises:
        Stop: exit 3, naming the place of what is wrong.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Stop(Exit.CONFIG, f"{path} cannot be read ({error.strerror})") from None
    if len(raw) > _MOST_BYTES:
        raise Stop(Exit.CONFIG, f"{path} is larger than 1 MiB")
    try:
        said = _Strict(raw).get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        what = getattr(error, "problem", None) or "it is no YAML"
        raise Stop(Exit.CONFIG, f"{path}{where}: {what}") from None
    return _declared(path, {} if said is None else said)


def _declared(path: Path, said: object) -> Declared:
    if not isinstance(said, dict):
        raise _wrong(path, "", "is no mapping")
    for key in said:
        if key not in {"policy", *_FIELDS}:
            raise _wrong(path, str(key), "is no section: there are policy, apis, roles, tokens")
    policy = said.get("policy")
    if policy is not None and not isinstance(policy, dict):
        raise _wrong(path, "policy", "is no mapping")
    return Declared(policy, **{name: _entries(path, name, said.get(name)) for name in _FIELDS})


def _entries(path: Path, section: str, said: object) -> list[Entry] | None:
    if said is None:
        return None
    if not isinstance(said, list):
        raise _wrong(path, section, "is no list")
    names = set()
    for place, entry in enumerate(said):
        at = f"{section}[{place}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise _wrong(path, at, "needs a name")
        _require_fields(path, at, section, entry)
        if entry["name"] in names:
            raise _wrong(path, at, f"is a second {entry['name']!r}")
        names.add(entry["name"])
    return said


def _require_fields(path: Path, at: str, section: str, entry: Entry) -> None:
    known = _FIELDS[section]
    for field, value in entry.items():
        if field not in known:
            raise _wrong(path, f"{at}.{field}", f"is no field: there are {', '.join(known)}")
        if not isinstance(value, known[field]) or (known[field] is int and isinstance(value, bool)):
            raise _wrong(path, f"{at}.{field}", "is of the wrong kind")
        if isinstance(value, list) and not all(map(_is_fitting(section, field), value)):
            raise _wrong(path, f"{at}.{field}", "holds something of the wrong kind")
    if section == "tokens" and "role" in entry and "user" in entry:
        raise _wrong(path, at, "has a role and a user: a token acts by one of them")


def _is_fitting(section: str, field: str) -> Callable[[object], bool]:
    if (section, field) not in _TEXTS:
        return lambda one: isinstance(one, str)
    must, may = _TEXTS[section, field]

    def is_fitting(one: object) -> bool:
        return (
            isinstance(one, dict)
            and must <= one.keys() <= must | may
            and all(_is_kind(name, value) for name, value in one.items())
        )

    return is_fitting


def _is_kind(name: str, value: object) -> bool:
    if name == "methods":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, bool if name == "changes" else str)


def _wrong(path: Path, at: str, what: str) -> Stop:
    return Stop(Exit.CONFIG, f"{path}: {at or 'it'} {what}", "Nothing was sent.")
