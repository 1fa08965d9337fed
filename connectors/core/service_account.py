"""Sign in as a service account of Google, whose key is a JSON object in the connection."""

from __future__ import annotations

import json

from connectors.core.auth import Token, jwt_bearer_grant
from connectors.core.http import Client, token_request
from connectors.core.settings import Connection, Setting
from warehouse.landing.errors import SettingError

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
KEY = Setting("extra.service_account", "the service account's key, a JSON object")


def signed_in(connection: Connection, scope: str) -> Token:
    """Tokens for a scope. Raises SettingError for a key that is none."""
    account = connection.extra["service_account"]
    try:
        account = json.loads(account) if isinstance(account, str) else account
        url = str(account.get("token_uri") or TOKEN_URL)
    except (ValueError, AttributeError):
        raise SettingError("extra.service_account is not a JSON object") from None
    tokens = Client("", connection=connection)
    return Token(lambda: token_request(tokens, url, data=jwt_bearer_grant(account, url, scope)))
