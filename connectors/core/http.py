"""One vendor's HTTP API: signed, paced, retried, and read as pages.

Retried with bounded, jittered back-off: 429 and 5xx (with or without ``Retry-After``), cut
connections, timeouts, truncated bodies, answers of another shape than was promised. A 401 renews
the token. Anything else is an error that names what the vendor said. Neither headers nor bodies we
sent are ever logged or put in an error, and where a vendor echoes them they are masked.

Credentials go nowhere but to the host that was asked: over https, or to this machine; a redirect is
followed for a GET to the same host alone. An answer is read up to a size and up to a time, so that
neither a small archive of very much nor a server that trickles holds us up.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from connectors.core import times
from connectors.core.auth import Auth
from connectors.core.budget import Budget
from connectors.core.errors import (
    AuthError,
    CursorExpired,
    Refused,
    Retry,
    TokenRefused,
    VendorError,
)
from connectors.core.masking import mask, secrets_of, sent
from connectors.core.settings import ALLOW_HTTP, LARGEST_ANSWER, Connection, above_zero
from connectors.core.verbatim import MISSING, Page, Path, split
from warehouse.landing.errors import SettingError

log = logging.getLogger(__name__)

ATTEMPTS = 8
FEW_ATTEMPTS = 3  # for what is seldom a passing trouble
LONGEST_WAIT = 60.0  # seconds; a vendor asking for more is left alone until the next run
TIMEOUT = (10.0, 120.0)  # seconds to connect, and between two bytes of an answer
DEADLINE = 600.0  # seconds for the whole of an answer
ORDER = 3600.0  # seconds for what a vendor makes to order, such as a report
LARGEST = 200  # megabytes of one answer, unpacked
LONGEST_SAID = 300  # characters of what a vendor says that are told
REDIRECTS = 5
NAMES_OF_TROUBLE = (
    "code", "errorcode", "status", "category", "message", "detail", "error_description",
)  # fmt: skip
CHUNK = 1 << 20

NO_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, how many seconds it may take to connect and between two bytes
    of the answer, and how many seconds the vendor may work on what was ordered (a report)."""

    attempts: int = ATTEMPTS
    timeout: tuple[float, float] = TIMEOUT
    order: float = ORDER


# Whoever waits for the answer, as a person does, has less of it than a load in the night.
PATIENCE = ContextVar("PATIENCE", default=Patience())  # noqa: B039

# Of a query; in pairs where a name comes more than once.
Params = Mapping[str, Any] | Sequence[tuple[str, str]]
# A source's own reading of an answer: raise Retry, CursorExpired, … or return to accept it.
Check = Callable[[int, Any], None]
# The page of a body; raises ValueError for one that is none.
Read = Callable[[bytes, Path | None], Page]


