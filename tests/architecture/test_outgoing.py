"""Every client that connects to the outside checks the address (`Destinations`)."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXEMPT = {
    "opsconductor/cli/terminal/api_client.py": "a person's own command line, to the daemon that they name",
    "opsconductor/connector/destinations.py": "the check itself",
}
SESSIONS = re.compile(r"aiohttp\.ClientSession\((?!\s*\n?\s*connector=)")
OTHERS = re.compile(
    r"\b(create_connection|asyncio\.open_connection\((?!sock=)|requests\.(get|post|request)\(|"
    r"urllib\.request|http\.client\.|httpx\.|smtplib\.SMTP|imaplib\.IMAP4(_SSL)?\(\w|paho\.Client\(\w|"
    r"ldap3\.Server\(\w|remote_addr=)"
)


def test_no_client_connects_without_the_check() -> None:
    """Each connector of aiohttp has the socket factory; nothing else opens TCP connections by itself."""
    faults = []
    for path in [*ROOT.glob("opsconductor/**/*.py"), *ROOT.glob("connectors/**/*.py")]:
        name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        if name in EXEMPT or "/skeletons/" in name:
            continue
        if text.count("aiohttp.TCPConnector(") != text.count("socket_factory="):
            faults.append(f"{name}: TCPConnector without socket_factory=destinations.open_socket")
        faults += [f"{name}: {found[0]}" for found in SESSIONS.finditer(text) if "connector" not in found[0]]
        faults += [f"{name}: {found[0]}" for found in OTHERS.finditer(text)]
    assert not faults
