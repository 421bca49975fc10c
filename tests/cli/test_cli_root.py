"""The root of the command tree: how it starts, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from cli.conftest import Type
from counterfoil import __version__
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.failure import describe, exit_of, tell
from counterfoil.cli.root import root
from counterfoil.cli.tree import ELSEWHERE, TREE, Noun
from counterfoil.client import errors
from counterfoil.kernel.errors import Code
from support.fake_server import Says, StandIn

HEAVY = {"httpx2", "sqlalchemy", "falcon", "granian", "rich", "msgspec", "lmdb", "alembic", "ssl"}
TOKEN = "cfp_" + "t" * 49


def run_alone(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python that has loaded nothing of ours."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )


def test_saying_the_version_loads_nothing_heavy() -> None:
    """`--version` starts with click and nothing of weight beside it (PERFORMANCE)."""
    program = (
        "import sys; from counterfoil.cli.root import run; code = run(['--version']);"
        "print(code, *sorted(sys.modules), sep='\\n')"
    )
    ran = run_alone(program)
    said, code, *modules = ran.stdout.splitlines()
    assert (said, code) == (f"counterfoil {__version__}", "0")
    assert "click" in modules
    assert not HEAVY & set(modules)
    ours = {name for name in modules if name.startswith("counterfoil")}
    assert ours == {
        "counterfoil",
        "counterfoil.cli",
        "counterfoil.cli.root",
        "counterfoil.cli.exits",
        "counterfoil.cli.lazy",
        "counterfoil.cli.tree",
        "counterfoil.runtime",
        "counterfoil.runtime.cycles",
    }


def test_what_is_done_at_the_machine_loads_no_pages() -> None:
    """Who works at the machine waits for no page, no GraphQL and no server."""
    program = (
        "import sys; from counterfoil.app import auditing, by_hand, found, importing, recover;"
        "print(*sorted(sys.modules), sep='\\n')"
    )
    ran = run_alone(program)
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert "sqlalchemy" in loaded
    assert not loaded & {"granian", "graphql", "jinja2"}
    assert "counterfoil.web" not in ran.stdout.split()


@pytest.mark.parametrize(
    ("words", "code"), [(["pat", "list", "--help"], 0), (["pat", "list", "--nonsense"], 2)]
)
def test_what_asks_nobody_loads_no_http(words: list[str], code: int) -> None:
    """The help of a command, and a mistyped one, wait for no HTTP library and no database."""
    program = (
        f"import sys; from counterfoil.cli.root import run; code = run({words});"
        "print(code, *sorted(sys.modules), sep='\\n', file=sys.stderr)"
    )
    ran = run_alone(program)
    modules = set(ran.stderr.splitlines())
    assert str(code) in modules
    assert not HEAVY & modules


def test_every_command_has_help(typed: Type) -> None:
    """Each command of the table loads and explains itself, and so do its subcommands."""
    ran = typed("--help")
    names = root.list_commands(None)  # type: ignore[arg-type]
    assert all(name in ran.out for name in names)
    for name in names:
        assert typed(name, "--help").code == 0
        command = root.get_command(None, name)  # type: ignore[arg-type]
        for sub in getattr(command, "commands", {}):
            assert "Usage:" in typed(name, sub, "--help").out


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("auth",), ("pat", "nothing"), ("pat", "list", "--nothing"), ("serve",)],
)
def test_a_wrong_command_line_exits_two(typed: Type, arguments: tuple[str, ...]) -> None:
    """What is no command line of ours is click's own 2."""
    assert typed(*arguments).code == Exit.USAGE


def test_a_command_that_is_mistyped_is_guessed(typed: Type) -> None:
    """Whoever mistypes a command is told which they may have meant (A19)."""
    assert "Did you mean token?" in typed("tokn", "list").err
    assert "Did you mean list?" in typed("token", "lsit").err
    assert "Did you mean snippet?" in typed("help", "api", "snipet").err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("pat revoke tok_1", "delete"),
        ("token revoke tok_1", "delete"),
        ("revoke tok_1", "pat delete or token delete"),
        ("gates revoke eu-1", "remove"),
        ("user remove usr_1", "deactivate"),
        ("pat regenerate tok_1", "rotate"),
        ("login", "auth login"),
    ],
)
def test_a_command_by_another_name_is_guessed(typed: Type, arguments: str, meant: str) -> None:
    """Whoever types what it is called elsewhere is told what it is called here, and that alone."""
    assert typed(*arguments.split()).err.endswith(f" Did you mean {meant}?\n")


def test_what_it_is_called_elsewhere_is_no_command_here() -> None:
    """Each name that stands for another leads somewhere, and to a command that is there."""
    trees = [TREE, *(one.verbs for one in TREE.values() if isinstance(one, Noun))]
    for word, names in ELSEWHERE.items():
        for name in names:
            first, _, verb = name.partition(" ")
            noun = TREE.get(first)
            found = verb in noun.verbs if isinstance(noun, Noun) and verb else not verb
            assert found, name
            assert any(first in tree and word not in tree for tree in trees), (word, name)


def test_where_a_word_may_name_no_command_one_that_is_mistyped_is_guessed(typed: Type) -> None:
    """A word that is nearly a command is none of what the command takes that may be left out."""
    nouns = {name: one for name, one in TREE.items() if isinstance(one, Noun) and one.usual}
    assert nouns
    for name, noun in nouns.items():
        for verb in noun.verbs:
            mistyped = typed(name, verb[:-1])
            assert mistyped.code == Exit.USAGE
            assert f"Did you mean {verb}?" in mistyped.err


