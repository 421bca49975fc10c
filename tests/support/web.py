"""What the people of the sample have before a browser opens: tokens in every state."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.demo.seed import Seeder
from counterfoil.directory.enroll import assign
from counterfoil.directory.show import list_apis
from counterfoil.kernel.ids import NodeId, OrganizationId, RoleId, TokenId, UserId
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.office import Office
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens
from counterfoil.tokens.approve import approve
from counterfoil.tokens.key_pair import create_pair, list_pairs, revoke_pair
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import list_tokens, show_token
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from counterfoil.webhooks.register import create_webhook
from counterfoil.webhooks.wish import Wish as Hook
from support.office import ORIGIN
from support.worn import age, flag, wear

LONG = "the-nightly-export-of-every-content-type-schema-to-the-backup-bucket-in-frankfurt"


def stock(data_dir: Path) -> dict[str, str]:
    """Give Ann and Ben tokens and Ann a webhook, where nobody serves yet; return ids by name."""
    kept = json.loads((data_dir / "sample.json").read_text())
    made: dict[str, str] = {}
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        office = seeder.office
        ann, ben = (caller_of(office, kept, name) for name in ("Ann", "Ben"))
        read = scopes(Scope.CONTENT_READ, Scope.ASSETS_READ, Scope.CONTENT_TYPES_READ)
        site = frozenset({NodeId(int(kept["nodes"]["/site"]))})
        made["role"] = str(kept["roles"]["tokens_only"])
        made["ben"] = str(kept["users"]["Ben"])
        made["dx-cli-laptop"] = _token(office, ann, "dx-cli-laptop", scopes=read, roots=site)
        made["soon"] = _token(office, ann, "ci-schema-export", days=5, scopes=read)
        made[LONG] = _token(office, ann, LONG, description="Runs at 02:00.", inherit=True)
        made["off"] = _token(office, ann, "old-preview", inherit=True)
        made["gone"] = _token(office, ann, "old-migration", inherit=True)
        made["waiting"] = _token(office, ben, "agent-experience-pipeline", inherit=True)
        made["too-wide"] = _token(office, ben, "too-wide", scopes=read, justification="Just so.")
        made["steady"] = _token(office, ben, "steady", inherit=True)
        with office.read(ann, ORIGIN) as work:
            steady = show_token(work, TokenId(int(made["steady"]))).request
        assert steady is not None
        with office.work(ann, ORIGIN) as work:
            approve(work, steady.id, steady.version, Wish())
        with office.read(ann, ORIGIN) as work:
            asked = show_token(work, TokenId(int(made["waiting"]))).request
        made["request"] = str(asked.id) if asked else ""
        reader = Wish("nightly-export", authority="role", subject=int(kept["roles"]["reader"]))
        with office.work(ann, ORIGIN) as work:
            made["pair"] = str(create_pair(work, reader).token.id)
        with office.read(ann, ORIGIN) as work:
            made["registered"] = str(list_apis(work)[0].id)
        hook = Hook("build-server", "https://hooks.example.invalid/", ("content.published",))
        with office.work(ann, ORIGIN) as work:
            made["webhook"] = str(create_webhook(work, hook).webhook.id)
        wear(office, ann, made["soon"])
        age(office, made["off"])
        wish = Wish(
            "the-harbour-app", authority="user", subject=int(kept["users"]["Rita"]), roots=site
        )
        with office.work(ann, ORIGIN) as work:
            made["api"] = str(create_api_token(work, wish).token.id)
        with office.work(ann, ORIGIN) as work:
            disable(work, TokenId(int(made["off"])))
        with office.work(ann, ORIGIN) as work:
            revoke(work, TokenId(int(made["gone"])))
    return made


def only(data_dir: Path, ids: Collection[str]) -> None:
    """Revoke what people of the sample have besides these tokens, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        for name in ("Ann", "Ben", "Rita"):
            caller = caller_of(seeder.office, kept, name)
            with seeder.office.work(caller, ORIGIN) as work:
                for one in list_tokens(work, Wanted(LARGEST), caller.user, _LIVE).items:
                    if str(one.token.id) not in ids:
                        revoke(work, one.token.id)


