"""Small MIB modules of invented companies, for tests of the compiler."""

from collections.abc import Mapping
from dataclasses import replace

from opsconductor.mib.compiler.cleaning import clean
from opsconductor.mib.compiler.form import ModuleForm, ParsedModule
from opsconductor.mib.compiler.linking.link import Linked, link
from opsconductor.mib.compiler.reading import read_module
from opsconductor.mib.compiler.splitting import split
from opsconductor.mib.derive.modules import derive
from opsconductor.mib.facts import NotificationFact, NotificationText
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts

SMI_HEAD = """
IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, enterprises FROM SNMPv2-SMI
    TEXTUAL-CONVENTION, DisplayString, TruthValue FROM SNMPv2-TC;
"""

FANS = f"""
ACME-FAN-MIB DEFINITIONS ::= BEGIN
{SMI_HEAD}
acmeFanMIB MODULE-IDENTITY
    LAST-UPDATED "202401020304Z"
    ORGANIZATION "Acme"
    CONTACT-INFO "noc@acme.example"
    DESCRIPTION "Fans."
    REVISION "202401020304Z"
    DESCRIPTION "First."
    ::= {{ acme 1 }}

acme OBJECT IDENTIFIER ::= {{ enterprises 99999 }}
acmeTraps OBJECT IDENTIFIER ::= {{ acmeFanMIB 0 }}

AcmeFanState ::= TEXTUAL-CONVENTION
    STATUS current
    DESCRIPTION "State."
    SYNTAX INTEGER {{ ok(1), failed(2) }}

acmeFanTable OBJECT-TYPE
    SYNTAX SEQUENCE OF AcmeFanEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "All fans."
    ::= {{ acmeFanMIB 1 }}

acmeFanEntry OBJECT-TYPE
    SYNTAX AcmeFanEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "One fan."
    INDEX {{ acmeFanIndex }}
    ::= {{ acmeFanTable 1 }}

AcmeFanEntry ::= SEQUENCE {{ acmeFanIndex Integer32, acmeFanSpeed Integer32, acmeFanState AcmeFanState }}

acmeFanIndex OBJECT-TYPE
    SYNTAX Integer32 (1..64)
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "Number."
    ::= {{ acmeFanEntry 1 }}

acmeFanSpeed OBJECT-TYPE
    SYNTAX Integer32
    UNITS "rpm"
    MAX-ACCESS read-only
    STATUS current
    DESCRIPTION "Speed."
    ::= {{ acmeFanEntry 2 }}

acmeFanState OBJECT-TYPE
    SYNTAX AcmeFanState
    MAX-ACCESS read-only
    STATUS current
    DESCRIPTION "State."
    ::= {{ acmeFanEntry 3 }}

acmeFanFailed NOTIFICATION-TYPE
    OBJECTS {{ acmeFanState, acmeFanSpeed }}
    STATUS current
    DESCRIPTION "A fan
        has failed."
    --#SEVERITY MAJOR
    --#SUMMARY "Fan failed:"
    --# "speed %d"
    ::= {{ acmeTraps 1 }}
END
"""
"""A module as the standard wants it."""


def parsed(text: str) -> list[ParsedModule]:
    """Parse all modules of a text."""
    source = clean(text)
    return [read_module(source, module) for module in split(source)]


def form(text: str) -> ModuleForm:
    """Parse the one module of a text, of which nothing may be skipped."""
    (module,) = parsed(text)
    assert module.faults == ()
    return module.form


def linked(*texts: str) -> Linked:
    """Parse and link modules."""
    forms: Mapping[str, ModuleForm] = {each.form.name: each.form for text in texts for each in parsed(text)}
    return link(forms)


def module(body: str, name: str = "ACME-TEST-MIB") -> str:
    """Wrap definitions as a module with `acme` and `acmeThing`, an object."""
    return f"""
{name} DEFINITIONS ::= BEGIN
{SMI_HEAD}
acme OBJECT IDENTIFIER ::= {{ enterprises 99999 }}
acmeThing OBJECT-TYPE
    SYNTAX DisplayString
    MAX-ACCESS read-only
    STATUS current
    DESCRIPTION "Thing."
    ::= {{ acme 7 }}
{body}
END
"""


def derived_fans() -> MibFacts:
    """Return the facts of `FANS` with what is derived from them, and a suggestion."""
    fans = form(FANS)
    facts = link({fans.name: fans})
    objects = {fact.oid: fact for fact in facts.objects}
    found = derive([(fact, NotificationText()) for fact in facts.notifications], objects)
    doubt = NotificationFact("1.3.6.1.4.1.99999.1.0.7", "acmeFanOdd", fans.name, (), "acme")
    doubtful = replace(found[0], notification=doubt, resource=(), state=None, confidence=0.3)
    return MibFacts([index_of(facts.objects, [*facts.notifications, doubt], [*found, doubtful])])