@pytest.mark.parametrize("method", ["GET", "get", "POST", "PUT", "PATCH", "DELETE"])
def test_no_method_of_a_call_is_taken_for_a_command(typed: Type, method: str) -> None:
    """`api GET /…` is a call, as `api call GET /…` is."""
    short, whole = typed("api", method), typed("api", "call", method)
    assert (short.code, short.err) == (whole.code, whole.err)
    assert "Missing argument 'PATH'" in short.err


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (401, Code.INVALID_TOKEN, 4),
        (401, Code.TOKEN_EXPIRED, 4),
        (401, Code.TOKEN_DISABLED, 4),
        (401, Code.OWNER_DEACTIVATED, 4),
        (401, Code.MISSING_AUTHORIZATION_HEADER, 4),
        (401, Code.TOKEN_PENDING_APPROVAL, 8),
        (403, Code.INSUFFICIENT_SCOPE, 5),
        (403, Code.PAT_CANNOT_CREATE_PAT, 5),
        (403, Code.OUTSIDE_ROOT_NODES, 5),
        (403, Code.STEP_UP_REQUIRED, 5),
        (404, Code.NOT_FOUND, 6),
        (409, Code.TOKEN_QUOTA_EXCEEDED, 7),
        (409, Code.TOKEN_FINAL, 7),
        (412, Code.STALE_VERSION, 7),
        (428, Code.PRECONDITION_REQUIRED, 7),
        (422, Code.SCOPE_ABOVE_ROLE, 1),
        (400, Code.INVALID_REQUEST, 1),
        (429, Code.RATE_LIMIT_EXCEEDED, 9),
        (500, Code.INTERNAL_ERROR, 1),
    ],
)
def test_each_refusal_has_its_exit_code(
    typed: Type, server: StandIn, status: int, code: Code, exit_code: int
) -> None:
    """A script can go by the exit code of what the server said (A19)."""
    said = {"errors": [{"code": str(code), "detail": "Why.", "id": "r-7"}]}
    server.script(Says(status, said, {"retry-after": "3600"}))
    ran = typed("auth", "status", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
    assert ran.code == exit_code
    assert str(code) in ran.err
    assert "r-7" in ran.err
    assert "Why." in ran.err
    assert ran.out == ""


def test_four_reasons_have_four_messages(typed: Type, server: StandIn) -> None:
    """Pending, expired, disabled and unknown-or-revoked each read differently (A19)."""
    told = set()
    for code in ("TOKEN_PENDING_APPROVAL", "TOKEN_EXPIRED", "TOKEN_DISABLED", "INVALID_TOKEN"):
        server.script(Says(401, {"errors": [{"code": code}]}))
        ran = typed("auth", "status", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
        told.add(ran.err.splitlines()[0])
        assert "fix" in ran.err
    assert len(told) == 4


def test_an_old_sign_in_is_told_how_to_go_on(typed: Type, server: StandIn) -> None:
    """Where a fresh proof is asked for, the command says so and names what to type (S44)."""
    said = {"errors": [{"code": "STEP_UP_REQUIRED", "detail": "Sign in again.", "id": "r-8"}]}
    server.script(Says(403, said))
    ran = typed("pat", "create", "laptop", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
    first, *rest = ran.err.splitlines()
    assert (ran.code, first) == (Exit.FORBIDDEN, "✗ You signed in too long ago for this")
    assert "  fix      Sign in once more, then do it again: `counterfoil auth login`." in rest


def test_an_error_is_an_object_where_json_is_asked_for(typed: Type, server: StandIn) -> None:
    """With --json a failure is one JSON object on standard error, with its code and exit (A19)."""
    server.script(Says(403, {"errors": [{"code": "INSUFFICIENT_SCOPE", "detail": "No."}]}))
    ran = typed("auth", "status", "--json", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
    error = json.loads(ran.err)["error"]
    assert (error["code"], error["exit"], error["status"]) == ("INSUFFICIENT_SCOPE", 5, 403)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.Unreachable("x"), 3),
        (errors.Unexpected("x"), 3),
        (errors.CredentialUnusable("x"), 4),
        (errors.SecretLost("x"), 1),
        (PermissionError(13, "Permission denied", "/x"), 1),
        (RuntimeError("x"), 1),
        (Stop(Exit.DRIFT, "x"), 10),
    ],
)
def test_failures_without_an_answer(error: Exception, exit_code: int) -> None:
    """What fails on this side has its exit code and its words too."""
    assert exit_of(error) == exit_code
    assert describe(error)["exit"] == exit_code
    assert describe(error)["what"]


def test_what_is_unforeseen_shows_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is told in a line, with a trace on demand, and never a token in it (S16)."""
    monkeypatch.setenv("COUNTERFOIL_DEBUG", "1")
    assert tell(RuntimeError(f"sent authorization: Bearer {TOKEN}")) == Exit.FAILED
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert TOKEN not in told


def test_a_closed_pipe_is_no_failure() -> None:
    """`counterfoil … | head` ends quietly."""
    program = "from counterfoil.cli import main; main(['--help'])"
    piped = f'{sys.executable} -c "{program}" | true; echo ${{PIPESTATUS[0]}}'
    ran = subprocess.run(["/bin/bash", "-c", piped], capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("variable", "coloured"), [(None, False), ("NO_COLOR", False), ("CLICOLOR_FORCE", True)]
)
def test_colour_goes_by_the_place_and_the_environment(
    typed: Type, monkeypatch: pytest.MonkeyPatch, variable: str | None, *, coloured: bool
) -> None:
    """A pipe gets no colour unless it is forced, and NO_COLOR takes it away everywhere."""
    shine = click.Command("shine", callback=lambda: click.secho("here", fg="green"))
    monkeypatch.setattr(type(root), "get_command", lambda *_: shine)
    for name in ("NO_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    assert typed("shine").out == ("\x1b[32mhere\x1b[0m\n" if coloured else "here\n")
