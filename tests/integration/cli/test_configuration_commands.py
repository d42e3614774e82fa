"""`check-config`, `apply`, `export` and `credential` as commands, against a real database."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from opsconductor.cli import main

ROOT = Path(__file__).parents[3]

DECLARED = """
connectors:
  - name: noc-hook
    type: webhook
    config: {url: "https://hooks.example.net/token-in-url", secret: "hunter2 hunter2 hunter2"}
notification_rules:
  - name: everything
    channels: [{channel: noc-hook}]
"""

LINK_DOWN = """
oid_mappings:
  - oid_pattern: 1.3.6.1.6.3.1.1.5.3
    alert_type: network_my_link_down
    category: network
    default_severity: minor
    title_template: Link down - {device_name}
"""


class Shell:
    """Runs `opsconductor` in a directory of its own, with a database of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.environment: dict[str, str | None] = {
            **{name: None for name in os.environ if name.startswith("OPSCONDUCTOR")},
            "OPSCONDUCTOR__DATABASE__URL": database_url,
        }

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """Run one command in this process."""
        return CliRunner(env=self.environment).invoke(main, arguments, input=stdin, catch_exceptions=False)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run one command that must succeed and return what it prints."""
        done = self.run(*arguments, stdin=stdin)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout

    def piped(self, *arguments: str, stdin: str) -> str:
        """Run one command as a process of its own with a real standard input."""
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "opsconductor", *arguments],
            env={name: value for name, value in environment.items() if value is not None},
            input=stdin,
            text=True,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text)


@pytest.fixture
def shell(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, database_url)


def test_apply_shows_the_diff_and_the_second_time_nothing(shell: Shell) -> None:
    """Dry run, application and repetition; no output holds a secret."""
    shell.write("a.yaml", DECLARED)
    diff = "+ connector noc-hook\n+ notification_rule everything\n2 added, 0 changed, 0 deleted, 0 unchanged"
    assert shell.ok("apply", "--dry-run", "a.yaml") == f"{diff} (dry run, nothing was changed)\n"
    assert shell.ok("apply", "a.yaml").startswith(f"{diff}\n")
    assert shell.ok("apply", "a.yaml") == "0 added, 0 changed, 0 deleted, 2 unchanged\n"
    shell.write("a.yaml", DECLARED.replace("hunter2 hunter2", "another secret").replace("everything", "all"))
    assert shell.ok("apply", "--prune", "a.yaml").splitlines()[:3] == [
        "~ connector noc-hook: config.secret (secret) -> (another secret)",
        "- notification_rule everything",
        "+ notification_rule all",
    ]


def test_change_of_a_row_made_by_hand_is_shown_as_a_takeover(shell: Shell, database_url: str) -> None:
    """The diff has the field, the old and the new value, and the former owner of the row."""
    asyncio.run(make_own(database_url))
    exported = shell.ok("export")
    shell.write("a.yaml", exported.replace("default_severity: major", "default_severity: critical", 1))
    line = shell.ok("apply", "--dry-run", "a.yaml").splitlines()[0]
    assert line == (
        "~ oid_mapping 1.3.6.1.6.3.1.1.5.3: default_severity major -> critical "
        f"(was made by hand, now from {shell.folder}/a.yaml)"
    )


def test_a_taken_over_row_is_left_alone_until_it_is_taken_back(shell: Shell, database_url: str) -> None:
    """The command names the row and the remedy, and `--take-back` makes it the file's again."""
    shell.write("a.yaml", DECLARED)
    shell.ok("apply", "a.yaml")
    asyncio.run(take_over_rule(database_url, f"{shell.folder}/a.yaml"))
    output_lines = shell.ok("apply", "a.yaml").splitlines()
    assert output_lines[0].startswith("! notification_rule everything was taken over by ada on ")
    assert output_lines[1] == "0 added, 0 changed, 0 deleted, 1 unchanged"
    assert "+ notification_rule everything" in shell.ok("apply", "--take-back", "a.yaml")
    assert shell.ok("apply", "a.yaml") == "0 added, 0 changed, 0 deleted, 2 unchanged\n"


async def take_over_rule(database_url: str, file: str) -> None:
    """Delete the rule of the file, as a user does who takes it over."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("DELETE FROM notification_rules")
    await connection.execute(
        "INSERT INTO taken_over (table_name, key, origin, taken_by) "
        "VALUES ('notification_rules', '[\"everything\"]', $1, 'ada')",
        file,
    )
    await connection.close()


async def make_own(database_url: str) -> None:
    """Make the generic mapping of linkDown one of the operator."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE oid_mappings SET origin = 'own' WHERE mib_object = 'linkDown'")
    await connection.close()


