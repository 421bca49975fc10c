"""An installation begins in a browser: whoever holds the link that its server printed founds it.

The code of the link makes the first organization and its admin, once and while there is nobody.
From then on it is an ordinary invitation of that admin, who chooses by it how they prove who they
are: so a window that is closed in between locks nobody out. `counterfoil init` does the same in a
terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil import directory, tokens
from counterfoil.access.caller import Origin
from counterfoil.content.sample import lay_out
from counterfoil.directory.found import create_organization
from counterfoil.directory.rules import preset_named, proper_email, proper_name
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, new_id, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from counterfoil.signin import policy
from counterfoil.signin.model import Invitation
from counterfoil.signin.steps import invited
from counterfoil.signin.steps.session import OFFICE
from counterfoil.signin.store import invitations


@dataclass(frozen=True, slots=True)
class First:
    """What an installation begins with: an organization, its policy, and its admin.

    `sample` is whether sample content is laid out for a beginning.
    """

    organization: str
    preset: str
    admin: Newcomer
    sample: bool = False


def hand_founding(database: Database, clock: Clock, entropy: Entropy) -> Secret | None:
    """Return the code that founds an installation; None if somebody did. An earlier one is over."""
    with database.reading() as tx:
        prefix = directory.prefix(tx)
        if prefix is None or directory.is_founded(tx):
            return None
    code = Secret.mint(Kind.INVITATION, entropy, prefix)
    with database.transaction() as tx:
        directory.keep_founding(tx, code.digest, clock() + policy.FOUNDING_LIFE)
    return code


def found(office: Office, code: str, first: First, origin: Origin) -> None:
    """Found the first organization, whole; the code lets its admin in from now on.

    Raises:
        Refused: INVALID_INVITATION, whatever is wrong with the code, and where somebody was first.
        Invalid: for a name, a preset or an e-mail address that is none; nothing is founded then.
    """
    _require_proper(first)
    shown = invited.digest_of(code, office.prefix)
    caller = directory.operator(OrganizationId(new_id(office.entropy)))
    with office.work(caller, origin) as work:
        work.head(hold=True)  # of two who found at once, the second finds the first
        good = directory.take_founding(work.tx, shown, work.now)
        if not good or directory.is_founded(work.tx):
            raise policy.uninvited()
        founded = create_organization(work, first.organization, first.preset, first.admin)
        tokens.seed_built_in(work, founded.organization.id)
        invite_first(work, founded.admin.user.id, shown)
        if first.sample:
            lay_out(work)


def _require_proper(first: First) -> None:
    try:
        proper_name(first.organization)
    except Invalid as error:
        raise Invalid(error.code, error.sentence, field="/organization") from None
    preset_named(first.preset)
    proper_name(first.admin.name)
    proper_email(first.admin.email or "")


@operation("user.invite_first", requires=None, methods=OFFICE)
def invite_first(work: Work, user: UserId, shown: bytes) -> None:
    """Let the code by which an organization was founded open the account of its admin."""
    work.permit(target=spell(Prefix.USER, user))
    invitation = Invitation(
        digest=shown,
        organization=work.caller.organization,
        user=user,
        by=None,
        position=work.head() + len(work.events),  # after what this very work says
        made_at=work.now,
        dies_at=work.now + policy.FOUNDING_LIFE,
    )
    invitations.replace(work.tx, invitation)
