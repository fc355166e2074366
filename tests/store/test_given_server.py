from pathlib import Path

import pytest

from towpath.errors import ConnectionLostError, DatabaseError, InputError
from towpath.settings import load
from towpath.store import Store
from towpath.store.database import _check_version


def test_a_server_that_is_not_there(tmp_path: Path, unused_port: int):
    settings = load(home=tmp_path, database_url=f"postgresql://u:pw-canary@127.0.0.1:{unused_port}/d")
    with pytest.raises(ConnectionLostError, match="does not answer") as caught:
        Store(settings).open()
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_database_that_is_not_there(tmp_path: Path, store: Store):
    settings = load(home=tmp_path, database_url=store.dsn.replace("/towpath?", "/nothing?"))
    with pytest.raises(DatabaseError, match="TOWPATH_DATABASE_URL"):
        Store(settings).open()


@pytest.mark.parametrize(
    "address",
    ["postgresql://u:pw-canary@[::1", "postgresql://u:pw-canary@h:port/d", "postgresql:///?nonsense=1"],
)
def test_an_address_that_can_not_be_understood(tmp_path: Path, address: str):
    with pytest.raises(InputError, match="can not be understood") as caught:
        Store(load(home=tmp_path, database_url=address)).open()
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_a_given_database_is_used_and_no_embedded_one_is_made(tmp_path: Path, store: Store, scheme: str):
    given = scheme + store.dsn.partition("://")[2]
    with Store(load(home=tmp_path, database_url=given)) as other:
        other.audit("system", "test", scheme)
    assert not (tmp_path / "postgres").exists()


def test_a_server_that_is_too_old():
    with pytest.raises(InputError, match="PostgreSQL 13"):
        _check_version((13, 4))


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]  # nobody else gets it meanwhile
