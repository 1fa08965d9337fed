"""One vendor's HTTP API: signed, paced, retried, and read as pages.

Retried with bounded, jittered back-off: 429 and 5xx (with or without ``Retry-After``), cut
connections, timeouts, truncated bodies. A 401 renews the token. Anything else is an error that
names what the vendor said. Neither headers nor bodies we sent are ever logged or put in an error,
so that no secret can leak through them.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter

from connectors.core.auth import Auth
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, Refused, Retry, TokenRefused, VendorError
from connectors.core.verbatim import Page, split
from warehouse.landing.errors import SettingError

log = logging.getLogger(__name__)

ATTEMPTS = 8
LONGEST_WAIT = 60.0  # seconds; a vendor asking for more is left alone until the next run
TIMEOUT = (10.0, 120.0)  # seconds to connect, and between two bytes of an answer

NO_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)

# A source's own reading of an answer: raise Retry, CursorExpired, … or return to accept it.
Check = Callable[[int, Any], None]
# The page of a body; raises ValueError for one that is none.
Read = Callable[[bytes, tuple[str, ...]], Page]


def _json(body: bytes, rows: tuple[str, ...]) -> Page:
    return split(body.decode(), rows)


class Client:
    """Requests to one vendor. ``check`` sees every parsed answer, also those with status 200.

    ``read`` takes the bodies of vendors apart that do not answer in JSON.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        budget: Budget | None = None,
        check: Check | None = None,
        read: Read = _json,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.auth = auth
        self.budget = budget
        self._check = check
        self._read = read
        self._sleep = sleep or tenacity.nap.sleep
        self._session = requests.Session()
        # A proxy is taken from the environment, but a .netrc would replace our Authorization.
        self._session.auth = _unsigned
        self._session.headers.update({"Accept": "application/json", **(headers or {})})
        adapter = HTTPAdapter(pool_maxsize=8)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, **how: Any) -> Page:
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
        rows: tuple[str, ...] = ("",),
        cost: float = 1.0,
        budget: Budget | None = None,
        **kwargs: Any,
    ) -> Page:
        """Send one request and return its answer as a page whose rows are the array at ``rows``.

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
                return self._once(method, url, rows, signed, kwargs)
            except TokenRefused as refused:
                # A fresh token may be revoked early too; only a few times, then it is our mistake.
                renewals += 1
                if self.auth is None or renewals > 4 or not self.auth.renew(signed):
                    raise AuthError(
                        f"the vendor refused our credentials ({refused}). Check login, password "
                        f"and extra of the connection."
                    ) from None
                raise Retry("token renewed", after=0.0) from None

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Retry),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
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
            return retrying(attempt)
        except Retry as last:
            raise VendorError(
                f"{method} {path} failed {ATTEMPTS} times, last: {last}. The vendor or the network "
                f"is in trouble; nothing was committed, run it again later."
            ) from None

    def _once(
        self,
        method: str,
        url: str,
        rows: tuple[str, ...],
        signed: Mapping[str, str],
        kwargs: Mapping[str, Any],
    ) -> Page:
        try:
            answer = self._session.request(method, url, headers=signed, timeout=TIMEOUT, **kwargs)
        except NO_URL:
            raise SettingError("the host of the connection must be a URL, https://…") from None
        except requests.RequestException as error:
            raise Retry(f"no whole answer ({type(error).__name__})") from None
        status = answer.status_code
        try:
            page = self._read(answer.content, rows)
        except (ValueError, RecursionError):
            if 200 <= status < 300:
                form = "JSON" if self._read is _json else "what was asked for"
                raise Retry(f"HTTP {status} with a body that is not {form}") from None
            page = Page()
        if self._check:
            self._check(status, page.envelope)
        if 200 <= status < 300:
            return page
        said = describe(page.envelope)
        if status == 401:
            raise TokenRefused(f"HTTP 401{said}")
        if status in (408, 425, 429) or status >= 500:
            after = retry_after(answer.headers.get("Retry-After"))
            if after is not None and after > LONGEST_WAIT:
                raise VendorError(f"HTTP {status}: the vendor asks to wait {after:.0f} s{said}")
            raise Retry(f"HTTP {status}{said}", after)
        if status == 403:
            raise AuthError(
                f"the vendor denies access to {_path(url)} (HTTP 403{said}). Give the credentials "
                f"that right, or leave the stream out: extra.skip_streams in the connection"
            )
        raise Refused(f"{method} {_path(url)} was refused: HTTP {status}{said}")


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
    """Seconds of a ``Retry-After`` header (number or HTTP date); None when absent or unreadable."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def describe(envelope: Any) -> str:
    """What the vendor said is wrong, shortened: `` (code: message)`` or nothing."""
    found: list[str] = []

    def look(value: Any, depth: int) -> None:
        if isinstance(value, dict) and depth < 6:
            for name in ("code", "status", "category", "message", "detail", "error_description"):
                if isinstance(value.get(name), str | int):
                    found.append(str(value[name]))
            for name in ("error", "errors", "details", "meta"):
                look(value.get(name), depth + 1)
        elif isinstance(value, list) and value:
            look(value[0], depth + 1)
        elif isinstance(value, str) and depth:
            found.append(value)

    look(envelope, 0)
    return f" ({': '.join(dict.fromkeys(found))[:300]})" if found else ""


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Retry) and error.after is not None:
        return error.after
    # Full jitter: clients that failed together must not come back together.
    ceiling: float = min(LONGEST_WAIT, 0.25 * 2**state.attempt_number)
    return random.uniform(0.0, ceiling)


def _path(url: str) -> str:
    return requests.utils.urlparse(url).path  # type: ignore[attr-defined,no-any-return]


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
