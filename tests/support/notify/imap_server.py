"""The real dovecot as a mailbox, with TLS, for one user."""

import imaplib
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.certificates import Certificates, make_certificates
from tests.support.ports import free_port

USER, PASSWORD = "noc", "a-mailbox-password"
START_WITHIN_S = 20
CONF = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {login}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = user={user} password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A running server with one mailbox."""

    port: int
    certificates: Certificates

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4_SSL]:
        """Log in as the user and open the mailbox."""
        trust = ssl.create_default_context(cafile=self.certificates.ca_file)
        mailbox = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=trust, timeout=10)
        try:
            mailbox.login(USER, PASSWORD)
            status, answer = mailbox.select("INBOX")
            if status != "OK":
                raise imaplib.IMAP4.error(f"the mailbox is not opened: {answer[0]!r}")
            yield mailbox
            mailbox.logout()
        finally:
            with suppress(OSError):
                mailbox.shutdown()  # also when the log-in is refused, as while the server starts

    def deliver(self, content: bytes) -> None:
        """Put a mail into the mailbox, unseen."""
        with self.opened() as mailbox:
            mailbox.append("INBOX", "", imaplib.Time2Internaldate(time.time()), content)

    def unseen(self) -> int:
        """Count the unseen mails."""
        with self.opened() as mailbox:
            _, found = mailbox.search(None, "UNSEEN")
            return len(found[0].split())


@contextmanager
def dovecot() -> Iterator[Mailbox]:
    """Run the server until the end of the context.

    Its folder is not below that of pytest, which each session of pytest closes to other users when it begins.
    """
    with tempfile.TemporaryDirectory(prefix="opsconductor-imap-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _running(folder) as mailbox:
            yield mailbox


@contextmanager
def _running(folder: Path) -> Iterator[Mailbox]:
    is_root = os.geteuid() == 0
    owner = pwd.getpwnam("dovecot") if is_root else pwd.getpwuid(os.geteuid())
    login = pwd.getpwnam("dovenull") if is_root else owner
    certificates, port = make_certificates(folder), free_port()
    for name in ("mail", "home", "run"):
        (folder / name).mkdir()
        if is_root:
            shutil.chown(folder / name, owner.pw_uid, owner.pw_gid)
    group = subprocess.run(["id", "-gn", owner.pw_name], capture_output=True, text=True, check=True).stdout
    text = CONF.format(
        folder=folder, owner=owner.pw_name, group=group.strip(), login=login.pw_name, uid=owner.pw_uid,
        gid=owner.pw_gid, certificate=certificates.server_file, user=USER, password=PASSWORD, port=port,
    )  # fmt: skip
    (folder / "dovecot.conf").write_text(text)
    process = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "dovecot.conf")])
    box = Mailbox(port=port, certificates=certificates)
    try:
        _wait_for(box, process, folder / "log")
        yield box
    finally:
        process.terminate()
        process.wait()


def _wait_for(box: Mailbox, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, imaplib.IMAP4.error), box.opened():
            return
        time.sleep(0.1)
    raise RuntimeError(log.read_text() if log.exists() else "dovecot does not start")
