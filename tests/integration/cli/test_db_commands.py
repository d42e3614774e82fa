"""`opsconductor db` as an administrator uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opsconductor.cli import main
from opsconductor.store.postgres import migrate

Run = Callable[..., Result]


@pytest.fixture
def db(empty_database_url: str, tmp_path: Path) -> Run:
    """Provide a function that runs `opsconductor db ...` against an empty database."""

    def run(*arguments: str, text: str = "", **environment: str) -> Result:
        places = {
            "OPSCONDUCTOR__DATABASE__URL": empty_database_url,
            "OPSCONDUCTOR__DATA_DIR": str(tmp_path / "var"),
        }
        runner = CliRunner(env={**places, **environment})
        return runner.invoke(main, ["db", *arguments], input=text, catch_exceptions=False)

    return run


def test_up_and_down(db: Run) -> None:
    """The schema goes to the newest revision and back to nothing; each command prints the revision."""
    assert db("current").stdout == "base\n"
    assert db("upgrade").stdout == f"the database is at revision {migrate.head()}, previously base\n"
    assert db("upgrade").stdout == f"the database is at revision {migrate.head()}, unchanged\n"
    assert db("current").stdout == f"{migrate.head()}\n"
    assert "0001  first schema" in db("history").stdout
    assert db("history").stdout.endswith("<- the database is here\n")
    refused = db("downgrade", "base", text="n\n")
    assert (refused.exit_code, db("current").stdout) == (1, f"{migrate.head()}\n")
    assert db("downgrade", "base", "--yes").stdout.endswith(f"previously {migrate.head()}\n")
    assert db("current").stdout == "base\n"


def test_faults_are_one_line(db: Run, tmp_path: Path) -> None:
    """A mistake or an unreachable server is reported in one line, without a traceback."""
    wrong = db("upgrade", "0815")
    assert wrong.exit_code == 1
    assert wrong.stderr.startswith("Error: revision 0815 does not exist; there are 0001")
    assert wrong.stderr.count("\n") == 1
    away = db("current", OPSCONDUCTOR__DATABASE__URL=f"postgresql://x@/x?host={tmp_path}")
    assert away.exit_code == 1
    assert away.stderr.count("\n") == 1
    assert away.stderr.startswith("Error: ")


def test_prune_deletes_only_on_request(db: Run) -> None:
    """`db prune` counts what is too old and deletes nothing; `--yes` deletes it and confirms the clock."""
    db("upgrade")
    shown = db("prune")
    assert shown.exit_code == 0
    assert "alert_history" in shown.stdout
    assert "Nothing has been deleted" in shown.stdout
    done = db("prune", "--yes")
    assert done.stdout.splitlines()[-1].endswith("nothing")
