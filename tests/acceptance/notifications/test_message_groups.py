"""A rule that groups sends one mail about a device, and one about its end; the rule is exported."""

import yaml

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, LINK_UP, port
from tests.acceptance.outages.test_outage_notifications import mails_when
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import SENDER, Mailbox, served

PORTS = (1, 2, 3)


async def test_a_group_is_one_mail_and_so_is_its_end(daemon: Daemon) -> None:
    """Three ports of one device go down and come back: two mails in one thread."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        mail = {"host": "localhost", "port": smtp_port, "tls": "none", "from": SENDER}
        rule = {
            "name": "devices",
            "conditions": {"source_system": "snmp_trap"},
            "group_by": ["device", "category"],
            "group_wait": "2s",
            "channels": [{"channel": "mail", "recipients": ["noc@example.org"]}],
        }
        connectors = [{"name": "mail", "type": "email", "config": mail}]
        daemon.declare("noc", connectors=connectors, notification_rules=[rule])
        async with running(daemon):
            for number in PORTS:
                await daemon.trap(LINK_DOWN, *port(number))
            (problems,) = await mails_when(mailbox, bool)
            assert str(problems["Subject"]).startswith("[3 ALERTS] 3 major: Link Down")
            text = problems.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            assert "Alerts of the group device=127.0.0.1, category=network" in text
            assert all(f"ifIndex={number}" in text for number in PORTS)
            for number in PORTS:
                await daemon.trap(LINK_UP, *port(number))
            _, over = await mails_when(mailbox, lambda mails: len(mails) > 1)
            subject = str(over["Subject"])
            assert subject.startswith("[3 RESOLVED] Link Down")
            assert " and 2 more, " in subject
            assert over["References"] == problems["References"]
            exported = yaml.safe_load(await daemon.run("export"))
    (found,) = exported["notification_rules"]
    assert (found["group_by"], found["group_wait"]) == (["device", "category"], "2s")
