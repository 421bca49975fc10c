"""What went wrong, in the language of a page.

An error's own sentence is the best: it says which figure is too large. What no catalogue has, as a
sentence of a parser that was written for programs, is said by what its code means to a person: so a
page never falls back into another language.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.sentence import Sentence, sentence
from counterfoil.secret import redacted
from counterfoil.web.language import DEFAULT, N_, translations

MEANT: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.MISSING_AUTHORIZATION_HEADER: N_("You are not signed in."),
        Code.INVALID_TOKEN: N_("You are not signed in, or not any more."),
        Code.TOKEN_EXPIRED: N_("The token has expired. Make a successor."),
        Code.TOKEN_DISABLED: N_("The token is switched off."),
        Code.TOKEN_PENDING_APPROVAL: N_("The token waits for approval."),
        Code.TOKEN_HAS_NO_USER: N_("No user is chosen for the token."),
        Code.TOKEN_NOT_YET_VALID: N_("The token does not work yet."),
        Code.OWNER_DEACTIVATED: N_("The person behind it may not come in any more."),
        Code.WRONG_PASSWORD: N_("The e-mail or the password is wrong."),
        Code.INVALID_INVITATION: N_("The code is unknown, used or late: ask for another one."),
        Code.PROVIDER_REFUSED: N_("The provider does not vouch for you. Begin anew."),
        Code.UNKNOWN_IDENTITY: N_("Nobody who may come in here is known by that account."),
        Code.PASSKEY_REFUSED: N_("This passkey lets nobody in here."),
        Code.IP_NOT_ALLOWED: N_("The token may not be used from that address."),
        Code.ROUTE_NOT_LISTED: N_("The API lists no such route."),
        Code.INSUFFICIENT_SCOPE: N_("You lack the scope that this needs."),
        Code.INSUFFICIENT_ROLE: N_("Your role does not allow this here."),
        Code.OUTSIDE_ROOT_NODES: N_("This is outside the chosen root nodes, or there is none."),
        Code.API_NOT_ENABLED_FOR_TOKEN: N_("The token is not let in at this API."),
        Code.CREDENTIAL_KIND_NOT_ADMITTED: N_("This is not done with what you came with."),
        Code.PAT_CANNOT_CREATE_PAT: N_("No token makes personal tokens: sign in."),
        Code.PAT_CANNOT_MANAGE_USERS: N_("No personal token makes or changes users: sign in."),
        Code.NOT_A_MEMBER: N_("You are not a member of this organization."),
        Code.OWN_REQUEST: N_("Nobody decides their own request."),
        Code.STEP_UP_REQUIRED: N_("Sign in again: this asks for a fresh proof of who you are."),
        Code.CROSS_SITE_REQUEST: N_("Another page made your browser send this. Try it here."),
        Code.PASSWORDS_REFUSED: N_("Passwords are refused here: sign in with your provider."),
        Code.PROVIDER_REQUIRED: N_("This organization asks that you sign in at your provider."),
        Code.POLICY_BLOCKED: N_("The policy of the organization does not allow it."),
        Code.NOT_FOUND: N_("There is no such thing, or none that you may see."),
        Code.CONFLICT: N_("As things are, this cannot be done."),
        Code.TOKEN_QUOTA_EXCEEDED: N_("You have as many tokens as the policy allows."),
        Code.UPLOAD_QUOTA_EXCEEDED: N_("Too many files were sent of which nothing was made yet."),
        Code.TOKEN_FINAL: N_("The token is revoked or expired, and stays so."),
        Code.REQUEST_CLOSED: N_("The request is decided already."),
        Code.NAME_TAKEN: N_("Another one has this name."),
        Code.LAST_ADMIN: N_("The organization would have no admin left."),
        Code.IN_USE: N_("Something else still needs it."),
        Code.LOCKED: N_("Somebody else has locked it."),
        Code.IDEMPOTENCY_IN_FLIGHT: N_("This form was sent already, and is still under way."),
        Code.STALE_VERSION: N_("It has changed since you looked: load the page again."),
        Code.INVALID_FIELD: N_("This is not right."),
        Code.SCOPE_ABOVE_ROLE: N_("More is asked for than your role allows."),
        Code.LIFETIME_ABOVE_POLICY: N_("It would end later than the policy allows."),
        Code.EXPIRATION_CANNOT_BE_EXTENDED: N_("An end may come earlier, never later."),
        Code.NON_EDITABLE_ACCESS_TOKEN: N_("This token is built in: its attributes are fixed."),
        Code.IDEMPOTENCY_KEY_REUSED: N_("This form was sent before, and filled in otherwise."),
        Code.INVALID_API_VERSION: N_("What was sent cannot be read."),
        Code.INVALID_ENVIRONMENT: N_("What was sent cannot be read."),
        Code.INVALID_REQUEST: N_("What was sent cannot be read."),
        Code.INVALID_JSON_BODY: N_("What was sent cannot be read."),
        Code.PRECONDITION_REQUIRED: N_(
            "It may have changed since you looked: load the page again."
        ),
        Code.RATE_LIMIT_EXCEEDED: N_("That was too often. Wait a moment, and try again."),
        Code.INVALID_CONTENT_TYPE_HEADER: N_("What was sent cannot be read."),
        Code.INVALID_ACCEPT_HEADER: N_("What was sent cannot be read."),
        Code.METHOD_NOT_ALLOWED: N_("This is not done at this address."),
        Code.BODY_TOO_LARGE: N_("This is too much at once."),
        Code.RANGE_NOT_SATISFIABLE: N_("The file has no such part."),
        Code.NOT_READY: N_("The server cannot answer now. Try again in a moment."),
        Code.QUARANTINED: N_(
            "This server was restored from a backup. Nothing opens here until its operator has "
            "said what is revoked."
        ),
        Code.NO_ROOM: N_(
            "The disk of this server is full. Until its operator has made room, tokens can be "
            "revoked, and nothing else is written."
        ),
        Code.INTERNAL_ERROR: N_("Something broke, and it is our fault."),
    }
)
"""What each code means to a person at a page."""


_STATES: Final = (N_("approved"), N_("cancelled"), N_("denied"), N_("lapsed"))
"""States that stand in such a sentence, beside those that pages name themselves."""


def explained(error: CounterfoilError, language: str) -> str:
    """Return what went wrong, without what looks like a secret (S9)."""
    return in_words(error.code, error.sentence, language)


def in_words(code: Code, detail: str, language: str) -> str:
    """Return an error's own sentence in a language; what its code means where there is none."""
    said = detail if language == DEFAULT else _translated(detail, language)
    return redacted(str(said or translations(language).gettext(MEANT[code])))


def _translated(detail: str, language: str) -> str:
    """Return a sentence in another language; empty if the catalogue lacks it."""
    whole = detail if isinstance(detail, Sentence) else sentence(detail)
    said = translations(language).gettext(whole.template) if whole else ""
    if said == whole.template:
        return ""
    figures = {
        name: (_translated(one, language) or one) if isinstance(one, Sentence) else one
        for name, one in whole.figures.items()
    }
    return said % figures if figures else said
