"""Behaviours 5, 6 and 9: errors inside HTTP 200, tokens that end early, retries."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.core import http
from connectors.core.auth import FixedHeader, Token, jwt_bearer_grant, refresh_grant
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, CursorExpired, Refused, Retry, VendorError
from connectors.core.http import ATTEMPTS, Client, _redirected, retry_after, token_request
from connectors.core.settings import Connection
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.errors import SettingError, SourceError

OK = Answer({"rows": [{"id": 1}]})


@pytest.mark.parametrize(
    "trouble",
    [
        Answer({}, 429),
        Answer({}, 500),
        Answer(b"<html>gateway</html>", 502),
        Answer(b"", 503),
        Answer({"rows": [{"id": 1}]}, cut=True),
        Answer(b'{"rows": [{"id": 1'),
        Answer(b"\xff\xfe"),
    ],
)
def test_behaviour_9_passing_trouble_is_retried(vendor: Vendor, waits, trouble: Answer) -> None:
    vendor.on("GET", "/x", trouble, trouble, trouble, OK)
    assert Client(vendor.url).get("/x", rows=("rows",)).raw == ['{"id": 1}']
    assert len(waits) == 3
    assert all(0 <= wait <= 0.5 * 2**attempt for attempt, wait in enumerate(waits, 1))


def test_behaviour_9_the_vendor_s_pause_beats_the_source_s(vendor: Vendor, waits) -> None:
    def check(status: int, answer: object) -> None:
        if status == 400:
            raise Retry("busy", 60.0)

    for told, kept in (("3", 3.0), (None, 60.0), ("86400", 60.0)):
        headers = {"Retry-After": told} if told else {}
        vendor.on("GET", "/x", Answer({}, 400, headers), OK)
        Client(vendor.url, check=check).get("/x")
        assert waits.pop() == kept


def test_what_the_vendor_says_is_told_however_it_writes_the_names(vendor: Vendor) -> None:
    errors = [{"Code": 106, "ErrorCode": "UserIsNotAuthorized", "Message": "not this account"}]
    vendor.on("GET", "/x", Answer({"TrackingId": "t", "OperationErrors": errors}, 400))
    with pytest.raises(Refused, match=r"HTTP 400 \(106: .*not this account\)"):
        Client(vendor.url).get("/x")


def test_behaviour_9_retry_after_is_kept(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer({}, 429, {"Retry-After": "7"}), OK)
    Client(vendor.url).get("/x")
    assert waits == [7.0]


def test_behaviour_9_the_vendors_own_header_says_how_long_a_429_lasts(
    vendor: Vendor, waits
) -> None:
    """It comes with every answer, and counts only where there is no room; Retry-After is exact."""
    told = {"X-RateLimit-Reset": "20"}
    vendor.on("GET", "/x", Answer({}, 429, told), OK)
    client = Client(vendor.url, reset="X-RateLimit-Reset")
    client.get("/x")
    vendor.on("GET", "/x", Answer({}, 429, {**told, "Retry-After": "7"}), OK)
    client.get("/x")
    assert waits == [20.0, 7.0]
    vendor.on("GET", "/x", Answer({}, 500, told), OK)
    client.get("/x")
    assert waits[-1] < 20


def test_retry_after_may_be_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert 28 < (retry_after(format_datetime(moment, usegmt=True)) or 0) <= 30
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_behaviour_9_retries_are_bounded_and_the_error_says_what_happened(vendor, waits) -> None:
    vendor.on("GET", "/x", Answer({"message": "maintenance"}, 503))
    with pytest.raises(VendorError, match=rf"GET /x failed {ATTEMPTS} times.*503.*maintenance"):
        Client(vendor.url).get("/x")
    assert len(vendor.requests) == ATTEMPTS


def test_a_page_that_never_becomes_json_is_an_error(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer(b"<html>"))
    with pytest.raises(VendorError, match="not JSON"):
        Client(vendor.url).get("/x")


def test_a_very_long_retry_after_ends_the_run(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer({}, 429, {"Retry-After": "86400"}))
    with pytest.raises(VendorError, match="asks to wait 86400 s"):
        Client(vendor.url).get("/x")
    assert waits == []


def test_nothing_listens(waits) -> None:
    with pytest.raises(VendorError, match="no whole answer"):
        Client("http://127.0.0.1:9").get("/x")


@pytest.mark.parametrize("host", ["", "example.com", "ftp://example.com"])
def test_a_host_without_scheme_is_named(waits, host: str) -> None:
    with pytest.raises(SettingError, match="host of the connection"):
        Client(host).get("/x")


def test_a_refused_request_is_not_retried(vendor: Vendor, waits) -> None:
    vendor.on("POST", "/x", Answer({"errors": [{"code": "BAD", "detail": "no such field"}]}, 400))
    with pytest.raises(Refused, match=r"POST /x was refused: HTTP 400 .*BAD: no such field"):
        Client(vendor.url).post("/x", {})
    assert len(vendor.requests) == 1


def test_what_may_not_be_read_can_be_left_out(vendor: Vendor, waits) -> None:
    scope = {"errors": [{"code": "INSUFFICIENT_SCOPES"}]}
    vendor.on("GET", "/v2/bookings", Answer(scope, 403))
    wanted = r"denies access to /v2/bookings .*403.*INSUFFICIENT_SCOPES.*extra\.skip_streams"
    with pytest.raises(AuthError, match=wanted):
        Client(vendor.url).get("/v2/bookings")
    assert waits == []


def test_a_firewalls_web_page_is_no_word_on_our_rights(vendor: Vendor, waits) -> None:
    """It comes and goes with the address that a cloud lends us."""
    html = {"Content-Type": "text/html; charset=UTF-8"}
    challenge = Answer(b"<!DOCTYPE html><title>Just a moment...</title>", 403, html)
    vendor.on("GET", "/x", challenge, challenge, Answer({"rows": [1]}))
    assert Client(vendor.url).get("/x", rows=("rows",)).items == [1]
    assert len(waits) == 2
    vendor.on("GET", "/x", challenge)
    with pytest.raises(VendorError, match=r"failed 3 times.*a firewall, the vendor's or yours"):
        Client(vendor.url).get("/x", rows=("rows",))


def test_behaviour_5_an_error_inside_http_200_is_seen(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer({"code": 40100}), Answer({"code": 0, "rows": [1]}))

    def check(status: int, answer: dict[str, int]) -> None:
        if answer["code"]:
            raise Retry("code 40100", after=0.5)

    assert Client(vendor.url, check=check).get("/x", rows=("rows",)).items == [1]
    assert waits == [0.5]


def tokens(vendor: Vendor) -> Token:
    """A token endpoint that hands out t1, t2, …"""
    issued: list[str] = []

    def answer(request) -> Answer:
        if request.form.get("refresh_token") != "good":
            return Answer({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        issued.append(f"t{len(issued) + 1}")
        return Answer({"access_token": issued[-1], "expires_in": 3600})

    vendor.on("POST", "/token", answer)
    client = Client(vendor.url)
    return Token(lambda: token_request(client, "/token", data=refresh_grant("i", "s", "good")))


def test_behaviour_6_a_token_refused_mid_run_is_renewed(vendor: Vendor, waits) -> None:
    vendor.on(
        "GET",
        "/x",
        lambda r: (
            Answer({"rows": [1]})
            if r.headers["Authorization"] == "Bearer t2"
            else Answer({"error": {"status": "UNAUTHENTICATED"}}, 401)
        ),
    )
    client = Client(vendor.url, tokens(vendor))
    assert client.get("/x", rows=("rows",)).items == [1]
    assert client.get("/x", rows=("rows",)).items == [1]
    assert len(vendor.seen("/token")) == 2


def test_behaviour_6_an_address_of_a_session_is_not_asked_for_in_another(
    vendor: Vendor, waits
) -> None:
    vendor.on("GET", "/next", Answer({"message": "session expired"}, 401))
    client = Client(vendor.url, tokens(vendor))
    with pytest.raises(CursorExpired):
        client.get("/next", rows=("rows",), of_session=True)
    assert len(vendor.seen("/next")) == 1
    assert len(vendor.seen("/token")) == 2, "the next query is asked in a session of its own"


def test_behaviour_6_a_token_is_renewed_before_it_ends() -> None:
    now = 1000.0
    granted = iter(["a", "b"])
    token = Token(lambda: {"access_token": next(granted), "expires_in": 90}, clock=lambda: now)
    assert token.headers() == {"Authorization": "Bearer a"}
    now += 29
    assert token.headers() == {"Authorization": "Bearer a"}
    now += 2  # less than a minute is left: too little for a long page
    assert token.headers() == {"Authorization": "Bearer b"}


def test_a_token_may_state_the_moment_it_ends() -> None:
    token = Token(
        lambda: {"access_token": "a", "expires_at": "1970-01-01T00:10:00Z"}, clock=lambda: 0.0
    )
    token.headers()
    assert token._ends_at == 540


def test_wrong_credentials_at_the_token_endpoint(vendor: Vendor, waits, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    tokens(vendor)
    client = Client(vendor.url)
    auth = Token(lambda: token_request(client, "/token", data=refresh_grant("i", "s3cret", "bad")))
    with pytest.raises(AuthError, match=r"refused our credentials.*invalid_grant|Bad Request") as e:
        Client(vendor.url, auth).get("/x")
    assert "s3cret" not in str(e.value) + caplog.text
    assert len(vendor.requests) == 1


def test_a_key_that_is_refused_is_not_tried_again(vendor: Vendor, waits, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.on("GET", "/x", Answer({"meta": {"code": 401, "message": "Unauthorized"}}, 401))
    with pytest.raises(AuthError, match=r"refused our credentials .*401.*login, password") as e:
        Client(vendor.url, FixedHeader("Authorization", "s3cret")).get("/x")
    assert "s3cret" not in str(e.value) + caplog.text
    assert len(vendor.requests) == 1


def test_secrets_stay_out_of_logs_when_retrying(vendor: Vendor, waits, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.on("POST", "/x", Answer({}, 500))
    client = Client(vendor.url, FixedHeader("Authorization", "s3cret-header"))
    with pytest.raises(VendorError) as error:
        client.call("POST", "/x", data={"client_secret": "s3cret-body"}, params={"k": "s3cret-q"})
    assert "attempt 2 failed" in caplog.text
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("connectors")]
    assert "s3cret" not in str(error.value) + "".join(ours)


def test_a_service_account_signs_its_token_request() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    account = {"client_email": "a@b.example", "private_key": pem}
    form = jwt_bearer_grant(account, "https://token.example", "scope")
    claims = jwt.decode(
        form["assertion"], key.public_key(), ["RS256"], audience="https://token.example"
    )
    assert (claims["iss"], claims["scope"]) == ("a@b.example", "scope")
    with pytest.raises(SettingError, match="service_account"):
        jwt_bearer_grant({"client_email": "x", "private_key": "s3cret"}, "u", "s")


def test_behaviour_9_the_rate_budget_waits_ahead_of_the_limit() -> None:
    now = 0.0
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    budget = Budget(10, 2, clock=lambda: now, sleep=sleep)
    for _ in range(30):
        budget.take()
    assert sum(waited) == pytest.approx(10)  # 10 at once, then 2 a second
    budget.correct(available=0, capacity=100, per_second=50)
    assert budget.take(25) == pytest.approx(0.5)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_redirect_is_followed_to_another_host(
    vendor: Vendor, waits, status: int, method: str
) -> None:
    other = Vendor()
    other.on(method, "/x", OK)
    vendor.on(method, "/x", Answer({}, status, {"Location": f"{other.url}/x?token=s3cret"}))
    client = Client(vendor.url, FixedHeader("X-Token", "s3cret-header"))
    try:
        with pytest.raises(Refused, match=rf"{method} /x is redirected to http://127") as error:
            client.call(
                method, "/x", data={"client_secret": "s3cret"} if method == "POST" else None
            )
    finally:
        other.close()
    assert other.requests == []
    assert "s3cret" not in str(error.value)
    assert waits == []


def test_a_redirect_on_the_same_host_is_followed_for_a_get_alone(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/old", Answer({}, 301, {"Location": "/new?page=2"}))
    vendor.on("GET", "/new", OK)
    vendor.on("POST", "/old", Answer({}, 307, {"Location": "/new"}))
    client = Client(vendor.url)
    assert client.get("/old", {"page": 2}, rows=("rows",)).items == [{"id": 1}]
    assert vendor.requests[-1].query == {"page": "2"}
    with pytest.raises(Refused, match="POST /old is redirected"):
        client.post("/old", {})
    vendor.on("GET", "/turn", Answer({}, 302, {"Location": "/turn"}))
    with pytest.raises(Refused, match="redirected more than 5 times"):
        client.get("/turn")
    # A host that turns to https is the same; one that turns from it is not.
    assert _redirected("GET", "http://a.example/x", "https://a.example/x") == "https://a.example/x"
    with pytest.raises(Refused):
        _redirected("GET", "https://a.example/x", "http://a.example/x")


def test_a_token_request_is_never_sent_again_elsewhere(vendor: Vendor, waits) -> None:
    vendor.on("POST", "/token", Answer({}, 307, {"Location": "https://elsewhere.example/token"}))
    with pytest.raises(AuthError, match=r"redirected to https://elsewhere\.example"):
        token_request(Client(vendor.url), "/token", data=refresh_grant("i", "s", "r"))


@pytest.mark.parametrize(
    ("allowed", "error"), [("", SettingError), ("false", SettingError), ("true", VendorError)]
)
def test_plain_http_is_for_this_machine_alone_unless_it_is_allowed(
    waits, no_names: None, allowed: str, error: type[Exception]
) -> None:
    connection = Connection(extra={"allow_http": allowed})
    with pytest.raises(error, match=r"extra\.allow_http|no host simulator"):
        Client("http://simulator:8765", connection=connection).get("/x")


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*asked: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


def test_a_host_that_does_not_exist_is_tried_a_few_times(waits, no_names: None) -> None:
    with pytest.raises(VendorError, match=r"failed 3 times, last: there is no host shop\.example"):
        Client("https://shop.example").get("/x")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("2015-10-21T07:28:00Z", 0.0),
        ("-5", 0.0),
        ("nan", None),
        ("inf", float("inf")),
        ("Wed, 99 Oct 2015", None),
        ("Fri, 1 Jan 99999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_a_retry_after_of_any_shape_is_read_or_left(value: str, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_a_bad_certificate_is_named_and_not_tried_again(
    vendor: Vendor, waits, tmp_path: Path
) -> None:
    with (
        https(vendor, tmp_path) as url,
        pytest.raises(
            VendorError, match=r"the certificate of localhost is not trusted: self.signed"
        ),
    ):
        Client(url, FixedHeader("X-Token", "s3cret")).get("/x")
    assert waits == []
    assert vendor.requests == []


def test_a_host_without_https_is_named(vendor: Vendor, waits) -> None:
    with pytest.raises(VendorError, match=r"127\.0\.0\.1 does not speak https"):
        Client(vendor.url.replace("http:", "https:")).get("/x")
    assert waits == []


@contextmanager
def https(vendor: Vendor, folder: Path) -> Iterator[str]:
    """The vendor's server behind a certificate that nobody signed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    file = folder / "server.pem"
    file.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    vendor.speak(context)
    yield vendor.url.replace("http://127.0.0.1", "https://localhost")