def test_a_generic_mapping_has_no_owner_until_it_is_declared(shell: Shell) -> None:
    """It is not exported; a row for the same trap is added beside it and not changed by an export."""
    assert "linkDown" not in shell.ok("export")
    shell.write("a.yaml", LINK_DOWN)
    assert shell.ok("apply", "a.yaml").startswith("+ oid_mapping 1.3.6.1.6.3.1.1.5.3\n1 added")
    assert "network_my_link_down" in shell.ok("export")


def test_faults_are_reported_one_per_line_with_status_2(shell: Shell) -> None:
    """Nothing is applied, and no fault shows a secret."""
    shell.write(
        "a.yaml", DECLARED.replace("secret:", "secrt:").replace("channel: noc-hook", "channel: noc-hok")
    )
    done = shell.run("apply", "a.yaml")
    assert done.exit_code == 2
    assert [line.split(": found")[0] for line in done.stderr.splitlines()] == [
        "a.yaml:5: connectors[0].config.secrt"
    ]
    assert "hunter2" not in done.stderr + done.stdout
    assert shell.ok("export").find("noc-hook") == -1


def test_export_goes_through_standard_input_without_a_change(shell: Shell) -> None:
    """`export | apply --dry-run -` is the same; a file gets the same text."""
    shell.write("a.yaml", DECLARED)
    shell.ok("apply", "a.yaml")
    exported = shell.ok("export")
    assert "hunter2" not in exported
    assert "token-in-url" not in exported
    assert "secret: vault:connector/noc-hook/secret" in exported
    assert shell.piped("apply", "--dry-run", "--prune", "-", stdin=exported).startswith(
        "0 added, 0 changed, 0 deleted"
    )
    assert shell.ok("export", "--output", "out.yaml") == ""
    assert (shell.folder / "out.yaml").read_text() == exported


def test_rows_of_standard_input_are_marked_as_of_the_command_line(shell: Shell) -> None:
    """They can be pruned like those of files."""
    shell.piped("apply", "-", stdin="devices: [{ip_address: 10.0.0.1, name: a}]\n")
    shell.write("b.yaml", "devices: [{ip_address: 10.0.0.2, name: b}]\n")
    assert "- device 10.0.0.1" in shell.ok("apply", "--prune", "b.yaml")


def test_pruning_with_nothing_declared_is_refused(shell: Shell) -> None:
    """An empty file, or a pipe whose other end has failed, does not wipe the configuration."""
    shell.write("empty.yaml", "# nothing\n")
    done = shell.run("apply", "--prune", "empty.yaml")
    assert done.exit_code == 2
    assert "nothing is declared" in done.stderr
    assert shell.ok("apply", "empty.yaml") == "0 added, 0 changed, 0 deleted, 0 unchanged\n"


def test_check_config_names_settings_that_need_another_one(shell: Shell) -> None:
    """An identity provider without an address of the page, and what is ignored; the status stays 0."""
    shell.write(
        "settings.yaml",
        "accounts:\n  oidc: {issuer: https://id.example.org, client_id: x, default_roles: viewer}\n"
        "heartbeat: {every: 30s}\n",
    )
    done = shell.run("check-config", "settings.yaml")
    assert done.exit_code == 0
    assert done.stderr == (
        "! accounts.oidc: the provider cannot send browsers back: set public_url, the address of the page, "
        "and restart\n"
        "! heartbeat: every has no effect: set heartbeat.url\n"
    )
    assert done.stdout == "settings.yaml: no faults; 0 rows declared in 0 provisioning files\n"


def test_check_config_checks_the_file_and_what_it_provisions(shell: Shell) -> None:
    """Good: one line and status 0. Bad: all faults and status 2."""
    shell.write("a.yaml", DECLARED)
    shell.write("settings.yaml", "provision: [a.yaml]\n")
    assert shell.ok("check-config", "settings.yaml") == (
        "settings.yaml: no faults; 2 rows declared in 1 provisioning file\n"
    )
    assert shell.ok("--config", "settings.yaml", "check-config").startswith("settings.yaml: no faults")
    assert shell.ok("check-config").startswith("defaults: no faults; 0 rows")
    shell.write("a.yaml", DECLARED.replace("webhook", "web hook").replace("name: everything", "nam: x"))
    done = shell.run("check-config", "settings.yaml")
    assert done.exit_code == 2
    assert [line.split(": found")[0] for line in done.stderr.splitlines()] == [
        "a.yaml:4: connectors[0].type",
        "a.yaml:7: notification_rules[0].name",
        "a.yaml:7: notification_rules[0].nam",
    ]
    shell.write("settings.yaml", "log: {level: loud}\nprovison: []\n")
    assert len(shell.run("check-config", "settings.yaml").stderr.splitlines()) == 2


