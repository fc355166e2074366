"""Sign-in by a directory: Debian's slapd on a port of this machine, with a certificate made here."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from towpath.access import Role
from towpath.errors import (
    AddressError,
    FixSettingsError,
    InputError,
    KeyRefusedError,
    RetryLaterError,
    SignInError,
)
from towpath.features.people import examining, methods, policy, service
from towpath.hub import Hub
from towpath.logins import ldap
from towpath.server.application import create_app

SLAPD = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/libexec")
pytestmark = pytest.mark.skipif(
    SLAPD is None, reason="slapd is not installed (tools/set-up dev installs it on Debian)"
)

PASSWORD = "slow green canal boats"
ENTRIES = """
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: cn=search,dc=example,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: search
userPassword: search-password

dn: uid=ana,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ana
cn: Ana Ferreira
sn: Ferreira
mail: ana@example.com
userPassword: ana-password

dn: uid=bea,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: bea
cn: Bea
sn: Bea
userPassword: bea-password

dn: uid=two(x)*,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: two(x)*
cn: Odd Name
sn: Name
userPassword: odd-password

dn: cn=finance,dc=example,dc=com
objectClass: groupOfNames
cn: finance
member: uid=ana,ou=people,dc=example,dc=com
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A slapd that runs."""

    ldaps: int
    plain: int
    ca: str


def certificate(folder: Path) -> str:
    """A certificate for localhost that signs itself; its PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox directory")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem.decode()


@pytest.fixture(scope="module")
def slapd(free_port: Callable[[], int]) -> Iterator[Running]:
    """A directory with TLS, which takes no bind without it."""
    # Short, and readable by whoever runs it: slapd keeps sockets and files there.
    folder = Path(tempfile.mkdtemp(prefix="slapd-"))
    ca = certificate(folder)
    (folder / "data").mkdir()
    schemas = "".join(
        f"include {path}/{name}.schema\n"
        for path in ("/etc/ldap/schema", "/etc/openldap/schema")
        if Path(path).is_dir()
        for name in ("core", "cosine", "inetorgperson")
    )
    modules = next(
        (p for p in ("/usr/lib/ldap", "/usr/lib64/openldap") if Path(p, "back_mdb.so").exists()), ""
    )
    load = f"modulepath {modules}\nmoduleload back_mdb\n" if modules else ""
    (folder / "slapd.conf").write_text(
        f"{schemas}{load}pidfile {folder}/pid\nTLSCertificateFile {folder}/cert.pem\n"
        f"TLSCertificateKeyFile {folder}/key.pem\nsecurity simple_bind=128\n"
        f'database mdb\nsuffix "dc=example,dc=com"\nrootdn "cn=root,dc=example,dc=com"\ndirectory {folder}/data\n'
        "access to attrs=userPassword by anonymous auth by * none\n"
        'access to * by dn.exact="cn=search,dc=example,dc=com" read by users read by anonymous auth by * none\n'
    )
    (folder / "entries.ldif").write_text(ENTRIES)
    slapadd = str(Path(str(SLAPD)).with_name("slapadd"))
    subprocess.run(
        [slapadd, "-f", f"{folder}/slapd.conf", "-l", f"{folder}/entries.ldif"],
        check=True,
        capture_output=True,
    )
    ldaps, plain = free_port(), free_port()
    listen = f"ldaps://127.0.0.1:{ldaps}/ ldap://127.0.0.1:{plain}/"
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [str(SLAPD), "-f", f"{folder}/slapd.conf", "-h", listen, "-d", "0"], stdout=log, stderr=log
    )
    try:
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", ldaps)) == 0:
                    break
            time.sleep(0.05)
        yield Running(ldaps=ldaps, plain=plain, ca=ca)
    finally:
        process.terminate()
        process.wait(60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
        assert not os.path.exists(folder)  # noqa: PTH110  # nothing of it stays


@pytest.fixture
def directory(slapd: Running) -> ldap.Directory:
    return ldap.Directory(
        host="localhost",
        port=slapd.ldaps,
        tls="ldaps",
        ca=slapd.ca,
        bind_dn="cn=search,dc=example,dc=com",
        bind_password="search-password",
        base="dc=example,dc=com",
        filter="(uid=%s)",
        group_filter="(&(objectClass=groupOfNames)(member=%s))",
        private=True,
    )


@pytest.mark.feature("S3.ldap.3", "S3.ldap.4", "S3.ldap.5")
@pytest.mark.parametrize("tls", ["ldaps", "starttls"])
def test_a_person_is_who_the_directory_says(directory, slapd, tls):
    port = slapd.ldaps if tls == "ldaps" else slapd.plain
    identity = ldap.prove(replace(directory, tls=tls, port=port), "ana", "ana-password")
    assert (identity.name, identity.email, identity.login) == ("Ana Ferreira", "ana@example.com", "ana")
    assert len(identity.subject) == 36  # entryUUID: not the name, which may change
    assert {"finance", "cn=finance,dc=example,dc=com"} <= identity.groups
    reached, bound, searched = ldap.examine(replace(directory, tls=tls, port=port))
    assert ("trusted" in reached, "cn=search" in bound, "searched" in searched) == (True, True, True)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ana", "wrong"),
        ("ana", ""),
        ("", "ana-password"),
        ("nobody", "ana-password"),
        ("*", "ana-password"),
        ("an*", "ana-password"),
        ("ana)(uid=*", "ana-password"),
        ("ana)(|(uid=*)", "ana-password"),
        ("x)(|(cn=*", "ana-password"),
        ("ana\x00", "ana-password"),
        ("search", "search-password"),
    ],
)
def test_whatever_is_typed_finds_nobody_else_and_says_nothing(directory, login, password):
    with pytest.raises(SignInError, match="The login or the password is not right"):
        ldap.prove(directory, login, password)


