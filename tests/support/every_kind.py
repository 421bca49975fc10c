"""Tokens of every kind in an organization, and the end of them all."""

from __future__ import annotations

from counterfoil import tokens
from counterfoil.kernel.errors import Refused
from counterfoil.secret import Kind, Secret
from counterfoil.tokens import Issued, Token
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.revoke_all import Toll, revoke_tokens
from counterfoil.tokens.store import lists
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN
from support.tokens import Agency

WHY = "The database was copied."


def begun(agency: Agency) -> Agency:
    with agency.operating() as work:
        tokens.seed_built_in(work, agency.id)
    return agency


def end_all(agency: Agency) -> Toll:
    """End every token, as the admin."""
    with agency.acting(agency.ada) as work:
        return revoke_tokens(work, WHY)


def a_pair(agency: Agency) -> Issued:
    asked = Wish(name="pipeline", authority="role", subject=agency.roles["editor"].id)
    with agency.acting(agency.ada) as work:
        return create_pair(work, asked)


def exchanged(agency: Agency, pair: Issued) -> Issued:
    """Exchange a pair as the token endpoint does."""
    with agency.office.database.reading() as tx:
        found = tokens.pair_for(tx, str(pair.token.id), pair.secret.digest)
    with agency.office.work(tokens.as_client(found), ORIGIN) as work:
        return tokens.exchange(work)


def attenuated(agency: Agency, secret: Secret) -> Issued:
    with agency.office.work(agency.bearing(secret), ORIGIN) as work:
        return tokens.attenuate(work)


def by_person(agency: Agency) -> Issued:
    """Make an API token with the authority of a person."""
    return agency.api_token(authority="user", subject=agency.dan)


def some_of_each(agency: Agency) -> dict[str, Issued]:
    """Make a token of every kind."""
    personal = agency.granted(agency.dan)
    pair = a_pair(agency)
    mine = Issued(personal.token, personal.secret)
    return {
        "personal": mine,
        "by role": agency.api_token(),
        "by person": by_person(agency),
        "pair": pair,
        "exchanged": exchanged(agency, pair),
        "attenuated": attenuated(agency, personal.secret),
    }


def opens(agency: Agency, made: Issued) -> bool:
    """Say whether a gate lets a token in or, of a pair, whether it is exchanged."""
    if made.token.kind is Kind.CLIENT:
        try:
            exchanged(agency, made)
        except Refused:
            return False
        return True
    return agency.hall.refusal(made.secret) == "allowed"


def built_in(agency: Agency) -> Token:
    with agency.office.database.reading() as tx:
        (id_,) = lists.built_in(tx, agency.id)
    return agency.token(id_)