def forget_api_tokens(data_dir: Path, ids: Collection[str]) -> None:
    """Revoke API tokens besides these, the sample's and the built-in one, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            for one in list_api_tokens(work):
                if not one.built_in and one.name != "demo-manager" and str(one.id) not in ids:
                    revoke_api_token(work, one.id)


def forget_pairs(data_dir: Path, ids: Collection[str]) -> None:
    """Revoke key-and-secret pairs besides these, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            for one in list_pairs(work, Wanted(LARGEST), _LIVE).items:
                if str(one.id) not in ids:
                    revoke_pair(work, one.id)


def give_roles(data_dir: Path, name: str, *roles: str) -> None:
    """Give a person of the sample these roles in place of theirs, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        with seeder.office.work(ann, ORIGIN) as work:
            given = [RoleId(int(kept["roles"][role])) for role in roles]
            assign(work, UserId(int(kept["users"][name])), given)


def give_secret(data_dir: Path, name: str, called: str) -> tuple[str, str]:
    """Give one more API token to the organization as somebody; return its id and its secret."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        caller = caller_of(seeder.office, kept, name)
        role = int(kept["roles"]["reader"])
        end = seeder.office.clock() + timedelta(days=30)
        wish = Wish(called, authority="role", subject=role, surfaces=ALL_SURFACES, expires_at=end)
        with seeder.office.work(caller, ORIGIN) as work:
            made = create_api_token(work, wish)
        return str(made.token.id), made.secret.reveal()


def give_api_tokens(data_dir: Path, called: str, count: int, days: int) -> None:
    """Give so many API tokens to the organization, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        end = seeder.office.clock() + timedelta(days=days)
        reader = int(kept["roles"]["reader"])
        with seeder.office.work(ann, ORIGIN) as work:
            for one in range(count):
                wish = Wish(f"{called}-{one}", authority="role", subject=reader, expires_at=end)
                create_api_token(work, wish)


def seeder_of(data_dir: Path) -> Seeder:
    """Return what acts at the machine, in an installation that is served."""
    return Seeder(Settings(data_dir=data_dir))


_LIVE = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))


def give(data_dir: Path, name: str, called: str, **wanted: Any) -> str:
    """Give one more token to somebody of the sample, while it is served; return its id."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        caller = caller_of(seeder.office, kept, name)
        return _token(seeder.office, caller, called, **{"inherit": True, **wanted})


def raise_flag(data_dir: Path, id_: str) -> None:
    """Let something be unlike a token, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(seeder_of(data_dir)) as seeder:
        flag(seeder.office, OrganizationId(int(kept["organization"]["id"])), TokenId(int(id_)))


def give_pair(data_dir: Path, name: str) -> str:
    """Make a key-and-secret pair that lends the reader's power, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(seeder_of(data_dir)) as seeder:
        ann = caller_of(seeder.office, kept, "Ann")
        wish = Wish(name, authority="role", subject=int(kept["roles"]["reader"]))
        with seeder.office.work(ann, ORIGIN) as work:
            return str(create_pair(work, wish).token.id)


def wear_out(data_dir: Path, id_: str) -> None:
    """Let a token or pair have been used for a month, while it is served."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(seeder_of(data_dir)) as seeder:
        wear(seeder.office, caller_of(seeder.office, kept, "Ann"), id_)


def leave_idle(data_dir: Path, id_: str) -> None:
    """Let a token or pair have been made a hundred days ago, and used never, while it is served."""
    with closing(seeder_of(data_dir)) as seeder:
        age(seeder.office, id_)


def bury(data_dir: Path, id_: str) -> None:
    """Let a token have been made 200 days ago, and have ended 100 days ago."""
    with closing(Seeder(Settings(data_dir=data_dir))) as seeder:
        age(seeder.office, id_, days=200, ended=100)


def _token(office: Office, caller: Caller, name: str, days: int = 30, **wanted: Any) -> str:
    wish = Wish(name, expires_at=office.clock() + timedelta(days=days), **wanted)
    with office.work(caller, ORIGIN) as work:
        return str(request_token(work, wish).token.id)


def caller_of(office: Office, kept: dict[str, Any], name: str) -> Caller:
    """Return a person of the sample, who signed in just now and may do everything."""
    here = OrganizationId(int(kept["organization"]["id"]))
    grant = directory.operator(here).grant
    user = UserId(int(kept["users"][name]))
    return Caller(here, user, Method.SESSION, grant, authenticated_at=office.clock())
