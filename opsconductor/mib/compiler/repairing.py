"""Rewriting of assignments so that pysmi accepts them.

`prepared` removes what facts do not need and what vendors often get wrong. `rewritten` is for an assignment
that the parser still refuses: its clauses are extracted by their keywords and written in the order of the
standard.
"""

import re

from opsconductor.mib.compiler.identifiers import coded, without_underscores
from opsconductor.mib.compiler.splitting import TYPE, VALUE, Definition

MISSING = "qz0missing"
"""Placeholder for the ENTERPRISE of a TRAP-TYPE that has none."""

_UNNEEDED = re.compile(r"\bDEFVAL\s*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\"\d+\"|[\w-]+)|\bREFERENCE\s*\"\d+\"")
_OID_ONLY = ("MODULE-IDENTITY", "OBJECT-IDENTITY")
"""Kinds whose facts need only the OID."""
_CLAUSE = re.compile(
    r"(?<![\w-])(SYNTAX|UNITS|(?:MAX-|MIN-|PIB-)?ACCESS|STATUS|DESCRIPTION|REFERENCE|INDEX|AUGMENTS|DEFVAL"
    r"|DISPLAY-HINT|OBJECTS|VARIABLES|ENTERPRISE|TEXTUAL-CONVENTION|::=)(?![\w-])",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z0-9][\w-]*")
_ARC = re.compile(r"([A-Za-z0-9][\w-]*)\s*(?:\(\s*(\d+)\s*\))?")
_LABEL = re.compile(r"([^\s,(){}|]+(?:[ \t]+[^\s,(){}|]+){0,4})\s*\(\s*(-?\d+|'[0-9A-Fa-f]+'[Hh])\s*\)")
_SIZE = re.compile(r"SIZE\s*\(\s*(\d+)\s*\)", re.IGNORECASE)
_BASES = {
    "integer": "INTEGER",
    "integer32": "Integer32",
    "unsigned32": "Unsigned32",
    "octet": "OCTET STRING",
    "object": "OBJECT IDENTIFIER",
    "ipaddress": "IpAddress",
    "networkaddress": "NetworkAddress",
    "counter": "Counter",
    "counter32": "Counter32",
    "counter64": "Counter64",
    "gauge": "Gauge",
    "gauge32": "Gauge32",
    "timeticks": "TimeTicks",
    "opaque": "Opaque",
    "bits": "BITS",
}
"""Spelling of base types, by their first word in lower case."""


def prepared(assignment: Definition, position: int) -> str:
    """Return an assignment for the first attempt to parse it.

    Its name is replaced by `aN`, of a type `AN`, where N is the position, so that no name of its own can be
    refused.
    """
    text = assignment.text[len(assignment.name) :]
    if assignment.kind in _OID_ONLY and (written := rewritten(assignment, position)):
        return written
    if assignment.kind != TYPE:
        text = _UNNEEDED.sub("", text)
    if "_" in text or "- " in text or "-\n" in text:
        text = without_underscores(text)
    return f"{'A' if assignment.kind == TYPE else 'a'}{position}{text}"


def rewritten(assignment: Definition, position: int) -> str | None:
    """Return an assignment rewritten from its clauses; None when its value is missing."""
    clauses = _clauses(assignment.text[len(assignment.name) :])
    if assignment.kind == TYPE:
        syntax = clauses.get("SYNTAX", "") if "TEXTUAL-CONVENTION" in clauses else clauses.get("::=", "")
        hint = _quoted("DISPLAY-HINT", clauses)
        return f'A{position} ::= TEXTUAL-CONVENTION {hint} STATUS a DESCRIPTION "" SYNTAX {_syntax(syntax)}'
    if assignment.kind == "TRAP-TYPE":
        return _trap(clauses, position)
    value = _oid(clauses.get("::=", ""))
    if value is None:
        return None
    if assignment.kind == "OBJECT-TYPE":
        units, index = _quoted("UNITS", clauses), _index(clauses)
        access = _first(clauses.get("ACCESS", "")) or "not-accessible"
        syntax = _syntax(clauses.get("SYNTAX", ""))
        return (
            f"a{position} OBJECT-TYPE SYNTAX {syntax} {units} MAX-ACCESS {access} STATUS a"
            f' DESCRIPTION "" {index} ::= {value}'
        )
    if assignment.kind == "NOTIFICATION-TYPE":
        objects = _names("OBJECTS", clauses.get("OBJECTS", "") or clauses.get("VARIABLES", ""))
        return f'a{position} NOTIFICATION-TYPE {objects} STATUS a DESCRIPTION "{_text(clauses)}" ::= {value}'
    return f"a{position} {VALUE} ::= {value}"