class Client:
    """Requests to one vendor. ``check`` sees every parsed answer, also those with status 200.

    ``connection`` has the company's limits, and the secrets that no error may tell. ``read`` takes
    the bodies of vendors apart that do not answer in JSON. ``reset`` is the header in which a 429
    says in how many seconds there is room again, where that is not Retry-After.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        connection: Connection | None = None,
        headers: Mapping[str, str] | None = None,
        budget: Budget | None = None,
        check: Check | None = None,
        read: Read = split,
        reset: str = "",
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        connection = connection or Connection()
        self.base_url = base_url.rstrip("/")
        self.auth = auth
        self.budget = budget
        self.answered: Mapping[str, str] = {}  # the headers of the newest answer
        self._secrets = secrets_of(connection)
        self._allows_http = str(connection.get(ALLOW_HTTP)).lower() in ("true", "1", "yes")
        self._largest = above_zero(connection, LARGEST_ANSWER, LARGEST) * 1_000_000
        self._check = check
        self._read = read
        self._reset = reset
        self._sleep = sleep or tenacity.nap.sleep
        self._session = requests.Session()
        # A proxy is taken from the environment, but a .netrc would replace our Authorization.
        self._session.auth = auth if isinstance(auth, AuthBase) else _unsigned
        self._session.headers.update({"Accept": "application/json", **(headers or {})})
        adapter = HTTPAdapter(pool_maxsize=8)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def pause(self, seconds: float) -> None:
        """Wait between two looks at what the vendor is still working on."""
        self._sleep(seconds)

    def get(self, path: str, params: Params | None = None, **how: Any) -> Page:
        """GET ``path``; see :meth:`call`."""
        return self.call("GET", path, params=params, **how)

    def post(self, path: str, body: Any, **how: Any) -> Page:
        """POST a JSON body to ``path``; see :meth:`call`."""
        return self.call("POST", path, json=body, **how)

    def call(
        self,
        method: str,
        path: str,
        *,
        rows: Path | None = None,
        omits_empty: bool = False,
        of_session: bool = False,
        cost: float = 1.0,
        budget: Budget | None = None,
        **kwargs: Any,
    ) -> Page:
        """Send one request and return its answer as a page whose rows are the array at ``rows``.

        An answer without that array is no answer, unless the vendor ``omits_empty`` arrays.
        ``of_session``: the address is good only for the token that it was given to; where that
        one is refused, CursorExpired is raised, with the token renewed.
        Raises VendorError when the vendor refuses or keeps failing, AuthError when it does not
        take our credentials, and whatever the source's ``check`` raises.
        """
        url = path if path.startswith("http") else f"{self.base_url}{path}"
        pace = budget or self.budget
        renewals = 0

        def attempt() -> Page:
            nonlocal renewals
            if pace:
                pace.take(cost)
            signed = dict(self.auth.headers()) if self.auth else {}
            try:
                page = self._once(method, url, rows, signed, kwargs)
                self._accept(page, rows, omits_empty)
                return page
            except TokenRefused as refused:
                mask(refused, self._secrets | sent(signed))
                # A fresh token may be revoked early too; only a few times, then it is our mistake.
                renewals += 1
                if self.auth is None or renewals > 4 or not self.auth.renew(signed):
                    raise AuthError(
                        f"the vendor refused our credentials ({refused}). Check login, password "
                        f"and extra of the connection."
                    ) from None
                if of_session:
                    raise CursorExpired from None
                raise Retry("token renewed", after=0.0) from None
            except Exception as error:
                mask(error, self._secrets | sent(signed))
                raise

        try:
            return attempt()
        except Retry as error:
            failed = [error]

        def again() -> Page:
            if failed:  # what comes of the first attempt, which costs less without all this
                raise failed.pop()
            return attempt()

        tried = 0

        def give_up(state: tenacity.RetryCallState) -> bool:
            nonlocal tried
            tried = state.attempt_number
            error = state.outcome.exception() if state.outcome else None
            most = FEW_ATTEMPTS if isinstance(error, Retry) and error.seldom_passes else ATTEMPTS
            return tried >= min(most, PATIENCE.get().attempts)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Retry),
            stop=give_up,
            wait=_wait,
            sleep=self._sleep,
            before_sleep=lambda state: log.debug(
                "%s %s: attempt %d failed (%s)",
                method,
                path,
                state.attempt_number,
                state.outcome.exception() if state.outcome else "",
            ),
            reraise=True,
        )
        try:
            return retrying(again)
        except Retry as last:
            raise VendorError(
                f"{method} {_path(url)} failed {tried} times, last: {last}. The vendor or the "
                f"network is in trouble; nothing was committed, run it again later."
            ) from None

    def _once(
        self,
        method: str,
        url: str,
        rows: Path | None,
        signed: Mapping[str, str],
        kwargs: Mapping[str, Any],
    ) -> Page:
        answer = self._send(method, url, signed, kwargs)
        status = answer.status_code
        body = self._body(answer, url)
        try:
            page = self._read(body, rows)
        except (ValueError, RecursionError):
            if 200 <= status < 300:
                form = "JSON" if self._read is split else "what was asked for"
                what = " but a web page (a login, a proxy?)" if _is_html(answer, body) else ""
                raise Retry(f"HTTP {status} with a body that is not {form}{what}") from None
            page = Page()
        said_wait = answer.headers.get("Retry-After")
        if said_wait is None and status == 429 and self._reset:
            said_wait = answer.headers.get(self._reset)
        after = retry_after(said_wait)
        if self._check:
            try:
                self._check(status, page.envelope)
            except Retry as again:
                # The vendor's word of this answer beats what the source knows in general.
                if after is not None and after <= LONGEST_WAIT:
                    again.after = after
                raise
        if 200 <= status < 300:
            self._reject_errors(status, page, rows)
            return page
        said = describe(page.envelope)
        if status == 401:
            raise TokenRefused(f"HTTP 401{said}")
        if status in (408, 425, 429) or status >= 500:
            if after is not None and after > LONGEST_WAIT:
                raise VendorError(f"HTTP {status}: the vendor asks to wait {after:.0f} s{said}")
            raise Retry(f"HTTP {status}{said}", after)
        if status == 403 and _is_html(answer, body):
            raise Retry(
                "HTTP 403 with a web page: a firewall, the vendor's or yours, took us for a robot",
                seldom_passes=True,
            )
        if status == 403:
            raise denied(f"HTTP 403{said}", f" to {_path(url)}")
        raise Refused(f"{method} {_path(url)} was refused: HTTP {status}{said}")

    def _reject_errors(self, status: int, page: Page, rows: Path | None) -> None:
        """An error may come with HTTP 200. A 207 has the errors of parts, which `check` reads."""
        if status == 207 or not isinstance(page.envelope, dict):
            return
        if page.envelope.get("errors") or page.envelope.get("error"):
            said = f"HTTP {status} with an error inside{describe(page.envelope)}"
            raise Retry(said) if rows is not None else Refused(said)

    def _accept(self, page: Page, rows: Path | None, omits_empty: bool) -> None:
        if page.gap and not (omits_empty and page.gap == MISSING):
            name = ".".join(rows or ()) or "the answer"
            raise Retry(f"an answer without rows: {name} {page.gap}{describe(page.envelope)}")

    def _send(
        self, method: str, url: str, signed: Mapping[str, str], kwargs: Mapping[str, Any]
    ) -> requests.Response:
        """The answer's head, after redirects on the same host."""
        how = dict(kwargs)
        for _ in range(REDIRECTS):
            self._hold_to_https(url)
            try:
                answer = self._session.request(
                    method,
                    url,
                    headers=signed,
                    timeout=PATIENCE.get().timeout,
                    stream=True,
                    allow_redirects=False,
                    **how,
                )
            except NO_URL:
                raise SettingError("the host of the connection must be a URL, https://…") from None
            except (requests.exceptions.InvalidHeader, UnicodeError):
                raise SettingError(
                    "a credential has a character that no request may carry, such as a line break."
                    " Check login, password and extra of the connection."
                ) from None
            except requests.RequestException as error:
                raise _failure(url, error) from None
            if not answer.is_redirect:
                self.answered = answer.headers
                return answer
            answer.close()
            url = _redirected(method, url, answer.headers["Location"])
            how.pop("params", None)
        raise Refused(f"{method} {_path(url)} is redirected more than {REDIRECTS} times")

    def _hold_to_https(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "http" and not (self._allows_http or is_loopback(parts.hostname or "")):
            raise SettingError(
                f"{parts.scheme}://{parts.hostname} would be told our credentials without"
                f" encryption. Use https://, or set {ALLOW_HTTP} of the connection to true if the"
                " network between is yours."
            )

    def _body(self, answer: requests.Response, url: str) -> bytes:
        """The answer's body, unpacked. Raises VendorError for one that is too large."""
        ends, size, is_whole = time.monotonic() + DEADLINE, 0, False
        parts: list[bytes] = []
        try:
            while part := answer.raw.read1(CHUNK, decode_content=True):
                size += len(part)
                if size > self._largest:
                    raise VendorError(
                        f"the answer of {_path(url)} has more than {self._largest // 1_000_000} MB"
                        f" unpacked. If that is right, raise {LARGEST_ANSWER} of the connection."
                    )
                if time.monotonic() > ends:
                    raise Retry(
                        f"no whole answer within {DEADLINE:.0f} s, {size} bytes so far",
                        seldom_passes=True,
                    )
                parts.append(part)
            is_whole = True
        except urllib3.exceptions.DecodeError:
            said = answer.headers.get("Content-Encoding", "")
            raise Retry(f"the body is not packed as it says (Content-Encoding: {said})") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _failure(url, error) from None
        finally:
            if not is_whole:
                answer.close()
        return b"".join(parts)


def denied(said: str, where: str = "") -> AuthError:
    """What is raised where the credentials are known and lack a right."""
    return AuthError(
        f"the vendor denies access{where} ({said}). Give the credentials that right, or leave the"
        f" stream out: extra.skip_streams in the connection"
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def token_request(client: Client, url: str, **kwargs: Any) -> dict[str, Any]:
    """Call a token endpoint and return its answer.

    Token endpoints say 400 (``invalid_grant``) or 401 for wrong credentials: both are AuthError.
    """
    try:
        answer = client.call("POST", url, **kwargs).envelope
    except Refused as error:
        raise AuthError(
            f"the token endpoint refused our credentials ({error.message}). Check login, "
            f"password and extra of the connection."
        ) from None
    if not isinstance(answer, dict):
        raise AuthError("the token endpoint's answer is not an object")
    return answer


def retry_after(value: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header (a number, or a date of any usual form, in UTC where it
    names no zone); None when absent or unreadable."""
    if not value:
        return None
    try:
        seconds = float(value)
        return None if math.isnan(seconds) else max(0.0, seconds)
    except ValueError:
        pass
    for parse in (parsedate_to_datetime, times.parse):
        try:
            moment = parse(value)
            # An HTTP date is in GMT, also where the vendor forgets to say so.
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            return max(0.0, (moment - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def describe(envelope: Any) -> str:
    """What the vendor said is wrong, shortened: `` (code: message)`` or nothing."""
    found: list[str] = []

    def look(value: Any, depth: int) -> None:
        if isinstance(value, dict) and depth < 6:
            told = {str(name).lower(): inner for name, inner in value.items()}
            for name in NAMES_OF_TROUBLE:
                if isinstance(told.get(name), str | int):
                    found.append(str(told[name]))
            for name in ("error", "errors", "operationerrors", "batcherrors", "details", "meta"):
                look(told.get(name), depth + 1)
        elif isinstance(value, list) and value:
            look(value[0], depth + 1)
        elif isinstance(value, str) and depth:
            found.append(value)

    look(envelope, 0)
    said = ": ".join(dict.fromkeys(found))
    if len(said) > LONGEST_SAID:
        # Not within a word: half of an echoed credential would not be found and masked.
        said = re.sub(r"\S*$", "…", said[:LONGEST_SAID])
    return f" ({said})" if found else ""


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Retry) and error.after is not None:
        return error.after
    # Full jitter: clients that failed together must not come back together.
    ceiling: float = min(LONGEST_WAIT, 0.25 * 2**state.attempt_number)
    return random.uniform(0.0, ceiling)


def _failure(url: str, error: Exception) -> Exception:
    """What is raised when there is no whole answer."""
    host = urlsplit(url).hostname
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return VendorError(
                f"the certificate of {host} is not trusted: {cause.verify_message}. Nothing was"
                " sent. Check the host of the connection; where a proxy of yours stands in between,"
                " name its certificates in REQUESTS_CA_BUNDLE."
            )
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in causes):
        return Retry(f"there is no host {host}, or no name server to ask", seldom_passes=True)
    if any("WRONG_VERSION_NUMBER" in str(cause) for cause in causes):
        return VendorError(f"{host} does not speak https: check the host of the connection")
    return Retry(f"no whole answer ({type(error).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it stands for: libraries wrap them in arguments, too."""
    found, seen = [error], set()
    while found:
        one = found.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            found += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _redirected(method: str, url: str, location: str) -> str:
    """Where a redirect leads; raises Refused where credentials must not follow."""
    target = urljoin(url, location)
    before, after = urlsplit(url), urlsplit(target)
    same = before.hostname == after.hostname and (
        (before.scheme, before.port) == (after.scheme, after.port)
        or (before.scheme, after.scheme) == ("http", "https")
    )
    if method == "GET" and same:
        return target
    where = f"{after.scheme}://{after.hostname}" if after.hostname else location
    raise Refused(
        f"{method} {_path(url)} is redirected to {where}. Credentials are not sent after it:"
        " check the host of the connection."
    )


def _is_html(answer: requests.Response, body: bytes) -> bool:
    said = answer.headers.get("Content-Type", "").lower()
    return "text/html" in said or body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _path(url: str) -> str:
    return urlsplit(url).path


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
