"""How a message leaves the house: by e-mail (SMTP) or into a chat (incoming webhook).

Two short protocols that the standard library and requests speak: a library with a hundred services
would only say whether it worked, not why it did not. Servers and secrets come from Airflow
connections or the environment; neither a webhook's URL nor a password is ever part of an error.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

import requests

from connectors.core.settings import Connection
from o2o.errors import O2OError

SMTP = "smtp"  # the connection o2o_smtp
SECONDS = 10.0  # that a server has for an answer: a task waits for it
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PORTS = {"starttls": 587, "ssl": 465, "none": 25}
# Microsoft's workflows take no plain text, but a card.
_CARD_HOSTS = (".logic.azure.com", ".powerplatform.com")


class NotSent(O2OError):
    """A message did not leave; says why."""


class OutOfReach(NotSent):
    """Nor would any other message by this server."""


@dataclass(frozen=True)
class Message:
    """``subject`` is one line, ``text`` plain lines."""

    subject: str
    text: str


def email(message: Message, to: str, server: Connection) -> None:
    """Send by SMTP. ``server``: host, port, login and password, ``extra.from``, ``extra.tls``
    (starttls, ssl or none). Raises NotSent."""
    tls = str(server.get("extra.tls", "starttls"))
    if tls not in _PORTS:
        raise OutOfReach(
            f"extra.tls of the connection o2o_smtp is {tls!r}: set it to {', '.join(_PORTS)}"
        )
    if not server.host:
        raise OutOfReach("the connection o2o_smtp names no host: set it")
    if tls == "none" and server.login and server.host not in _LOOPBACK:
        raise OutOfReach(
            f"the password for {server.host} would travel in clear text: set extra.tls of the"
            " connection o2o_smtp to starttls or ssl"
        )
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())
    mail["From"] = str(server.get("extra.from") or server.login or f"o2o@{server.host}")
    mail["To"] = to
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = make_msgid(domain="o2o.invalid")
    mail["Auto-Submitted"] = "auto-generated"  # nobody's holiday reply is wanted
    mail.set_content(message.text)
    port = server.port or _PORTS[tls]
    context = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(server.host, port, timeout=SECONDS, context=context)
            if tls == "ssl"
            else smtplib.SMTP(server.host, port, timeout=SECONDS)
        ) as smtp:
            if tls == "starttls":
                smtp.starttls(context=context)
            if server.login and server.password:
                smtp.login(server.login, server.password)
            smtp.send_message(mail)
    except smtplib.SMTPAuthenticationError:
        raise OutOfReach(f"{server.host} refuses login and password of o2o_smtp") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSent(f"{server.host} does not take mail for this address") from None
    except (OSError, smtplib.SMTPException) as error:
        raise OutOfReach(f"{server.host}:{port} did not take the e-mail: {error}") from None


def chat(message: Message, webhook: Connection, name: str) -> None:
    """Post to an incoming webhook: Slack, Mattermost, Google Chat, Microsoft Teams. Its URL is the
    connection's password. Raises NotSent."""
    url = webhook.password
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise NotSent(f"the password of the connection o2o_{name} is not an https:// address")
    text = f"*{message.subject}*\n{message.text}"
    try:
        answer = requests.post(
            url,
            json=_card(message) if str(parts.hostname).endswith(_CARD_HOSTS) else {"text": text},
            timeout=SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # Its text holds the URL, and the URL is the secret.
        raise NotSent(f"{parts.hostname} cannot be reached ({type(error).__name__})") from None
    if answer.status_code >= 300:
        raise NotSent(f"{parts.hostname} did not take the message: HTTP {answer.status_code}")


def _card(message: Message) -> dict[str, object]:
    lines = [{"type": "TextBlock", "text": message.subject, "weight": "bolder", "wrap": True}]
    lines += [
        {"type": "TextBlock", "text": line, "wrap": True, "spacing": "none"}
        for line in message.text.splitlines()
        if line
    ]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}
