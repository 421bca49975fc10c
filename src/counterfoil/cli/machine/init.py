"""`counterfoil init`: begin, with an organization and the person who administers it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import good, nothing_done, of_database, settings_of
from counterfoil.cli.output import note, output_options, printable, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking.options import Options, gathered
from counterfoil.kernel.errors import Invalid
from counterfoil.runtime.places import typed

if TYPE_CHECKING:
    from counterfoil.app.found import First
    from counterfoil.directory import Founded
    from counterfoil.runtime.settings import Settings

T = TypeVar("T")

_MOST_BYTES: Final = 4096
_PLACE: Final = "counterfoil-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the command line says of the first organization; None is asked for."""

    organization: str | None
    name: str | None
    email: str | None
    password_file: Path | None
    preset: str


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COUNTERFOIL_DATA_DIR",
    help="Where the installation shall lie. [env: COUNTERFOIL_DATA_DIR]",
)
@click.option("--organization", help="What the organization is called.")
@click.option("--name", help="What its admin is called.")
@click.option("--email", help="The admin's e-mail address, by which they sign in.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A file whose first line is the admin's password; `-` reads it from standard input.",
)
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="The policy to begin with: amplience, datocms, dx, squiz or agility.",
)
@click.option(
    "--agent", is_flag=True, help="Tell this project's agents instead: a skill and an MCP block."
)
@click.option("--url", help="With --agent: the server that they shall use.")
@click.option("--profile", help="With --agent: the profile that holds their token.")
@click.option("--dry-run", is_flag=True, help="Say what would be done or written; do nothing.")
@output_options
@gathered(Said)
def init(
    said: Said,
    *,
    data_dir: Path | None,
    agent: bool,
    url: str | None,
    profile: str | None,
    dry_run: bool,
) -> None:
    """Begin: make the first organization of an empty installation, and its admin.

    What you do not say is asked for on a terminal, and is an error elsewhere. The database is
    embedded in the data directory, or the one at COUNTERFOIL_DATABASE_URL. Where there is an
    organization already, nothing is touched.

    With --agent nothing is begun: it writes how to work here for the agents of the project in this
    folder (SKILL.md), and the block by which their programs start `counterfoil mcp` (.mcp.json).
    """
    if agent:
        from counterfoil.cli.skill import tell_agents

        tell_agents(Path.cwd(), Options(url=url, profile=profile, dry_run=dry_run))
        return
    if url or profile:
        message = "--url and --profile go together with --agent."
        raise click.UsageError(message)
    given = {
        "--data-dir": data_dir,
        "--organization": said.organization,
        "--name": said.name,
        "--email": said.email,
        "--password-file": said.password_file,
    }
    _see_what_is_missing([option for option, value in given.items() if value is None])
    settings = _settings(data_dir)
    if dry_run:
        first = _unless_occupied(settings, lambda: _rehearsed(settings, said))
        note(f"… {first.organization} would be founded in {settings.data_dir}, administered by "
             f"{first.name} ({first.email})")  # fmt: skip
        nothing_done()
        return
    founded = _unless_occupied(settings, lambda: _begun(settings, said))
    if chosen().is_data:
        put_value(_told(settings, founded))
    else:
        _say_what_is_next(settings, founded)


def _begun(settings: Settings, said: Said) -> Founded:
    """Begin in an empty installation; what is wanted is asked for once it is known to be empty."""
    from counterfoil.app.found import find_empty, found

    find_empty(settings)
    return found(settings, _first(said))


def _rehearsed(settings: Settings, said: Said) -> First:
    """Return what would be begun, if it could be."""
    from counterfoil.app.found import find_empty

    find_empty(settings)
    return _first(said)


def _unless_occupied(settings: Settings, do: Callable[[], T]) -> T:
    """Do something in an empty installation; say so if it is none."""
    from sqlalchemy.exc import SQLAlchemyError

    from counterfoil.app.fit import UnreadyError
    from counterfoil.app.found import OccupiedError

    try:
        return do()
    except OccupiedError as error:
        raise Stop(
            Exit.CONFLICT,
            f"This installation is not empty, and is left as it is: {error}",
            "Name another directory with --data-dir, or another database.",
        ) from None
    except UnreadyError as error:
        raise Stop(Exit.CONFIG, str(error)) from None
    except SQLAlchemyError as error:
        where = settings.office_file if not settings.database_url else "COUNTERFOIL_DATABASE_URL"
        raise Stop(
            Exit.CONFIG, f"The database cannot be used ({of_database(error)})", f"See {where}."
        ) from None


def _see_what_is_missing(options: list[str]) -> None:
    """Return if there is a terminal to ask at; nothing else is ever waited for."""
    if options and not sys.stdin.isatty():
        raise Stop(
            Exit.USAGE,
            f"Missing: {', '.join(options)}",
            "Give them, or type this on a terminal to be asked.",
        )


def _settings(data_dir: Path | None) -> Settings:
    if data_dir is None:
        data_dir = Path(_ask("Where shall it lie", str, default=_PLACE))
    return settings_of(data_dir)


def _first(said: Said) -> First:
    """Return what is wanted, each part of it good; ask for the parts that are missing."""
    from counterfoil.app.found import First
    from counterfoil.directory.rules import preset_named, proper_email, proper_name

    good("--preset", preset_named, said.preset)
    return First(
        organization=_part("Organization", "--organization", proper_name, said.organization),
        name=_part("Your name", "--name", proper_name, said.name),
        email=_part("Your e-mail address", "--email", proper_email, said.email),
        password=_password(said.password_file),
        preset=said.preset,
    )


def _part(question: str, option: str, proper: Callable[[str], str], given: str | None) -> str:
    if given is None:
        return _ask(question, proper)
    good(option, proper, given)
    return proper(given)


def _ask(
    question: str,
    proper: Callable[[str], str],
    *,
    default: str | None = None,
    hidden: bool = False,
) -> str:
    """Ask until the answer is good."""

    def answer(text: str) -> str:
        try:
            return proper(text)
        except Invalid as error:
            raise click.UsageError(error.detail) from None

    answered: str = click.prompt(
        question,
        default=default,
        hide_input=hidden,
        confirmation_prompt=hidden and "Again",
        value_proc=answer,
        err=True,
    )
    return answered


def _password(file: Path | None) -> str:
    from counterfoil.signin import proper_password

    if file is None:
        return _ask("A password", proper_password, hidden=True)
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.readline(_MOST_BYTES)
        else:
            with file.open("rb") as opened:
                raw = opened.readline(_MOST_BYTES)
        password = raw.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise Stop(Exit.CONFIG, f"{file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Stop(Exit.USAGE, "--password-file: This is not text.") from None
    good("--password-file", proper_password, password)
    return password


def _told(settings: Settings, founded: Founded) -> dict[str, object]:
    user = founded.admin.user
    return {
        "data_dir": str(settings.data_dir),
        "organization": {
            "id": str(founded.organization.id),
            "name": founded.organization.name,
        },
        "admin": {"id": str(user.id), "name": user.name, "email": user.email},
        "roles": {name: str(role.id) for name, role in founded.roles.items()},
    }


def _say_what_is_next(settings: Settings, founded: Founded) -> None:
    user, url = founded.admin.user, settings.base_url or f"http://localhost:{settings.port}"
    note(f"✓ {founded.organization.name} is founded, and {user.name} administers it")
    lines = [
        f"What to type next, to sign in as {user.email}:",
        f"  {typed('serve', settings.data_dir)}",
        f"  counterfoil auth login --url {url}",
        "  counterfoil pat create my-laptop --scope content:read",
    ]
    click.echo("\n".join(map(printable, lines)))