def packed(body: bytes) -> Answer:
    return Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def test_an_answer_is_capped_in_size_also_unpacked(vendor: Vendor, waits) -> None:
    small = Connection(extra={"largest_answer_mb": "3"})
    vendor.on("GET", "/x", packed(b'{"rows": [' + b" " * 2_900_000 + b"]}"))
    vendor.on("GET", "/bomb", packed(b'{"rows": [' + b" " * 50_000_000 + b"]}"))
    vendor.on("GET", "/plain", Answer(b" " * 3_000_001))
    client = Client(vendor.url, connection=small)
    assert client.get("/x", rows=("rows",)).items == []
    tracemalloc.start()
    for path in ("/bomb", "/plain"):
        with pytest.raises(VendorError, match=r"more than 3 MB .*extra\.largest_answer_mb"):
            client.get(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert waits == []
    with pytest.raises(SettingError, match="must be a whole number above 0, not 'much'"):
        Client("", connection=Connection(extra={"largest_answer_mb": "much"}))


def test_a_body_that_is_not_packed_as_it_says_is_tried_again(vendor: Vendor, waits) -> None:
    lie = Answer({"rows": []}, headers={"Content-Encoding": "gzip"})
    vendor.on("GET", "/x", lie, OK)
    assert Client(vendor.url).get("/x", rows=("rows",)).items == [{"id": 1}]
    vendor.on("GET", "/x", lie)
    with pytest.raises(VendorError, match=r"not packed as it says \(Content-Encoding: gzip\)"):
        Client(vendor.url).get("/x")


def test_an_answer_that_trickles_ends_at_the_deadline(vendor: Vendor, waits, monkeypatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.1)
    vendor.on("GET", "/x", Answer({"rows": []}, trickles=(10, 0.05)))
    with pytest.raises(VendorError, match=r"failed 3 times, last: no whole answer within 0 s"):
        Client(vendor.url).get("/x")


def test_a_web_page_instead_of_json_is_called_one(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer(b"<html>log in</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(VendorError, match=r"not JSON but a web page \(a login, a proxy\?\)"):
        Client(vendor.url).get("/x")


@pytest.mark.parametrize(
    "answer", [{}, {"rows": None}, {"rows": {}}, [], {"rows": [], "error": "internal"}]
)
def test_behaviour_5_an_answer_without_its_rows_is_no_empty_one(
    vendor: Vendor, waits, answer: object
) -> None:
    vendor.on("GET", "/x", Answer(answer), OK)
    client = Client(vendor.url)
    assert client.get("/x", rows=("rows",)).items == [{"id": 1}]
    assert len(waits) == 1
    vendor.on("GET", "/x", Answer(answer))
    with pytest.raises(VendorError, match=r"rows is|internal|an error inside|not an array"):
        client.get("/x", rows=("rows",))


def test_a_vendor_may_leave_out_empty_arrays_where_it_is_known_to(vendor: Vendor, waits) -> None:
    vendor.on("GET", "/x", Answer({"cursor": None}))
    client = Client(vendor.url)
    assert client.get("/x", rows=("rows",), omits_empty=True).items == []
    for wrong in ({"rows": None}, {"errors": [{"code": "X"}]}, []):
        vendor.on("GET", "/x", Answer(wrong))
        with pytest.raises(VendorError, match="failed 8 times"):
            client.get("/x", rows=("rows",), omits_empty=True)


SECRET = "s3cret/key+öne"


@pytest.mark.parametrize(
    "echoed",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        b64encode(SECRET.encode()).decode(),
        b64encode(f"me@shop:{SECRET}".encode()).decode(),
        "t0ken-of-the-day",
        "n3sted-key",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_credentials_that_a_vendor_echoes_are_masked(
    vendor: Vendor, waits, caplog, status: int, echoed: str
) -> None:
    caplog.set_level(logging.DEBUG)
    said = {"errors": [{"code": "X", "message": f"the key {echoed}, or so, is wrong"}]}
    vendor.on("GET", "/x", Answer(said, status))
    extra = {"account": {"private_key": "n3sted-key", "host": "example"}}
    client = Client(
        vendor.url,
        FixedHeader("Authorization", "Bearer t0ken-of-the-day"),
        connection=Connection(vendor.url, "me@shop", SECRET, extra),
    )
    with pytest.raises(SourceError) as error:
        client.get("/x", rows=("rows",))
    told = str(error.value) + "".join(r.getMessage() for r in caplog.records)
    assert "the key ***, or so, is wrong" in str(error.value)
    assert echoed not in told


def test_a_credential_is_masked_wherever_what_the_vendor_says_is_cut(vendor: Vendor, waits) -> None:
    client = Client(vendor.url, connection=Connection(password=SECRET * 3))
    for before in range(250, 301, 7):
        said = f"{'x ' * (before // 2)}key={SECRET * 3} is wrong"
        vendor.on("GET", "/x", Answer({"error": {"message": said}}, 400))
        with pytest.raises(Refused) as error:
            client.get("/x")
        assert SECRET[:5] not in str(error.value)


def test_a_credential_that_no_request_may_carry_is_a_setting_to_mend(vendor: Vendor, waits) -> None:
    for wrong in ("s3cret\n", "s3cret…"):
        with pytest.raises(SettingError, match="a character that no request may carry") as error:
            Client(vendor.url, FixedHeader("Authorization", wrong)).get("/x")
        assert "s3cret" not in str(error.value)


def test_connections_are_kept_open(vendor: Vendor) -> None:
    vendor.on("GET", "/x", OK)
    client = Client(vendor.url)
    for _ in range(5):
        client.get("/x")
    assert len({request.port for request in vendor.requests}) == 1
    client.close()


def test_a_netrc_does_not_replace_our_authorization(vendor: Vendor, tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other")
    monkeypatch.setenv("NETRC", str(netrc))
    vendor.on("GET", "/x", OK)
    Client(vendor.url, FixedHeader("Authorization", "mine")).get("/x")
    assert vendor.requests[0].headers["Authorization"] == "mine"
    assert requests.utils.get_netrc_auth(vendor.url) is not None
