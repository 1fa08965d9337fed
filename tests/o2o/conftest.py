"""A mail server and a chat on loopback, with what has arrived there."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from connectors.core.settings import Connection
from warehouse.landing.errors import SettingError

CHAT_SECRET = "T000-B000-verysecret"


@dataclass
class Mailbox:
    """``port``: where it answers. ``refuses``: an address that it takes nothing for."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:
        if to == self.refuses:
            return "550 no such user"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def text(self, number: int = -1) -> str:
        return self.mails[number].get_content()


@dataclass
class Chat:
    url: str = ""
    status: int = 200
    texts: list[str] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def chat() -> Iterator[Chat]:
    found = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.status == 200:
                found.texts.append(json.loads(body)["text"])
            self.send_response(found.status)
            if found.status == 302:
                self.send_header("Location", "http://elsewhere.example/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/{CHAT_SECRET}"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def secrets(mailbox: Mailbox, chat: Chat) -> Any:
    """The connections o2o_smtp and o2o_chat, as a task finds them."""

    def credentials(name: str) -> Connection:
        known = {
            "smtp": Connection(
                "127.0.0.1", extra={"tls": "none", "from": "o2o@shop.example"}, port=mailbox.port
            ),
            "chat": Connection(password=chat.url),
        }
        if name not in known:
            raise SettingError(f"no connection configured: o2o_{name}")
        return known[name]

    return credentials
