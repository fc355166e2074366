"""The probe: one sentence for whatever may be wrong, and a working access when nothing is."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from towpath import errors
from towpath.odoo import AddressGuard, probe

KEY = "0123456789abcdef0123456789abcdef01234567"
HTML = "text/html; charset=utf-8"


class TinyOdoo:
    """As much of an Odoo as the probe asks for."""

    def __init__(self, loopback: Any, answer: Any, version: str = "19.0") -> None:
        self.loopback, self.answer, self.version = loopback, answer, version
        self.databases: list[str] | None = ["acme"]
        self.keys = {KEY: 2}
        self.password: str | None = "right password"
        self.second_factor = False
        self.rpc = True
        self.forbidden: str | None = None
        loopback.on("/web/login", answer("<html>login</html>", kind=HTML))
        loopback.on("/web/version", self.web_version)
        loopback.on("/web/database/list", self.list)
        loopback.on("/web/session/authenticate", self.web_sign_in)
        loopback.on("/jsonrpc", self.jsonrpc)
        loopback.on("*", self.json2)

    def missing(self):
        return self.answer("<!doctype html><title>404 Not Found</title>", status=404, kind=HTML)

    def web_version(self, _asked: Any):
        if self.version < "19":
            return self.missing()
        return self.answer({"version_info": [19, 0, 0, "final", 0, ""], "version": self.version})

    def envelope(self, asked: Any, result: Any = None, error: Any = None):
        head = {"jsonrpc": "2.0", "id": asked.json.get("id")}
        if error:
            return self.answer({**head, "error": {"code": 0, "message": "Odoo Server Error", "data": error}})
        return self.answer({**head, "result": result})

    def denied(self, asked: Any):
        return self.envelope(
            asked, error={"name": "odoo.exceptions.AccessDenied", "message": "Access Denied", "debug": ""}
        )

    def list(self, asked: Any):
        return self.denied(asked) if self.databases is None else self.envelope(asked, self.databases)

    def secret_of(self, secret: Any):
        if secret in self.keys:
            return self.keys[secret]
        return 2 if secret == self.password and not self.second_factor else False

    def jsonrpc(self, asked: Any):
        params = asked.json["params"]
        args = params["args"]
        match params["service"], params["method"]:
            case "common", "version":
                return (
                    self.envelope(asked, {"server_version": self.version, "server_version_info": []})
                    if self.rpc
                    else self.missing()
                )
            case "common", "authenticate":
                return self.envelope(asked, self.secret_of(args[2]) if args[1] == "admin" else False)
            case "object", "execute_kw":
                return self.envelope(asked, self.run(args[3], args[4]))
        return self.denied(asked)

    def json2(self, asked: Any):
        if not asked.path.startswith("/json/2/") or self.version < "19":
            return self.missing()
        wanted = asked.headers.get("x-odoo-database")
        known = self.databases or ["acme"]
        if wanted not in (known if len(known) > 1 else [*known, None]):
            return self.missing()
        if asked.headers["authorization"].removeprefix("bearer ") not in self.keys:
            return self.answer(
                {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}, status=401
            )
        _, _, _, model, method = asked.path.split("/")
        if model == self.forbidden:
            text = f"You are not allowed to access 'X' ({model}) records.\n\nNo group currently allows this operation."
            return self.answer({"name": "odoo.exceptions.AccessError", "message": text}, status=403)
        return self.answer(self.run(model, method))

    def run(self, _model: Any, method: Any):
        if method == "context_get":
            return {"lang": "en_US", "tz": False, "uid": 2}
        if method == "read":
            return [{"id": 2, "login": "admin"}]
        return 0

    def web_sign_in(self, asked: Any):
        params = asked.json["params"]
        if params["password"] != self.password:
            return self.denied(asked)
        return self.envelope(asked, {"uid": None if self.second_factor else 2})


@pytest.fixture
def tiny(loopback: Any, answer: Any):
    return TinyOdoo(loopback, answer)


@pytest.mark.feature("S1.4", "S1.6", "S2.2", "S2.3", "S4.1")
@pytest.mark.parametrize("path", ["", "/", "/web", "/odoo", "/web/login#action=3", "/jsonrpc", "  "])
def test_a_new_odoo_is_reached_over_json2_whatever_follows_the_host(tiny: Any, path: Any):
    found = probe(f"127.0.0.1:{tiny.loopback.port}{path}", secret=KEY)
    assert found.access.protocol == "json2"
    assert found.access.url == tiny.loopback.url
    assert (found.access.database, found.databases) == ("acme", ("acme",))
    assert (found.user_id, found.user_name, str(found.version)) == (2, "admin", "19.0")
    assert (
        found.sentence
        == f"Odoo 19.0 at {tiny.loopback.url}, database “acme”, signed in as admin, over JSON-2."
    )
    assert KEY not in repr(found)


@pytest.mark.feature("S1.5")
def test_an_older_odoo_is_reached_over_json_rpc(tiny: Any):
    tiny.version = "17.0"
    found = probe(tiny.loopback.url, login="admin", secret=KEY)
    assert (found.access.protocol, str(found.version)) == ("jsonrpc", "17.0")


def test_without_a_secret_only_the_server_is_looked_at(tiny: Any):
    found = probe(tiny.loopback.url)
    assert (found.user_id, found.access.protocol) == (None, "json2")
    assert not any("authorization" in asked.headers for asked in tiny.loopback.seen)


def test_a_password_on_a_new_odoo_goes_over_json_rpc_and_says_until_when(tiny: Any):
    found = probe(tiny.loopback.url, login="admin", secret="right password")
    assert found.access.protocol == "jsonrpc"
    assert "ends with Odoo 22" in found.sentence


@pytest.mark.feature("S2.4")
@pytest.mark.parametrize(
    ("databases", "named", "says"),
    [
        (["live", "test"], None, "several databases; name one of “live”, “test”"),
        (["live", "test"], "liev", "has no database “liev”; it has “live”, “test”"),
        (["Live"], "live", "did you mean “Live”"),
        ([], None, "no database yet"),
        (None, "other", "no database “other”"),
        ([f"db{n}" for n in range(20)], None, "and 12 more"),
    ],
)
def test_databases_are_named(tiny: Any, databases: Any, named: Any, says: Any):
    tiny.databases = databases
    with pytest.raises(errors.DatabaseError, match=says):
        probe(tiny.loopback.url, database=named, secret=KEY)


@pytest.mark.feature("S2.4", "S2.5")
def test_an_unlisted_single_database_is_found_by_the_server(tiny: Any):
    tiny.databases = None
    assert probe(tiny.loopback.url, secret=KEY).access.database is None
    tiny.version = "17.0"
    with pytest.raises(errors.DatabaseError, match="needs the name of the database"):
        probe(tiny.loopback.url, login="admin", secret=KEY)


def test_a_database_in_the_address_is_used(tiny: Any):
    tiny.databases = ["live", "acme"]
    assert probe(f"{tiny.loopback.url}/web?db=live", secret=KEY).access.database == "live"


@pytest.mark.parametrize("version", ["17.0", "19.0"])
def test_a_wrong_key_is_refused(tiny: Any, version: Any):
    tiny.version = version
    with pytest.raises(errors.KeyRefusedError, match="admin") as caught:
        probe(tiny.loopback.url, login="admin", secret="f" * 40)
    assert "ffff" not in caught.value.message + repr(caught.value.details)


def test_a_wrong_key_without_login_is_refused(tiny: Any):
    with pytest.raises(errors.KeyRefusedError, match="wrong, revoked or expired"):
        probe(tiny.loopback.url, secret="f" * 40)


def test_a_login_is_asked_for_where_it_is_needed(tiny: Any):
    tiny.version = "17.0"
    with pytest.raises(errors.InputError, match="user name"):
        probe(tiny.loopback.url, secret=KEY)


@pytest.mark.parametrize("version", ["17.0", "19.0"])
def test_a_password_with_two_factors_gets_its_own_sentence(tiny: Any, version: Any):
    tiny.version, tiny.second_factor = version, True
    with pytest.raises(errors.TwoFactorError, match="Two-factor authentication is on for admin"):
        probe(tiny.loopback.url, login="admin", secret="right password")


def test_a_right_password_that_the_api_refuses(tiny: Any):
    tiny.version, tiny.password = "17.0", "right password"
    tiny.secret_of = lambda _secret: False
    with pytest.raises(errors.KeyRefusedError, match="takes only API keys"):
        probe(tiny.loopback.url, login="admin", secret="right password")


@pytest.mark.feature("S2.61")
def test_a_missing_right_is_named(tiny: Any):
    tiny.forbidden = "account.move"
    with pytest.raises(errors.RightMissingError, match=r"may not read account\.move"):
        probe(tiny.loopback.url, secret=KEY, readable=["res.partner", "account.move"])


def test_retired_protocols_leave_json2(tiny: Any):
    tiny.version, tiny.rpc = "22.0", False
    assert probe(tiny.loopback.url, login="admin", secret=KEY).access.protocol == "json2"
    with pytest.raises(errors.KeyRefusedError):
        probe(tiny.loopback.url, login="admin", secret="right-password")


def test_a_clock_that_is_off_is_told(tiny: Any, answer: Any):
    then = datetime.now(UTC) + timedelta(seconds=90)
    tiny.loopback.on(
        "/web/version",
        lambda _: answer({"version": "19.0"}, headers={"Date": format_datetime(then, usegmt=True)}),
    )
    clean = tiny.answer
    tiny.answer = lambda *args, **named: clean(
        *args, headers={"Date": format_datetime(then, usegmt=True)}, **named
    )
    tiny.loopback.on("/web/login", tiny.answer("<html>", kind=HTML))
    found = probe(tiny.loopback.url, secret=KEY)
    assert found.clock_offset == pytest.approx(90, abs=60)
    assert "seconds ahead of this one" in found.sentence


@pytest.mark.parametrize(
    ("page", "headers", "says"),
    [
        ("<html><link href='/wp-content/x.css'>", {}, "is not an Odoo: it answers with a WordPress site"),
        ("<title>Welcome to nginx!</title>", {}, "the welcome page of nginx"),
        ("<title>My &amp; shop</title>", {}, "a web page titled “My & shop”"),
        ("{}", {"Content-Type": "application/json"}, "JSON that is not Odoo's"),
        ("<html class='o_web_client'>", {}, "shows a web page of Odoo but answers no API call"),
    ],
)
def test_what_is_not_an_odoo_is_described(loopback: Any, answer: Any, page: Any, headers: Any, says: Any):
    loopback.on("*", answer(page, kind=HTML, headers=headers))
    with pytest.raises(errors.AddressError, match=says):
        probe(loopback.url, secret=KEY)


def test_a_redirect_to_another_host_is_told_and_not_followed(loopback: Any, answer: Any):
    loopback.on("*", answer("", status=302, kind=HTML, headers={"Location": "https://login.example.net/sso"}))
    with pytest.raises(errors.AddressError, match=r"leads on to https://login\.example\.net"):
        probe(loopback.url, secret=KEY)


def test_a_redirect_to_another_page_of_the_host_is_nothing_special(tiny: Any, answer: Any):
    tiny.loopback.on("/web/login", answer("", status=303, kind=HTML, headers={"Location": "/odoo"}))
    assert probe(tiny.loopback.url, secret=KEY).user_id == 2


def test_nothing_listens_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(errors.AddressError, match="Nothing answers at"):
            probe(f"127.0.0.1:{free.getsockname()[1]}")


def test_an_unknown_host():
    with pytest.raises(errors.AddressError, match=r"The (host|name) no-such-host\.invalid"):
        probe("no-such-host.invalid")


def test_the_guard_is_obeyed(tiny: Any):
    with pytest.raises(errors.AddressError, match="private network"):
        probe(tiny.loopback.url, secret=KEY, guard=AddressGuard(private=False))
    with pytest.raises(errors.AddressError, match=r"link-local|metadata"):
        probe("http://169.254.169.254/latest", secret=KEY)
    assert not tiny.loopback.seen


def test_a_busy_server_is_not_called_wrong(loopback: Any, answer: Any):
    loopback.on("*", answer("busy", status=503, kind=HTML))
    with pytest.raises(errors.ServerBusyError):
        probe(loopback.url, secret=KEY)


def certificate(folder: Any, *, name: Any = "localhost", expired: Any = False):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=-1 if expired else 30)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, str(pem)


def test_a_self_signed_certificate_is_told_and_can_be_trusted(make_loopback: Any, answer: Any, tmp_path: Any):
    context, pem = certificate(tmp_path)
    server = make_loopback(context)
    TinyOdoo(server, answer)
    url = f"https://localhost:{server.port}"
    with pytest.raises(errors.AddressError, match="self-signed"):
        probe(url, secret=KEY)
    assert probe(url, secret=KEY, ca_file=pem).access.ca_file == pem
    assert probe(url, secret=KEY, verify=False).access.verify is False


def test_an_authority_of_the_environment_is_trusted(
    make_loopback: Any, answer: Any, tmp_path: Any, monkeypatch: Any
):
    context, pem = certificate(tmp_path)
    server = make_loopback(context)
    TinyOdoo(server, answer)
    monkeypatch.setenv("SSL_CERT_FILE", pem)
    assert probe(f"https://localhost:{server.port}", secret=KEY).user_id == 2
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(errors.InputError, match="certificates"):
        probe(f"https://localhost:{server.port}", secret=KEY)


def test_an_expired_certificate_is_told(make_loopback: Any, tmp_path: Any):
    context, pem = certificate(tmp_path, expired=True)
    server = make_loopback(context)
    with pytest.raises(errors.AddressError, match="expired"):
        probe(f"https://localhost:{server.port}", ca_file=pem)


def test_a_certificate_for_another_name_is_told(make_loopback: Any, tmp_path: Any):
    context, pem = certificate(tmp_path, name="other.example")
    server = make_loopback(context)
    with pytest.raises(errors.AddressError, match="another name"):
        probe(f"https://localhost:{server.port}", ca_file=pem)


def test_plain_http_on_a_tls_address_is_told(tiny: Any):
    with pytest.raises(errors.AddressError, match="plain http"):
        probe(f"https://127.0.0.1:{tiny.loopback.port}", secret=KEY)


def test_without_a_scheme_the_other_one_is_tried(tiny: Any, make_loopback: Any, answer: Any, tmp_path: Any):
    context, pem = certificate(tmp_path)
    server = make_loopback(context)
    TinyOdoo(server, answer)
    assert probe(f"localhost:{server.port}", secret=KEY, ca_file=pem).access.url.startswith("https://")
    assert probe(f"127.0.0.1:{tiny.loopback.port}", secret=KEY).access.url.startswith("http://")


def test_http_that_leads_to_https_is_followed(loopback: Any, make_loopback: Any, answer: Any, tmp_path: Any):
    context, pem = certificate(tmp_path)
    secure = make_loopback(context)
    TinyOdoo(secure, answer)
    target = f"https://localhost:{secure.port}"
    loopback.on("*", answer("", status=301, kind=HTML, headers={"Location": f"{target}/web/login"}))
    assert probe(f"http://localhost:{loopback.port}", secret=KEY, ca_file=pem).access.url == target
    assert not any("authorization" in asked.headers for asked in loopback.seen)


def test_https_that_leads_back_to_http_is_not_followed(make_loopback: Any, answer: Any, tmp_path: Any):
    context, pem = certificate(tmp_path)
    secure = make_loopback(context)
    secure.on("*", answer("", status=301, kind=HTML, headers={"Location": "http://localhost/web"}))
    with pytest.raises(errors.AddressError, match="leads on to http://localhost"):
        probe(f"https://localhost:{secure.port}", secret=KEY, ca_file=pem)
