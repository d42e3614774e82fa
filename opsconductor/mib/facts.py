"""What MIB modules define about notifications and the objects that they carry.

Facts are names, OIDs, syntaxes, enumerations, units and indexes. They contain no prose of a MIB, except
`NotificationText`, which is read to derive a mapping and never stored.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of the index of a row.

    Attributes:
        name: Descriptor of the object in INDEX; empty when it is not known.
        syntax: Base type, as in `ObjectFact.syntax`.
        convention: Outermost textual convention; empty when the object has none.
        is_implied: The part is IMPLIED: its length is not encoded.
        size: Octets of an OCTET STRING, or arcs of an OBJECT IDENTIFIER, of fixed length; None: any.

    Source:
        RFC 2578 section 7.7.
    """

    name: str
    syntax: str
    convention: str = ""
    is_implied: bool = False
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectFact:
    """An object used by a notification or by the index of its row.

    Attributes:
        oid: Numeric, without leading dot and without instance.
        syntax: One of INTEGER, OCTET STRING, OBJECT IDENTIFIER, IpAddress, Counter32, Gauge32, TimeTicks,
            Counter64, Opaque, BITS. Empty for a node that holds no value, the entry of a table or a branch:
            it names what stands below it and is not known. Also empty if the definition of its type is
            missing.
        convention: Outermost textual convention (`TruthValue`, `DateAndTime`, `PhysAddress`, `InetAddress`);
            empty when there is none.
        enumeration: Names by number, ascending; for BITS, names by bit position.
        index: Parts of the index of its row; empty for a scalar.
        is_accessible_for_notify_only: MAX-ACCESS is accessible-for-notify: sent but never readable.
    """

    oid: str
    name: str
    module: str
    syntax: str
    convention: str = ""
    enumeration: tuple[tuple[int, str], ...] = ()
    units: str = ""
    display_hint: str = ""
    index: tuple[IndexPart, ...] = ()
    is_accessible_for_notify_only: bool = False


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """An object in the OBJECTS or VARIABLES clause of a notification.

    Attributes:
        oid: Without instance; empty when the module that defines it is missing.
    """

    name: str
    oid: str = ""


@dataclass(frozen=True, slots=True)
class NotificationFact:
    """A NOTIFICATION-TYPE or TRAP-TYPE.

    Attributes:
        oid: In SNMPv2 form. A specific trap of SNMPv1 is `enterprise.0.specific`, a generic one
            `1.3.6.1.6.3.1.1.5.N` (RFC 3584 section 3.1).
        objects: In the order of the clause.
        vendor: By enterprise number or module; empty when it is not known.
    """

    oid: str
    name: str
    module: str
    objects: tuple[ObjectReference, ...]
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class NotificationText:
    """The prose and comments of a notification in its MIB. Read to derive a mapping, never stored.

    Attributes:
        description: The DESCRIPTION clause, with white space folded.
        annotations: Key and value of each `--#KEY value` in the notification, as written, in order:
            `("SEVERITY", "MAJOR")`, `("SUMMARY", "...")`. Other comments have the key `COMMENT`.
    """

    description: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