def _trap(clauses: dict[str, str], position: int) -> str | None:
    """Write a TRAP-TYPE; one with the OID of a notification becomes that."""
    value = clauses.get("::=", "")
    objects = clauses.get("VARIABLES", "") or clauses.get("OBJECTS", "")
    if "{" in value:
        oid = _oid(value)
        kept = _names("OBJECTS", objects)
        return (
            oid and f'a{position} NOTIFICATION-TYPE {kept} STATUS a DESCRIPTION "{_text(clauses)}" ::= {oid}'
        )
    number = re.search(r"\d+", value)
    if not number:
        return None
    enterprise = _first(clauses.get("ENTERPRISE", "")) or MISSING
    variables = _names("VARIABLES", objects)
    return (
        f"a{position} TRAP-TYPE ENTERPRISE {enterprise} {variables}"
        f' DESCRIPTION "{_text(clauses)}" ::= {number[0]}'
    )


def _clauses(text: str) -> dict[str, str]:
    """Return the text after each keyword; of `::=`, after the last, of others, after the first.

    Within braces there are no keywords: an object may be called `status`.
    """
    found: list[re.Match[str]] = []
    position = depth = 0
    for match in _CLAUSE.finditer(text):
        depth += text.count("{", position, match.start()) - text.count("}", position, match.start())
        position = match.start()
        if depth <= 0 or match[1] == "::=":
            depth = 0
            found.append(match)
    clauses: dict[str, str] = {}
    for match, end in zip(found, [*(each.start() for each in found), len(text)][1:], strict=True):
        keyword = match[1].upper()
        if keyword.endswith("ACCESS"):
            keyword = "ACCESS"
        if keyword == "::=":
            clauses[keyword] = text[match.end() : end]
        else:
            clauses.setdefault(keyword, text[match.end() : end])
    return clauses


def _text(clauses: dict[str, str]) -> str:
    """Return the number of the string of the description."""
    found = re.search(r'"(\d+)"', clauses.get("DESCRIPTION", ""))
    return found[1] if found else ""


def _quoted(keyword: str, clauses: dict[str, str]) -> str:
    found = re.search(r'"\d+"', clauses.get(keyword, ""))
    return f"{keyword} {found[0]}" if found else ""


def _first(text: str) -> str:
    found = _NAME.search(text)
    return coded(found[0]) if found else ""


def _names(keyword: str, text: str) -> str:
    names = [coded(name) for name in _NAME.findall(text.partition("}")[0]) if not name.isdecimal()]
    return f"{keyword} {{ {', '.join(names)} }}" if names else ""


def _index(clauses: dict[str, str]) -> str:
    if "AUGMENTS" in clauses:
        return f"AUGMENTS {{ {_first(clauses['AUGMENTS'])} }}"
    words = _NAME.findall(clauses.get("INDEX", "").partition("}")[0])
    parts = [
        ("IMPLIED " if before == "IMPLIED" else "") + coded(word)
        for before, word in zip(["", *words], words, strict=False)
        if word != "IMPLIED" and word.lower() not in _BASES
    ]
    return f"INDEX {{ {', '.join(parts)} }}" if parts else ""


def _oid(text: str) -> str | None:
    """Write the value of an OID, which may use dots and lack a brace."""
    if "{" not in text:
        return None
    inside = text.partition("{")[2].partition("}")[0].replace(".", " ")
    arcs = [number or (name if name.isdecimal() else coded(name)) for name, number in _ARC.findall(inside)]
    return f"{{ {' '.join(arcs)} }}" if arcs else None


def _syntax(text: str) -> str:
    """Write a syntax: type, enumeration, fixed size. Ranges are left out."""
    words = re.findall(r"[A-Za-z][\w-]*", text)
    if not words:
        return "INTEGER"
    if words[0].upper() == "SEQUENCE":
        return f"SEQUENCE OF {coded(words[-1], is_type=True)}"
    while words[0].upper() in {"APPLICATION", "UNIVERSAL", "IMPLICIT"} and len(words) > 1:
        words = words[1:]
    base = _BASES.get(words[0].lower()) or coded(words[0], is_type=True)
    if labels := _LABEL.findall(text.partition("{")[2].partition("}")[0]):
        base = "INTEGER" if words[0].lower() in _BASES and base != "BITS" else base
        return f"{base} {{ {', '.join(_label(*each) for each in labels)} }}"
    size = _SIZE.search(text)
    if base == "BITS":
        return "OCTET STRING"
    return f"{base} (SIZE ({size[1]}))" if size and base.partition(" ")[0] != "OBJECT" else base


def _label(name: str, number: str) -> str:
    name, is_hex = coded(name) if name[:1].islower() else f"qz0{name.encode().hex()}", number.startswith("'")
    return f"{name}({int(number[1:-2], 16) if is_hex else number})"