def test_credentials_are_kept_listed_and_deleted(shell: Shell) -> None:
    """From standard input or a file; the list shows names, and nothing shows the secret."""
    shell.write("secret.txt", "hunter2\n")
    assert "vault:smtp" in shell.ok("credential", "set", "smtp", stdin="hunter2\n")
    assert "vault:hook/x" in shell.ok("credential", "set", "hook/x", "--from-file", "secret.txt")
    listed = shell.ok("credential", "list")
    assert [line.split()[0] for line in listed.splitlines()] == ["name", "hook/x", "smtp"]
    assert "hunter2" not in listed
    shell.ok("credential", "delete", "smtp")
    done = shell.run("credential", "delete", "smtp")
    assert (done.exit_code, done.stderr) == (1, "Error: the vault has no secret named smtp\n")
    done = shell.run("credential", "set", "two words", stdin="x")
    assert done.exit_code == 1
    assert "is not a valid name in the vault" in done.stderr


def test_a_new_key_encrypts_everything(shell: Shell) -> None:
    """Secrets are opened by the new key only, the former one is kept, an interrupted change is completed."""
    shell.write("a.yaml", DECLARED)
    shell.ok("apply", "a.yaml")
    shell.ok("credential", "set", "smtp", stdin="hunter2")
    data = shell.folder / "var"
    before = (data / "secrets.key").read_text()
    assert "3 secrets, 0 second factors and the contact methods of 0 people have a new key" in shell.ok(
        "credential", "rotate"
    )
    after = (data / "secrets.key").read_text()
    assert (data / "secrets.key.old").read_text() == before != after
    shell.ok("credential", "set", "smtp", stdin="hunter3")
    (data / "secrets.key").write_text(before)
    assert "encrypted with another key" in shell.run("credential", "set", "smtp", stdin="x").stderr
    (data / "secrets.key.new").write_text(after)
    (data / "secrets.key.new").chmod(0o600)
    assert "is complete" in shell.ok("credential", "rotate")
    shell.ok("credential", "set", "smtp", stdin="hunter4")


def test_a_large_apply_prints_a_summary(shell: Shell) -> None:
    """Of hundreds of new rows some are shown and the rest counted; `--all` shows every one."""
    devices = "".join(f"  - {{ip_address: 10.0.{n // 250}.{n % 250}, name: d{n}}}\n" for n in range(300))
    shell.write("many.yaml", f"devices:\n{devices}")
    lines = shell.ok("apply", "--dry-run", "many.yaml").splitlines()
    assert lines[-2:] == [
        "+ ... and 295 more devices (--all shows them)",
        "300 added, 0 changed, 0 deleted, 0 unchanged (dry run, nothing was changed)",
    ]
    assert len(lines) == 7
    assert len(shell.ok("apply", "--dry-run", "--all", "many.yaml").splitlines()) == 301


def test_missing_secret_is_reported_while_applying(shell: Shell) -> None:
    """A missing reference is applied; file, line, key and the command that adds the secret are shown."""
    text = DECLARED.replace("hunter2 hunter2 hunter2", "vault:hook")
    shell.write("a.yaml", text)
    line = 1 + text[: text.index("vault:hook")].count("\n")
    assert (
        f"! a.yaml:{line}: connectors[0].config.secret: found vault:hook, which the vault does not hold, "
        "expected a stored secret: opsconductor credential set hook"
    ) in shell.ok("apply", "a.yaml")


def test_another_key_is_refused(shell: Shell) -> None:
    """A secret that the daemon could not open is not stored."""
    shell.ok("credential", "set", "smtp", stdin="hunter2")
    shell.environment["OPSCONDUCTOR__SECRETS__KEY"] = "00" * 32
    done = shell.run("credential", "set", "other", stdin="x")
    assert done.exit_code == 1
    assert "encrypted with another key" in done.stderr


def test_database_that_is_away_is_one_line(shell: Shell) -> None:
    """No traceback, status 1."""
    shell.environment["OPSCONDUCTOR__DATABASE__URL"] = f"postgresql://x@/x?host={shell.folder}"
    done = shell.run("export")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1


def test_embedded_database_serves_the_commands(shell: Shell) -> None:
    """Without `database.url` the commands start the embedded server, and stop it when they are last."""
    del shell.environment["OPSCONDUCTOR__DATABASE__URL"]
    shell.environment["OPSCONDUCTOR__DATA_DIR"] = "var"
    assert "opsconductor export" in shell.ok("export")
    assert (shell.folder / "var/postgres/PG_VERSION").exists()
    assert not (shell.folder / "var/postgres/postmaster.pid").exists()


@pytest.mark.parametrize("folder", ["etc/provision", "etc/examples"])
def test_shipped_files_can_be_applied(shell: Shell, folder: str) -> None:
    """Our examples work, also repeatedly."""
    first = shell.ok("apply", str(ROOT / folder))
    assert "0 changed, 0 deleted, 0 unchanged" in first
    second = shell.ok("apply", str(ROOT / folder))
    assert "0 added, 0 changed, 0 deleted" in second
    assert "hunter2" not in first + second
