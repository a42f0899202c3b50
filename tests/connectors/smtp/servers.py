"""Mail servers on this machine: a real one (aiosmtpd) with faults on demand, a mailbox (pymap), TLS before either."""

from __future__ import annotations

import asyncio
import imaplib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "zażółć-hasło"
USER = "faktury@example.com"


@dataclass
class Certificates:
    """A certificate for 127.0.0.1 and localhost, and the file of its issuer."""

    ca_file: Path
    server: ssl.SSLContext
    chain_file: Path
    key_file: Path


def certificates(folder: Path, *, names: tuple[str, ...] = ("127.0.0.1", "localhost")) -> Certificates:
    issuer = trustme.CA()
    issued = issuer.issue_cert(*names)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(server)
    issuer.cert_pem.write_to_path(folder / "ca.pem")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(folder / "chain.pem", append=True)
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return Certificates(folder / "ca.pem", server, folder / "chain.pem", folder / "key.pem")


@dataclass
class Taken:
    """One mail as the server took it."""

    sender: str
    recipients: list[str]
    raw: bytes
    options: list[str]
    tls: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]


@dataclass
class Behaviour:
    """How the server answers: by command, a line to say instead; or what it does to the connection."""

    say: dict[str, str] = field(default_factory=dict)
    drop_after_text: bool = False
    reset_at_text: bool = False
    silent_after_text: bool = False
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    """Seconds until a text is answered."""
    at_once: int = 0
    most_at_once: int = 0


class _Protocol(SMTP):
    """The server's own protocol, but for the faults asked for."""

    behaviour: Behaviour

    async def push(self, status: Any) -> None:
        if (banner := self.behaviour.say.get("banner")) and "Python SMTP" in str(status):
            await super().push(banner)
            self.transport.close()
            return
        await super().push(status)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if line := self.behaviour.say.get("STARTTLS"):
            await self.push(line)
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if line := self.behaviour.say.get("AUTH"):
            await self.push(line)
            return
        await super().smtp_AUTH(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if line := self.behaviour.say.get("DATA"):
            await self.push(line)
        elif self.behaviour.reset_at_text:
            await self.push("354 go on")
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.behaviour.commands.append("MAIL")
        envelope.mail_from, envelope.mail_options = address, options
        return self.behaviour.say.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.behaviour.commands.append("RCPT")
        envelope.rcpt_tos.append(address)
        return self.behaviour.say.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.behaviour.commands.append("TEXT")
        self.behaviour.at_once += 1
        self.behaviour.most_at_once = max(self.behaviour.most_at_once, self.behaviour.at_once)
        begun = time.monotonic()
        # in slices, so that a test may end the slowness for mails that are on their way
        while time.monotonic() - begun < self.behaviour.slow_s:
            await asyncio.sleep(0.05)
        self.behaviour.at_once -= 1
        answer = self.behaviour.say.get("TEXT", "250 2.0.0 taken")
        if answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            login = session.auth_data
            self.behaviour.taken.append(
                Taken(
                    envelope.mail_from or "",
                    list(envelope.rcpt_tos),
                    content,
                    list(envelope.mail_options),
                    session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
                    login.login.decode() if isinstance(login, LoginPassword) else "",
                )
            )
        if self.behaviour.drop_after_text:
            server.transport.abort()
        if self.behaviour.silent_after_text:
            await asyncio.sleep(3600)
        return answer


def _accepts(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False, auth_data=data if good else None)


@contextmanager
def mail_server(
    behaviour: Behaviour,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
    size: int = 33554432,
    utf8: bool = False,
    ways: tuple[str, ...] = ("PLAIN", "LOGIN"),
) -> Iterator[int]:
    """A mail server; gives its port."""

    def protocol() -> SMTP:
        made = _Protocol(
            _Handler(behaviour),
            hostname="mail.example.com",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_accepts if login else None,
            auth_required=login,
            auth_require_tls=False,
            auth_exclude_mechanism={"PLAIN", "LOGIN"} - set(ways),
            data_size_limit=size,
            enable_SMTPUTF8=utf8,
            timeout=30,
        )
        made.behaviour = behaviour
        return made

    with _in_a_loop(lambda loop: loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)) as server:
        yield server.sockets[0].getsockname()[1]


@contextmanager
def tls_before(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """TLS from the first byte in front of a server that has none; gives its port."""

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer), return_exceptions=True)

    with _in_a_loop(lambda loop: asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)) as server:
        yield server.sockets[0].getsockname()[1]


@contextmanager
def _in_a_loop(start: Callable[[asyncio.AbstractEventLoop], Any]) -> Iterator[asyncio.Server]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_awaited(start, loop), loop).result(10)

    async def stop() -> None:
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _awaited(start: Callable[[asyncio.AbstractEventLoop], Any], loop: asyncio.AbstractEventLoop) -> Any:
    return await start(loop)


@dataclass
class Mailbox:
    """A mailbox on a real IMAP server, and a way to put mail into it as a mail server would."""

    port: int
    user: str = "zwroty"
    password: str = "tajne-zwroty"

    def put(self, *mails: bytes) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(self.user, self.password)
            for raw in mails:
                state, answer = imap.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)
                assert state == "OK", answer

    def flags(self) -> list[bytes]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(self.user, self.password)
            imap.select(readonly=True)
            return [line for line in imap.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]

    def delete_all(self) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(self.user, self.password)
            imap.select()
            imap.store("1:*", "+FLAGS", r"(\Deleted)")
            imap.expunge()


@contextmanager
def imap_server(*options: str) -> Iterator[Mailbox]:
    """A mailbox kept in memory by pymap, in a process of its own."""
    box = Mailbox(free_port())
    program = shutil.which("pymap", path=str(Path(sys.executable).parent))
    assert program is not None
    command = [program, "--host", "127.0.0.1", "--port", str(box.port), *options]
    account = ["dict", "--demo-data", "--demo-user", box.user, "--demo-password", box.password]
    process = subprocess.Popen([*command, *account], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(box.port, process)
        yield box
    finally:
        process.kill()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "the IMAP server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the IMAP server did not start")
