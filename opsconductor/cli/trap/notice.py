"""Parser for the content of a trap on the command line."""

import re
import time
from collections.abc import Sequence

import click

from opsconductor.cli.facts import the_oid
from opsconductor.mib.lookup import MibFacts
from opsconductor.snmp.message.oid import oid_fault
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.typed import encode_value
from opsconductor.snmp.notice import SnmpNotice

TRAP_PORT = 162
_WORDS = 3
_TARGET = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?")


def read_target(text: str) -> tuple[str, int]:
    """Parse `host`, `host:port`, `[v6]:port` or a bare IPv6 address; the default port is 162.

    Raises:
        click.UsageError: It is none of these.
    """
    match = _TARGET.fullmatch(text)
    if match is None and text.count(":") > 1 and "[" not in text:
        return text, TRAP_PORT
    if match is None or not 0 < int(match["port"] or TRAP_PORT) < 1 << 16:
        raise click.UsageError(f"TARGET: found {text!r}, expected host, host:162 or [::1]:162")
    return match["v6"] or match["host"], int(match["port"] or TRAP_PORT)


def read_notice(name: str, words: Sequence[str], uptime: int | None, facts: MibFacts) -> SnmpNotice:
    """Parse the name and the variables of a trap.

    Raises:
        click.UsageError: A name, type or value cannot be parsed; the message names it.
    """
    if len(words) % _WORDS:
        raise click.UsageError(
            f"each variable needs OID, TYPE and VALUE: {len(words)}  words are not a multiple of three"
        )
    triples = [words[at : at + _WORDS] for at in range(0, len(words), _WORDS)]
    if uptime is None:
        uptime = int(time.monotonic() * 100) % (1 << 32)
    varbinds = [_varbind(triple, facts) for triple in triples]
    return SnmpNotice(trap_oid=_oid(name, facts, "notification"), uptime=uptime, varbinds=varbinds)


def _varbind(triple: Sequence[str], facts: MibFacts) -> Varbind:
    name, letter, text = triple
    oid = _oid(name, facts, "object")
    try:
        return (oid, *encode_value(letter, text))
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}") from None


def _oid(text: str, facts: MibFacts, kind: str) -> str:
    oid = the_oid(text, facts, kind)
    fault = oid_fault(oid)
    if fault:
        raise click.UsageError(f"{text!r}: {fault}")
    return oid
