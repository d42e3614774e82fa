"""Without an acknowledgement the next person is notified: real traps in, real mails out."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, LINK_UP, port
from tests.acceptance.outages.test_outage_notifications import mails_when
from tests.support.daemons.daemon import Daemon, running
from tests.support.daemons.terminal import invoked
from tests.support.notify.smtp_server import SENDER, Mailbox, served


def declare_people(daemon: Daemon, smtp_port: int) -> None:
    """Notify anna at once, bob after two seconds and carl after ten minutes."""
    mail = {"host": "localhost", "port": smtp_port, "tls": "none", "from": SENDER}
    people = [
        {"name": name, "contact_methods": [{"channel": "mail", "recipient": f"{name}@example.org"}]}
        for name in ("anna", "bob", "carl")
    ]
    people[0]["contact_methods"] += [  # type: ignore[operator]
        {"channel": "mail", "recipient": "anna.phone@example.org", "minimum_severity": "critical"}
    ]
    rotation = {"name": "weekly", "starts": "2026-01-05", "handover": "08:00", "participants": ["anna"]}
    daemon.declare(
        "noc",
        connectors=[{"name": "mail", "type": "email", "config": mail}],
        people=people,
        teams=[{"name": "second", "members": ["bob"]}],
        schedules=[{"name": "noc", "time_zone": "Europe/Berlin", "layers": [rotation]}],
        escalation_policies=[
            {
                "name": "core",
                "steps": [
                    {"notify": [{"schedule": "noc"}]},
                    {"after": "2s", "notify": [{"team": "second"}]},
                    {"after": "10m", "notify": [{"person": "carl"}]},
                ],
            }
        ],
        notification_rules=[
            {
                "name": "links",
                "conditions": {"alert_type": "network_*"},
                "channels": [{"escalation": "core"}],
            }
        ],
    )


def received(mails: list[EmailMessage]) -> list[tuple[str, bool]]:
    """List the names of the recipients in order, and whether the problem was over."""
    return [
        (str(mail["To"]).partition("@")[0].strip("<"), "RESOLVED" in str(mail["Subject"])) for mail in mails
    ]


async def test_the_next_step_follows_until_somebody_acknowledges(daemon: Daemon) -> None:
    """Anna is on call; bob follows and acknowledges; both get the recovery."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare_people(daemon, smtp_port)
        async with running(daemon):
            await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
            mails = await mails_when(mailbox, lambda mails: len(mails) == 2)
            assert received(mails) == [("anna", False), ("bob", False)]
            (alert,) = await daemon.alerts()
            assert alert["reroute_at"] is not None
            who = await daemon.run("rules", "who", str(alert["id"]))
            assert "anna is on call in noc (layer weekly)" in who
            assert "step 3 of escalation core" in who
            why = await daemon.run("alerts", "why", str(alert["id"]), "--for", "anna")
            assert "anna was not notified over mail: minimum_severity is critical, the alert is major" in why
            why = await daemon.run("alerts", "why", str(alert["id"]), "--for", "carl")
            assert "step 3 of escalation core is due at" in why
            await daemon.run("alerts", "ack", str(alert["id"]))
            (alert,) = await daemon.alerts()
            assert alert["reroute_at"] is None
            await daemon.trap(LINK_UP, *port(1), tool="snmpinform")
            mails = await mails_when(mailbox, lambda mails: len(mails) == 4)
            assert sorted(received(mails)[2:]) == [("anna", True), ("bob", True)]
            detail: Any = await daemon.api(f"/alerts/{alert['id']}/why")
            assert [each["person"] for each in detail["data"]["notified"]] == ["anna", "bob"]
        exported = await daemon.run("export")
    assert "escalation_policies:" in exported
    assert "restricted_to" not in exported


async def test_an_escalation_goes_on_after_a_restart(daemon: Daemon) -> None:
    """The planned step is in the database: the next person is notified by the next daemon."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare_people(daemon, smtp_port)
        async with running(daemon):
            await daemon.trap(LINK_DOWN, *port(2), tool="snmpinform")
            await mails_when(mailbox, lambda mails: len(mails) == 1)
        async with running(daemon):
            mails = await mails_when(mailbox, lambda mails: len(mails) == 2)
    assert received(mails) == [("anna", False), ("bob", False)]


async def test_somebody_else_is_put_on_call(daemon: Daemon) -> None:
    """An override takes effect at once, also while a file has faults; it is deleted again; gaps are shown."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare_people(daemon, smtp_port)
        async with running(daemon):
            daemon.declare("faulty", teams=[{"name": "third", "members": ["nobody"]}])
            assert "noc: anna  (weekly)" in await daemon.run("oncall", "now")
            assert "noc: no one" in await daemon.run("oncall", "at", "2026-01-01T00:00")
            added = await daemon.run(
                "oncall", "override", "noc", "carl", "--from", "2026-01-01T00:00", "--to", "2026-12-31T00:00"
            )
            assert "noc: carl  (override)" in await daemon.run("oncall", "now")
            await daemon.trap(LINK_DOWN, *port(3), tool="snmpinform")
            mails = await mails_when(mailbox, lambda mails: len(mails) == 1)
            assert received(mails) == [("carl", False)]
            assert added.split()[0] in await daemon.run("oncall", "overrides")
            await daemon.run("oncall", "restore", added.split()[0])
            assert "noc: anna  (weekly)" in await daemon.run("oncall", "now")
            shown = await daemon.run("oncall", "show", "noc", "--days", "14", "--from", "2026-01-01T00:00")
            assert "NO ONE" in shown
            assert "anna  (weekly)" in shown


