"""Databases of the sandbox: kept, fresh, outdated, left over, and given by address."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from towpath.sandbox.odoo_server import storage
from towpath.sandbox.odoo_server.database import Cluster
from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


def rename(odoo: OdooServer, name: str) -> None:
    odoo.database.run(lambda env: env["res.partner"].browse([1]).write({"city": name}), su=True)


def city(odoo: OdooServer) -> str:
    return str(odoo.database.run(lambda env: env["res.partner"].browse([1]).city, su=True))


def names(odoo: OdooServer) -> set[str]:
    with psycopg.connect(odoo.dsn) as connection:
        return {
            row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'odoo%'")
        }


def test_kept_and_fresh_databases(home: Path):
    with OdooServer(data="empty", home=home, keep=True) as odoo:
        rename(odoo, "Kept")
        with OdooServer(data="empty", home=home) as fresh:
            assert city(fresh) != "Kept"
            rename(fresh, "Gone")
            assert len(names(fresh)) == 3
    with OdooServer(data="empty", home=home, keep=True) as odoo:
        assert city(odoo) == "Kept"
        assert len(names(odoo)) == 2


def test_leftovers_are_removed(home: Path):
    cluster = Cluster(home / "postgres")
    try:
        cluster.create("odoo_19_0_empty_p999999999_abcdef")
        cluster.create("odoo_19_0_empty_00000000")
        with OdooServer(data="empty", home=home) as odoo:
            left = names(odoo)
        assert not left & {"odoo_19_0_empty_p999999999_abcdef", "odoo_19_0_empty_00000000"}
    finally:
        cluster.stop()


def test_who_comes_back_is_a_user_again(home: Path):
    """A process left while another used the server, came back, and lost it when the other one left."""
    first = Cluster(home / "postgres")
    code = "import pathlib, sys; from towpath.sandbox.odoo_server.database import Cluster; "
    code += "cluster = Cluster(pathlib.Path(sys.argv[1])); print(flush=True); input(); cluster.stop()"
    words = [sys.executable, "-c", code, str(home / "postgres")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "\n"
        first.stop()
        again = Cluster(home / "postgres")
        other.communicate("\n")
    assert other.returncode == 0
    assert not again.exists("nothing")
    again.stop()
    with pytest.raises(psycopg.OperationalError):
        again.exists("nothing")


def test_a_database_by_address(home: Path):
    cluster = Cluster(home / "postgres")
    try:
        cluster.create("mine")
        for expected in ("", "Mine"):
            with OdooServer(version="17.0", data="empty", database_url=cluster.dsn("mine")) as odoo:
                assert (city(odoo) == "Mine") is bool(expected)
                rename(odoo, "Mine")
    finally:
        cluster.stop()


def test_fingerprints_follow_the_files():
    assert storage._fingerprint("schema") != storage._fingerprint("schema", "install.py")
    assert storage._fingerprint("schema") == storage._fingerprint("schema")


@pytest.mark.parametrize(("option", "value"), [("version", "18.0"), ("data", "huge")])
def test_wrong_options(option: str, value: str):
    with pytest.raises(ValueError, match=f"{option} must be one of"):
        OdooServer(**{option: value})
