"""Somebody more in the sample, for tests that give them other roles or shut them out."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit
from uuid import uuid4

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.demo.seed import Seeder
from counterfoil.directory.define_role import create_role
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.gate.record.usage import Outcome, Usage
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.runtime.settings import Settings
from counterfoil.signin import digest_password, invite, set_password
from counterfoil.tokens import Tally
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.request import request_token
from counterfoil.tokens.wish import Wish
from support.founding import bootstrap
from support.office import ORIGIN
from support.web import caller_of


@dataclass(frozen=True)
class Colleague:
    """A person with a token `the-laptop` that follows their roles, and an API token that they lend.

    Attributes:
        user: their id.
        secret: of their token.
        lent: the id of the API token that takes their permissions.
    """

    name: str
    user: str
    secret: str
    lent: str

    def scopes(self, url: str) -> list[str]:
        """Return what their token can do now; nothing if it is refused."""
        line = HTTPConnection(urlsplit(url).netloc, timeout=30)
        try:
            line.request("GET", "/cma/token", headers={"Authorization": f"Bearer {self.secret}"})
            answer = line.getresponse()
            said = answer.read()
            if answer.status == 401:
                return []
            found: list[str] = json.loads(said)["data"]["attributes"]["scopes"]
            return found
        finally:
            line.close()

    def arrives(self, url: str) -> Colleague:
        """Wait until the server knows their token."""
        until = monotonic() + 10
        while not self.scopes(url):
            assert monotonic() < until, "the server never heard of the token"
            sleep(0.05)
        return self


def colleague(data_dir: Path, name: str, *roles: str) -> Colleague:
    """Enrol somebody while the sample is served, with a token that was used just now."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        office = seeder.office
        ann = caller_of(office, kept, "Ann")
        given = [RoleId(int(kept["roles"][role])) for role in roles]
        address = f"{name.replace(' ', '.').lower()}@harbour.example"
        with office.work(ann, ORIGIN) as work:
            user = enroll(work, Newcomer(name, address), given).user.id
        kept["users"][name] = str(user)
        mine = caller_of(office, kept, name)
        with office.work(mine, ORIGIN) as work:
            asked = request_token(work, Wish("the-laptop", inherit=True))
        if asked.request is not None:
            with office.work(ann, ORIGIN) as work:
                approve(work, asked.request.id, asked.request.version, Wish())
        lends = Wish(f"lent-by-{name}", authority="user", subject=user, inherit=True)
        with office.work(ann, ORIGIN) as work:
            lent = create_api_token(work, lends).token.id
        usage = Usage(office.clock)
        token = asked.token.id
        holder = Caller(ann.organization, UserId(user), Method.PERSONAL, Grant(()), token)
        usage.count(holder, Surface.MANAGEMENT, Outcome.ALLOWED, "curl/8.5.0", "192.0.2.7")
        Tally(office.database, usage).flush()
    return Colleague(name, str(user), asked.secret.reveal(), str(lent))


def service_user(data_dir: Path, name: str) -> str:
    """Make a service user who reads, while the sample is served; return what it is called."""
    kept = json.loads((data_dir / "sample.json").read_text())
    called = f"{name}-{uuid4().hex[:6]}"
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            enroll(work, Newcomer(called, None), [RoleId(int(kept["roles"]["reader"]))])
    return called


def custom_role(data_dir: Path, name: str, *held: Scope) -> str:
    """Make a role while the sample is served, for `colleague` too; return its id."""
    path = data_dir / "sample.json"
    kept = json.loads(path.read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            made = create_role(work, name, scopes(*held)).id
    kept["roles"][name] = str(made)
    path.write_text(json.dumps(kept))
    return str(made)


PASSWORD = "three herons on a quay"


def invited_elsewhere(data_dir: Path) -> tuple[str, str, str]:
    """Let another organization invite somebody who signs in here by `PASSWORD`.

    Return what it is called, their address, and the code that they were given.
    """
    kept = json.loads((data_dir / "sample.json").read_text())
    mark = uuid4().hex[:6]
    called, email = f"Lagoon {mark}", f"dora.{mark}@harbour.example"
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        office = seeder.office
        with office.work(caller_of(office, kept, "Ann"), ORIGIN) as work:
            user = enroll(work, Newcomer("Dora", email), []).user.id
        digested = digest_password(PASSWORD, office.entropy)
        here = OrganizationId(int(kept["organization"]["id"]))
        with office.work(directory.operator(here), ORIGIN) as work:
            set_password(work, user, digested)
        address = f"chief.{mark}@lagoon.test"
        founded = bootstrap(office, organization=called, email=address, name="Chief")
        there = founded.organization.id
        grant = directory.operator(there).grant
        now, admin = office.clock(), founded.admin.user.id
        chief = Caller(there, admin, Method.SESSION, grant, authenticated_at=now)
        with office.work(chief, ORIGIN) as work:
            enroll(work, Newcomer("Dora", email), [])
            return called, email, invite(work, user).code.reveal()
