"""The client that a command gets: which server, in which organization, by which credential.

Flag, else environment, else project file, else profile. A stored credential goes to the server that
it is for, and to no other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from counterfoil import __version__
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.profile import Profile, ProfileFile
from counterfoil.cli.profile.project import Project, read_project
from counterfoil.cli.talking.credential import bearer, credential_of, warn_of_clear_text
from counterfoil.cli.talking.options import Options
from counterfoil.kernel.usual import USUAL_URL

if TYPE_CHECKING:
    from counterfoil.client import Client, Credential, Kept, SessionTokens


@dataclass(frozen=True, slots=True)
class Server:
    """Where a command goes, and what is remembered of it."""

    url: str
    organization: str | None
    profile: Profile
    file: ProfileFile


def open_client(options: Options) -> Client:
    """Return a client for the server and by the credential that apply.

    Raises:
        Stop: exit 3 for a configuration that cannot be used, exit 4 if there is no credential.
    """
    return _made(options, *credential_for(options))


def client_by(options: Options, credential: Credential) -> Client:
    """Return a client for the server that applies, by a credential that is given for it.

    Raises:
        Stop: exit 3 for a configuration that cannot be used.
    """
    return _made(options, server_of(options, given=True), credential)


def _made(options: Options, server: Server, credential: Credential) -> Client:
    from counterfoil.cli.talking.rehearsal import Rehearsing
    from counterfoil.cli.talking.telling import Telling

    warn_of_clear_text(server.url)
    if options.debug:
        from counterfoil.cli.talking.debug import tell_of_requests

        tell_of_requests()
    make = Rehearsing if options.dry_run else Telling
    return make(server.url, credential, organization=server.organization, agent=agent())


def credential_for(options: Options) -> tuple[Server, Credential]:
    """Return the server that is meant, and the credential for it.

    Raises:
        Stop: as `open_client`.
    """
    given = credential_of(options, os.environ)
    server = server_of(options, given=given is not None)
    credential = given or _stored(server)
    if credential is None:
        raise Stop(
            Exit.UNAUTHENTICATED,
            "There is no credential",
            "Sign in: `counterfoil auth login`, or set COUNTERFOIL_TOKEN.",
        )
    return server, credential


def server_of(options: Options, *, given: bool = False) -> Server:
    """Return which server is meant; `given` says that a credential comes from flag or environment.

    Raises:
        Stop: exit 3 for a file that cannot be used, or a project that points elsewhere.
    """
    named = options.url or os.environ.get("COUNTERFOIL_URL")
    project = read_project(Path())
    file = options.file
    file.name = file.name or project.profile
    # A file that cannot be used is no obstacle to whoever brings all that is needed.
    profile = Profile() if given and named else _profile(file, None if named else project.url)
    if given and not named and project.url:
        require_known(project, profile)
    return Server(
        url=named or project.url or profile.url or USUAL_URL,
        organization=options.organization
        or os.environ.get("COUNTERFOIL_ORGANIZATION")
        or project.organization
        or profile.organization,
        profile=profile,
        file=file,
    )


def _profile(file: ProfileFile, url: str | None) -> Profile:
    """Return the profile that is named, else the one for a project's server, else the one in use.

    Raises:
        Stop: exit 3 for a name that no profile has.
    """
    from counterfoil.client.wire import origin_of

    profiles = file.read_all()
    if file.name is None and url is not None:
        origins = {name: origin_of(one.url or USUAL_URL) for name, one in profiles.named.items()}
        fits = [name for name, origin in origins.items() if origin == origin_of(url)]
        file.name = profiles.current if profiles.current in fits else next(iter(fits), None)
    if file.name is not None and file.name not in profiles.named:
        there = ", ".join(profiles.named) or "none"
        raise Stop(
            Exit.CONFIG,
            f"There is no profile {file.name!r}; there are: {there}",
            f"Make it: `counterfoil auth login --profile {file.name}`.",
        )
    return file.read()


def require_known(project: Project, profile: Profile) -> None:
    """Return if a project's server is one of yours: a stranger's gets no token of the environment.

    Raises:
        Stop: exit 3 if it is not.
    """
    from counterfoil.client.wire import origin_of

    if origin_of(profile.url or USUAL_URL) != origin_of(project.url or USUAL_URL):
        raise Stop(
            Exit.CONFIG,
            f"./counterfoil.toml names {project.url}, which is no server that you know:"
            " the token was not sent there",
            f"If it is right: --url {project.url}, or COUNTERFOIL_URL={project.url}.",
        )


def _stored(server: Server) -> Credential | None:
    from counterfoil.client import Pair, Session
    from counterfoil.client.wire import origin_of

    profile, url = server.profile, server.url
    home = profile.url or USUAL_URL
    if profile.holds and origin_of(home) != origin_of(url):
        raise Stop(
            Exit.CONFIG,
            f"The stored credential is for {home} and is not sent to {url}",
            f"Sign in there: `counterfoil auth login --url {url}`, or set COUNTERFOIL_TOKEN.",
        )
    if profile.pat_token:
        return bearer(profile.pat_token)
    if profile.client_id and profile.client_secret:
        return Pair(profile.client_id, profile.client_secret)
    if profile.session:
        return Session(profile.session, _keeper(server.file))
    return None


def _keeper(file: ProfileFile) -> Callable[[], AbstractContextManager[Kept]]:
    """Return where a stored session is: one process at a time refreshes it, and writes it down."""

    @contextmanager
    def keep() -> Iterator[Kept]:
        with file.held():
            yield _Filed(file)

    return keep


class _Filed:
    """The session in a profile, whose file is held meanwhile."""

    def __init__(self, file: ProfileFile) -> None:
        self._file = file
        self._profile = file.read()

    def tokens(self) -> SessionTokens:
        """Return what is stored now."""
        if self._profile.session is None:
            raise Stop(
                Exit.UNAUTHENTICATED,
                "You have signed out",
                "Sign in: `counterfoil auth login`.",
            )
        return self._profile.session

    def put(self, fresh: SessionTokens, /) -> None:
        """Store what a refresh brought."""
        self._file.write(self._profile.with_session(fresh))


def agent() -> str:
    """Return what this program calls itself."""
    return f"counterfoil-cli/{__version__}"