def test_signs_that_mean_something_in_a_filter_may_be_in_a_login(directory):
    assert ldap.prove(directory, "two(x)*", "odd-password").name == "Odd Name"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # ldap3 forgets a socket
def test_what_is_wrong_in_the_settings_is_said_in_a_sentence(directory, slapd, free_port):
    def said(kind: type[Exception], **news: object) -> str:
        with pytest.raises(kind) as problem:
            ldap.prove(replace(directory, **news), "ana", "ana-password")
        return str(problem.value)

    assert "certificate" in said(AddressError, ca=None)
    assert "certificate" in said(AddressError, host="127.0.0.1")  # not its name
    assert "certificate" in said(AddressError, port=slapd.plain)  # no TLS there
    assert "user that searches" in said(KeyRefusedError, bind_password="wrong")
    assert "base" in said(FixSettingsError, base="dc=nowhere,dc=com")
    assert "%s" in said(InputError, filter="(uid=ana)")
    assert "filter" in said(InputError, filter="(uid=%s")
    assert "does not answer" in said(RetryLaterError, port=free_port())
    assert "private" in said(AddressError, private=False)
    # Anonymous people may not look around in this directory.
    assert "base" in said(FixSettingsError, bind_dn=None, bind_password=None)


@pytest.fixture
def offered(hub: Hub, boss: service.User, slapd: Running) -> Iterator[tuple[Hub, methods.Method]]:
    del boss
    changed = Hub(hub.settings.model_copy(update={"private_addresses": True}), works=False)
    changed.__dict__["store"], changed.__dict__["cabinet"] = hub.store, hub.cabinet
    config = {
        "host": "localhost",
        "port": slapd.ldaps,
        "tls": "ldaps",
        "ca": slapd.ca,
        "bind_dn": "cn=search,dc=example,dc=com",
        "base": "dc=example,dc=com",
        "filter": "(uid=%s)",
        "group_filter": "(member=%s)",
        "create_users": True,
        "template_role": "viewer",
        "mapping": [{"group": "finance", "role": "analyst"}],
    }
    made = methods.add(changed, kind="ldap", title="Directory", config=config, secret="search-password")
    yield changed, made
    methods.remove(hub, made.id)


