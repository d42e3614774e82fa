"""`opsconductor trap send`: send test traps and informs, with the options of net-snmp's `snmptrap`."""

import sys
import time
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.facts import known_facts
from opsconductor.cli.trap.notice import read_notice, read_target
from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.exchange import Exchange, ExchangeTimeouts
from opsconductor.snmp.notice import Sender, SenderV1, SenderV2c, SnmpNotice

EPILOG = """
NAME is the name of a notification, such as linkDown or BGP4-MIB::bgpEstablished, or its OID. Each variable
is three words: OID (or a name such as ifIndex.7), type, value. Types: i integer, u gauge, c counter, C 64-bit
counter, t timeticks, a IP address, o OID, s string, x hex string, F float, n null. Put -- before a negative
value.

\b
Examples:
  opsconductor trap send 127.0.0.1:1162 linkDown ifIndex.7 i 7 ifDescr.7 s Gi0/7
  opsconductor trap send --inform 127.0.0.1:1162 linkUp ifIndex.7 i 7
"""


@click.command("send", epilog=EPILOG)
@click.option("-v", "version", type=click.Choice(["1", "2c"]), default="2c", show_default=True)
@click.option("--v1", "version", flag_value="1", help="Same as -v 1.")
@click.option("--v2c", "version", flag_value="2c", help="Same as -v 2c.")
@click.option("-c", "--community", default="public", show_default=True)
@click.option("--agent", help="Agent address of a v1 trap; default: the source address.")
@click.option(
    "--uptime", type=click.IntRange(0, 2**32 - 1), help="sysUpTime.0 in 1/100 s; default: the host's."
)
@click.option("--inform", is_flag=True, help="Send an inform and wait for the answer.")
@click.option("-t", "--timeout", type=click.FloatRange(0.01), default=1.0, show_default=True, help="Seconds.")
@click.option("-r", "--retries", type=click.IntRange(0), default=5, show_default=True, help="Of informs.")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many to send.")
@click.option("--rate", type=click.FloatRange(0.001), help="Number per second; default: unlimited.")
@click.argument("target")
@click.argument("name")
@click.argument("variables", nargs=-1)
@click.pass_obj
def send(
    config_file: Path | None, /, target: str, name: str, variables: tuple[str, ...], **options: Any
) -> None:
    """Send a test trap or inform NAME with VARIABLES to TARGET (host, host:162, [::1]:162).

    For SNMPv3 use net-snmp's snmptrap, which has the same options.
    """
    notice = read_notice(name, variables, options["uptime"], known_facts(config_file))
    host, port = read_target(target)
    try:
        with Exchange(host, port) as exchange:
            sender = _sender(options, exchange.local_address)
            times = _paced(options["count"], options["rate"])
            if options["inform"]:
                timeouts = ExchangeTimeouts(timeout_s=options["timeout"], retries=options["retries"])
                sys.exit(_send_informs(times, lambda: sender.inform(notice, exchange, timeouts)))
            _send_traps(times, sender, notice, exchange)
    except (Unreachable, Rejected) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"sent {options['count']} to {target}; only an inform (--inform) confirms delivery")


def _sender(options: dict[str, Any], local_address: str) -> Sender:
    community = options["community"].encode()
    if options["version"] == "1":
        return SenderV1(community=community, agent=_agent(options["agent"], local_address))
    return SenderV2c(community=community)


def _agent(given: str | None, local_address: str) -> IPv4Address:
    """Parse the agent address; 0.0.0.0 means none (RFC 1157)."""
    try:
        return IPv4Address(given or local_address)
    except AddressValueError as error:
        if given is None:
            return IPv4Address(0)
        raise click.UsageError(f"--agent: {error}") from None


def _paced(count: int, rate: float | None) -> Iterator[int]:
    """Yield numbers from 1, waiting so that the average rate is kept."""
    started = time.monotonic()
    for number in range(1, count + 1):
        wait_s = started + (number - 1) / rate - time.monotonic() if rate else 0
        if wait_s > 0:
            time.sleep(wait_s)
        yield number


def _send_traps(times: Iterator[int], sender: Sender, notice: SnmpNotice, exchange: Exchange) -> None:
    for _ in times:
        exchange.send(sender.trap(notice))


def _send_informs(times: Iterator[int], inform: Callable[[], bool]) -> int:
    """Send informs one after another and print each result; return 1 if any was not answered, otherwise 0."""
    code = 0
    for number in times:
        started = time.perf_counter()
        is_answered = inform()
        took_ms = (time.perf_counter() - started) * 1000
        click.echo(
            f"inform {number} {'answered in' if is_answered else 'NOT ANSWERED after'} {took_ms:.1f} ms"
        )
        code = code if is_answered else 1
    return code
