"""How requests are signed: a fixed header, the answer to a challenge, or a short-lived token from
an OAuth token endpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
from oauthlib import oauth1
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPDigestAuth

from connectors.core import times
from connectors.core.errors import AuthError
from connectors.core.kept import Kept
from warehouse.landing.errors import SettingError


class Auth(Protocol):
    """What the HTTP layer asks for before each request, and after a 401. One that is also a
    requests.auth.AuthBase signs the request itself as it leaves, with address and parameters."""

    def headers(self) -> Mapping[str, str]:
        """Headers that sign the next request."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Replace the credentials that were just refused; False when there is nothing newer."""


@dataclass(frozen=True)
class FixedHeader:
    """A key that does not expire."""

    name: str
    value: str

    def headers(self) -> Mapping[str, str]:
        return {self.name: self.value}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class Signed(AuthBase):
    """OAuth 1.0a with HMAC-SHA256: four credentials that do not expire sign each request."""

    def __init__(self, key: str, secret: str, token: str, token_secret: str) -> None:
        self._signer = oauth1.Client(
            key, secret, token, token_secret, signature_method=oauth1.SIGNATURE_HMAC_SHA256
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        _, headers, _ = self._signer.sign(str(request.url), request.method)  # type: ignore[arg-type]
        request.headers.update(headers)
        return request

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class Digest(HTTPDigestAuth):
    """Login and password of a device, which are never sent themselves: each request answers the
    device's challenge (RFC 7616)."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class Token:
    """A token that expires: fetched when first needed, and again shortly before its end or when
    the vendor refuses it. ``grant`` calls the token endpoint and returns its parsed answer."""

    EARLY_SECONDS = 60.0

    def __init__(
        self,
        grant: Callable[[], Mapping[str, Any]],
        *,
        header: str = "Authorization",
        form: str = "Bearer {}",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._grant = grant
        self._header = header
        self._form = form
        self._clock = clock
        self._value = ""
        self._ends_at = 0.0
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if not self._value or self._clock() >= self._ends_at:
                self._fetch()
            return {self._header: self._value}

    def renew(self, refused: Mapping[str, str]) -> bool:
        with self._lock:
            # Another thread may have renewed it since this request was signed.
            if refused.get(self._header) == self._value:
                self._fetch()
        return True

    def _fetch(self) -> None:
        answer = self._grant()
        token = answer.get("access_token")
        if not token:
            raise AuthError("the token endpoint answered without an access_token")
        self._value = self._form.format(token)
        self._ends_at = _end(answer, self._clock()) - self.EARLY_SECONDS


def _end(answer: Mapping[str, Any], now: float) -> float:
    """When the access token of an answer ends, in seconds since 1970."""
    if "expires_in" in answer:
        return now + float(answer["expires_in"])
    if "expires_at" in answer:  # the moment instead of the seconds
        return times.parse(str(answer["expires_at"])).timestamp()
    return now + 3600.0


class RotatingGrant:
    """A grant whose refresh token comes back as another one with each access token.

    ``trade`` calls the token endpoint with a refresh token and returns its parsed answer. The
    newest answer is kept before it is used, and used by all who read the connection, so that no
    token is spent twice. ``first``: the token of the connection.

    A token works once. Where ``is_reusable``, it works until it ends: so it may be used where there
    is no place to keep another one, and an answer may be without one.
    """

    def __init__(
        self,
        trade: Callable[[str], Mapping[str, Any]],
        first: str,
        kept: Kept | None,
        name: str,
        *,
        is_reusable: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._trade = trade
        self._first = first
        self._kept = kept
        self._name = name
        self._is_reusable = is_reusable
        self._clock = clock
        self._handed = ""  # the access token that we had last, which may have been refused since

    def __call__(self) -> Mapping[str, Any]:
        if self._kept is None:
            if self._is_reusable:
                return self._traded(self._first)
            raise AuthError(
                f"the refresh token of {self._name} can be used once, and here is no place to keep"
                " the next one: nothing was asked for"
            )
        with self._kept.lock():
            pair = self._kept.read(self._name, self._first)
            if not pair or not self._is_good(pair):
                pair = self._traded(pair["refresh_token"] if pair else self._first)
                self._kept.write(self._name, self._first, pair)
        self._handed = pair["access_token"]
        return pair

    def _is_good(self, pair: Mapping[str, Any]) -> bool:
        now = self._clock()
        return pair["access_token"] != self._handed and _end(pair, now) > now + Token.EARLY_SECONDS

    def _traded(self, refresh_token: str) -> dict[str, Any]:
        try:
            answer = dict(self._trade(refresh_token))
        except AuthError as error:
            spent = "" if self._is_reusable else "has been used by somebody else, "
            raise AuthError(
                f"{error.message} The refresh token of {self._name} {spent}was revoked or has"
                " ended: authorise the application again and put the new refresh token into the"
                " connection"
            ) from None
        if self._is_reusable:
            answer.setdefault("refresh_token", refresh_token)
        missing = {"access_token", "refresh_token"} - answer.keys()
        if missing:
            raise AuthError(f"the token endpoint answered without {', '.join(sorted(missing))}")
        # Seconds from now say nothing to who reads it later.
        ends_at = datetime.fromtimestamp(_end(answer, self._clock()), UTC)
        return {
            **{name: value for name, value in answer.items() if name != "expires_in"},
            "expires_at": times.text(ends_at),
        }


def refresh_grant(client_id: str, client_secret: str, refresh_token: str) -> dict[str, str]:
    """Token request that trades a long-lived refresh token."""
    return {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }


def client_credentials_grant(client_id: str, client_secret: str) -> dict[str, str]:
    """Token request of an application that acts for itself."""
    return {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }


def jwt_bearer_grant(account: Mapping[str, Any], token_url: str, scope: str) -> dict[str, str]:
    """Token request signed (RS256) with a Google service account's private key.

    Raises SettingError when the account lacks its address or its key is unreadable.
    """
    wrong = (
        "extra.service_account must be the JSON object Google gives for a service account, "
        "with client_email and a PEM private_key"
    )
    try:
        claims = {"iss": account["client_email"], "scope": scope, "aud": token_url}
        key = account["private_key"]
    except (KeyError, TypeError):
        raise SettingError(wrong) from None
    return signed_grant(claims, key, 3600, wrong)


def signed_grant(claims: Mapping[str, Any], key: str, seconds: int, wrong: str) -> dict[str, str]:
    """Token request of claims that hold for so many seconds, signed (RS256) with a private key.

    Raises SettingError, which says what is ``wrong``, when the key is unreadable.
    """
    now = int(time.time())
    try:
        assertion = jwt.encode({**claims, "iat": now, "exp": now + seconds}, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        # Not chained: the cause may quote the key.
        raise SettingError(wrong) from None
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
