"""A vendor's HTTP server, small enough to write down in a test."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    port: int = 0
    pairs: list[tuple[str, str]] = field(default_factory=list)  # of the query, where names repeat

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Answer:
    """``body`` is sent as JSON unless it is bytes; ``cut`` sends only part of it, ``trickles`` as
    many bytes one by one before the rest, with so many seconds in between."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    trickles: tuple[int, float] = (0, 0.0)


class Vendor:
    """Routes of one test's vendor. A route is one handler, or a list of answers used up in turn."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._routes: dict[tuple[str, str], Any] = {}
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body in one packet

            def answer(self) -> None:
                address = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(
                    self.command,
                    address.path,
                    dict(parse_qsl(address.query)),
                    dict(self.headers.items()),
                    self.rfile.read(length),
                    self.client_address[1],
                    parse_qsl(address.query),
                )
                vendor.requests.append(request)
                answer = vendor.reply(request)
                body = answer.body
                if not isinstance(body, bytes):
                    body = json.dumps(body).encode()
                # With a Date of its own, unless the answer has one.
                send = self.send_response_only if "Date" in answer.headers else self.send_response
                send(answer.status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if answer.cut:
                    self.wfile.write(body[: len(body) // 2])
                    self.wfile.flush()
                    self.close_connection = True
                else:
                    slow, pause = answer.trickles
                    for at in range(slow):
                        self.wfile.write(body[at : at + 1])
                        self.wfile.flush()
                        time.sleep(pause)
                    self.wfile.write(body[slow:])

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                if not isinstance(sys.exception(), OSError):  # a client may go at any time
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def on(self, method: str, path: str, *answers: Answer | Callable[[Request], Any]) -> None:
        """Answer a route; the last of several answers stays."""
        self._routes[method, path] = list(answers)

    def reply(self, request: Request) -> Answer:
        answers = self._routes.get((request.method, request.path))
        if answers is None:
            return Answer({"message": f"no route {request.method} {request.path}"}, 404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        result = answer(request) if callable(answer) else answer
        return result if isinstance(result, Answer) else Answer(result)

    def seen(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def speak(self, context: ssl.SSLContext) -> None:
        """Speak https from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