@pytest.mark.feature("S3.ldap.1", "S3.ldap.6")
def test_a_person_of_the_directory_signs_in_with_the_template_and_the_roles_of_their_groups(offered):
    from starlette.testclient import TestClient

    hub, method = offered
    client = TestClient(create_app(hub), base_url="http://localhost", headers={"X-Towpath": "1"})
    ways = client.get("/api/v1/sign-in").json()["methods"]
    assert {"id": method.id, "title": "Directory", "kind": "ldap"} in ways
    typed = {"login": "ana", "password": "ana-password"}
    assert client.post("/api/v1/session", json=typed).status_code == 401  # not a password of ours
    answer = client.post("/api/v1/session", json=typed | {"method_id": method.id})
    assert answer.status_code == 201, answer.text
    assert answer.json()["roles"] == sorted([Role.ANALYST, Role.VIEWER])
    wrong = [
        client.post("/api/v1/session", json=typed | {"method_id": method.id, "password": "x"}).status_code
        for _ in range(7)
    ]
    assert set(wrong) == {401, 429}  # the directory is not asked without end
    assert client.get("/api/v1/session").json()["login"] == "ana"


@pytest.mark.feature("S3.2fa.5", "S3.ldap.1")
def test_codes_that_are_demanded_are_demanded_of_people_of_the_directory_too(offered):
    from starlette.testclient import TestClient

    hub, method = offered
    app = create_app(hub)

    def come() -> tuple[TestClient, dict[str, object]]:
        client = TestClient(app, base_url="http://localhost", headers={"X-Towpath": "1"})
        typed = {"login": "bea", "password": "bea-password", "method_id": method.id}
        answer = client.post("/api/v1/session", json=typed)
        assert answer.status_code == 201, answer.text
        return client, answer.json()

    client, before = come()
    assert before["pending"] is None
    policy.set_code_roles(hub, list(Role))
    try:
        # From the next request on, whoever is signed in already.
        me = client.get("/api/v1/session").json()
        assert (me["pending"], me["rights"], me["proof"]) == ("enrol", [], "password")
        assert client.get("/api/v1/connections").status_code == 401
        wrong = client.post("/api/v1/session/totp", json={"password": "another"})
        assert wrong.status_code == 422, wrong.text
        made = client.post("/api/v1/session/totp", json={"password": "bea-password"})
        assert made.status_code == 200, made.text
        app_ = pyotp.TOTP(made.json()["secret"])
        assert client.post("/api/v1/session/totp/confirm", json={"code": app_.now()}).status_code == 200
        assert client.get("/api/v1/session").json()["pending"] is None
        other, half = come()
        assert (half["pending"], half["rights"]) == ("code", [])
        ahead = app_.at(time.time() + 30)
        assert other.post("/api/v1/session/code", json={"code": ahead}).json()["pending"] is None
    finally:
        policy.set_code_roles(hub, [])


@pytest.mark.feature("S3.ldap.1", "S3.ldap.5")
def test_a_test_says_which_step_does_not_hold(offered):
    hub, method = offered

    def told(login: str | None = None, **news: object) -> list[tuple[str, bool | None]]:
        methods.change(hub, method.id, config=dict(method.config) | news)
        steps = examining.examine(hub, method.id, redirect_uri="", login=login)
        said.extend(one.message for one in steps)
        return [(one.name, one.ok) for one in steps]

    said: list[str] = []
    whole = ["reach", "bind", "search", "person", "roles"]
    assert told("ana") == [(name, True) for name in whole]
    assert "Ana Ferreira (ana@example.com)" in said[3]
    assert "finance > analyst (*)" in said[4]
    assert told("nobody")[3:] == [("person", False), ("roles", None)]
    assert told(ca="")[:2] == [("reach", False), ("bind", None)]
    assert told(bind_dn="cn=other,dc=example,dc=com")[:3] == [
        ("reach", True),
        ("bind", False),
        ("search", None),
    ]
    assert told(base="dc=nowhere,dc=com") == [("reach", True), ("bind", True), ("search", False)]
