"""A made-up Google service account: its key, and the file in which Google would hand it out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from demo.vendors.core.wire import Call, Reply, reply_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

TOKEN_SECONDS = 3_599
# The primes of the demo service account's key. A key file of its own would look like a secret to
# every scanner; this one protects nothing.
_P = int(
    "D79F2A617193567A409DB2F0EF0D83839CD1C4F26B82179104438BD40C0C923FC7F381F9B5632BDB"
    "A0A336BF37F7FD3897F97AA8B97A7CB984B399C6380A90A9256F60E96D3B99EDA5BE180439D814B7"
    "5BAD4ADB212FF9160BC1A9BC7F70930893D4E0C3B21D76D7F58F9F5D7F8A6F21811626F660535886"
    "6C382C74A8D56E6D",
    16,
)
_Q = int(
    "C6883E1B63CA9756C92EBDC094E5D67646F98DB447D4C941DF0814CA1C6C6EDE40FA6A1F586125E8"
    "D83552677D05613A16D219A74092FE51918D9F4B088BA14CB33089EB1BFE3ACA14F9B4AA545078EE"
    "590378402950E3B7062C7F05E1C64BA7E5E00287A7571CD0C1939A0F44CE4DF13CEB7E3470184908"
    "A074FD2F9CD7AB4D",
    16,
)
_EXPONENT = 65537


@cache
def _key() -> rsa.RSAPrivateKey:
    private = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
    return rsa.RSAPrivateNumbers(
        p=_P,
        q=_Q,
        d=private,
        dmp1=rsa.rsa_crt_dmp1(private, _P),
        dmq1=rsa.rsa_crt_dmq1(private, _Q),
        iqmp=rsa.rsa_crt_iqmp(_P, _Q),
        public_numbers=rsa.RSAPublicNumbers(_EXPONENT, _P * _Q),
    ).private_key()


def public_key() -> rsa.RSAPublicKey:
    return _key().public_key()


def key_file(project: str, client_email: str, token_uri: str) -> dict[str, str]:
    """A service account file as Google issues it."""
    pem = _key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "demo",
        "private_key": pem.decode(),
        "client_email": client_email,
        "token_uri": token_uri,
    }


def token(sim: Simulation, call: Call, vendor: str, client_email: str) -> Reply:
    """A token for an assertion that the account's key has signed."""
    form = call.form
    if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return reply_json({"error": "unsupported_grant_type"}, 400)
    try:
        claims = jwt.decode(
            form.get("assertion", ""),
            public_key(),
            algorithms=["RS256"],
            options={"verify_aud": False, "require": ["iss", "scope", "aud", "iat", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        return reply_json(
            {"error": "invalid_grant", "error_description": f"Invalid JWT: {error}"}, 400
        )
    if claims["iss"] != client_email:
        return reply_json(
            {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400
        )
    return reply_json(
        {
            "access_token": sim.tokens.issue(vendor, TOKEN_SECONDS, "ya29.c."),
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
        }
    )