async def test_who_is_disabled_is_not_notified(daemon: Daemon) -> None:
    """From the moment of the call; a reload of the file that declares the person does not undo it."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare_people(daemon, smtp_port)
        async with running(daemon):
            key = daemon.local_token()
            page = f"http://127.0.0.1:{daemon.api_port}"
            await daemon.run("users", "--server", page, "--token", key, "disable", "anna")
            await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
            mails = await mails_when(mailbox, lambda mails: len(mails) == 1)
            assert received(mails) == [("bob", False)]
            assert (await daemon.api("/system/reload", {}))["success"]
            users: Any = await daemon.api("/users")
            assert [(each["username"], each["enabled"]) for each in users["data"]][:2] == [
                ("anna", False),
                ("bob", True),
            ]
            await daemon.trap(LINK_DOWN, *port(2), tool="snmpinform")
            mails = await mails_when(mailbox, lambda mails: len(mails) == 2)
            assert received(mails) == [("bob", False), ("bob", False)]


async def test_a_rule_that_reaches_no_one_is_an_alert(daemon: Daemon) -> None:
    """When the only person whom it names is disabled; health and doctor name the rule, too."""
    declare_people(daemon, 1)
    alone = {"name": "power", "conditions": {"alert_type": "power_*"}, "channels": [{"person": "anna"}]}
    daemon.declare("alone", notification_rules=[alone])
    at = ("--server", f"http://127.0.0.1:{daemon.api_port}", "--token")
    kind = "application_rule_reaches_no_one"
    async with running(daemon):
        await daemon.run("users", *at, daemon.local_token(), "disable", "anna")
        await daemon.troubles_when(lambda found: (kind, "active") in found)
        health: Any = await daemon.api("/system/health")
        assert (health["data"]["status"], health["data"]["unreached_rules"]) == ("degraded", ["power"])
        _, report = await daemon.ended("doctor")
        assert "rule power reaches no one" in report
        await daemon.run("users", *at, daemon.local_token(), "enable", "anna")
        await daemon.troubles_when(lambda found: (kind, "resolved") in found or not found)


HOLIDAY = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:holiday
DTSTART;TZID=Europe/Berlin:20990101T080000
DTEND;TZID=Europe/Berlin:20990102T080000
SUMMARY:on call
ATTENDEE;CN=Somebody:mailto:bob@example.org
END:VEVENT
END:VCALENDAR
"""


async def test_a_schedule_is_exchanged_with_calendars(daemon: Daemon, tmp_path: Path) -> None:
    """Events of a file become overrides, once for each UID; the schedule is exported with them."""
    declare_people(daemon, 1)
    file = tmp_path / "holiday.ics"
    file.write_text(HOLIDAY)
    async with running(daemon):
        imported = ("oncall", "import", "noc", str(file))
        assert "added  bob from 2099-01-01 07:00" in await daemon.run(*imported, "--dry-run")
        assert "no overrides" in await daemon.run("oncall", "overrides")
        assert "added  bob" in await daemon.run(*imported)
        assert "unchanged  bob" in await daemon.run(*imported)
        assert "noc: bob  (override)" in await daemon.run("oncall", "at", "2099-01-01T12:00")
        file.write_text(HOLIDAY.replace("bob@example.org", "carl@example.org"))
        assert "changed  carl" in await daemon.run(*imported)
        exported = await daemon.run("oncall", "export", "noc", "--from", "2098-12-31T00:00", "--days", "4")
        assert exported.startswith("BEGIN:VCALENDAR")
        wanted = "DTSTART:20990101T070000Z\r\nDTEND:20990102T070000Z\r\nDESCRIPTION:on call in noc (override)"
        assert "SUMMARY:carl" in exported
        assert all(line in exported for line in wanted.split("\r\n"))
        file.write_text(HOLIDAY.replace("bob@", "dora@"))
        done = await invoked("--config", str(daemon.folder / "opsconductor.yaml"), *imported)
        assert done.exit_code == 1
        assert "event 1 'on call' (UID holiday): found no known person" in done.output
        assert "carl" in await daemon.run("oncall", "overrides")
        file.write_text(HOLIDAY.replace("SUMMARY", "STATUS:CANCELLED\nSUMMARY"))
        assert "deleted  holiday" in await daemon.run(*imported)
        assert "no overrides" in await daemon.run("oncall", "overrides")
