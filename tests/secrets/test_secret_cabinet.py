import base64
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from towpath.errors import DamagedError, InputError, NotFoundError
from towpath.hub import Hub
from towpath.secrets import Cabinet, Vault, key_source
from towpath.secrets.keys import FileKeys, TextKeys
from towpath.settings import load
from towpath.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    with Store(load(home=tmp_path_factory.mktemp("cabinet"))) as opened:
        yield opened


@pytest.fixture
def cabinet(store: Store):
    with store.begin() as connection:
        connection.exec_driver_sql("delete from towpath.secrets")
    return Cabinet(store.engine, Vault(key_source(store.settings)))


def another(cabinet: Cabinet):
    """The cabinet as another process sees it."""
    return Cabinet(cabinet._engine, Vault(FileKeys(cabinet._vault.source._path)))


@pytest.mark.feature("S1.21")
def test_a_secret_is_stored_sealed_and_comes_back(store: Store, cabinet: Cabinet):
    cabinet.put("connection/acme/key", "secret-canary")
    with store.begin() as connection:
        row = connection.execute(sa.text("select secrets::text from towpath.secrets")).scalar_one()
    assert "canary" not in row
    assert base64.b64encode(b"secret-canary").decode()[:12] not in row
    assert cabinet.get("connection/acme/key").reveal() == "secret-canary"


def test_what_is_shown_of_it(cabinet: Cabinet):
    end = datetime.now(UTC) + timedelta(days=90)
    cabinet.put("a", "one-canary", expires_at=end)
    info = cabinet.info("a")
    assert (info.owner, info.expires_at, info.used_at) == ("a", end, None)
    assert abs(datetime.now(UTC) - info.set_at) < timedelta(seconds=30)
    cabinet.get("a")
    assert cabinet.info("a").used_at is not None
    cabinet.put("a", "two-canary")
    assert cabinet.get("a").reveal() == "two-canary"
    assert [row.owner for row in cabinet.all()] == ["a"]
    assert "canary" not in repr(cabinet.all())


def test_there_is_none(cabinet: Cabinet):
    assert cabinet.info("nobody") is None
    assert not cabinet.remove("nobody")
    with pytest.raises(NotFoundError, match="nobody"):
        cabinet.get("nobody")


def test_removed_is_removed(cabinet: Cabinet):
    cabinet.put("a", "one-canary")
    assert cabinet.remove("a")
    assert cabinet.info("a") is None


def test_it_goes_with_the_transaction_it_is_in(store: Store, cabinet: Cabinet):
    with store.engine.connect() as connection:
        cabinet.put("a", "one-canary", connection=connection)
        connection.rollback()
    assert cabinet.info("a") is None
    with store.begin() as connection:
        cabinet.put("a", "one-canary", connection=connection)
        assert cabinet.remove("b", connection=connection) is False
    assert cabinet.get("a").reveal() == "one-canary"


def test_a_sealed_text_copied_to_another_owner_does_not_open(store: Store, cabinet: Cabinet):
    cabinet.put("a", "one-canary")
    cabinet.put("b", "two-canary")
    with store.begin() as connection:
        connection.exec_driver_sql(
            "update towpath.secrets set sealed = (select sealed from towpath.secrets where owner = 'a') where owner = 'b'"
        )
    with pytest.raises(DamagedError):
        cabinet.get("b")


@pytest.mark.feature("S0.20")
def test_rotation_wraps_everything_anew_and_drops_the_old_key(cabinet: Cabinet):
    owners = [f"connection/{number}" for number in range(450)]
    for owner in owners[:3]:
        cabinet.put(owner, f"canary of {owner}")
    sealed = cabinet._vault
    with cabinet._engine.begin() as connection:
        for owner in owners[3:]:
            cabinet.put(owner, f"canary of {owner}", connection=connection)
    old = sealed.ring().current
    other = another(cabinet)
    assert other.get(owners[0]).reveal() == f"canary of {owners[0]}"
    done = cabinet.rotate()
    assert (done.rewrapped, done.old_keys_removed) == (450, True)
    assert done.key_id != old
    assert list(sealed.ring(fresh=True).keys) == [done.key_id]
    for reader in (cabinet, other, another(cabinet)):
        assert [reader.get(owner).reveal() for owner in owners[::50]] == [
            f"canary of {o}" for o in owners[::50]
        ]
    assert {info.key_id for info in cabinet.all()} == {done.key_id}


@pytest.mark.feature("S0.20")
def test_readers_and_writers_go_on_during_rotations(cabinet: Cabinet):
    stop, errors, written = threading.Event(), [], {}

    def work(number: int) -> None:
        mine = another(cabinet)
        try:
            while not stop.is_set():
                owner, value = f"w{number}", f"canary {uuid.uuid4()}"
                mine.put(owner, value)
                written[owner] = value
                assert mine.get(owner).reveal() == value
        except Exception as error:  # noqa: BLE001  # shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        another(cabinet).rotate()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    reader = another(cabinet)
    assert {owner: reader.get(owner).reveal() for owner in written} == written


def test_the_old_key_goes_when_all_that_it_opens_is_stored_anew(
    cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch
):
    cabinet.put("a", "one-canary")
    source, real = cabinet._vault.source, cabinet._rewrap_some
    old = Cabinet(cabinet._engine, Vault(TextKeys(source._path.read_text())))
    before, seen = cabinet.info("a").key_id, []

    def rewrap(*arguments: object) -> int:
        changed = real(*arguments)
        if (
            not changed and cabinet.info("late") is None
        ):  # who wrote by the old key just before writers are held off
            old.put("late", "late-canary")
        return changed

    def write(keys: list[bytes]) -> bool:
        seen.append({info.key_id for info in cabinet.all()})
        return FileKeys.write(source, keys)

    monkeypatch.setattr(cabinet, "_rewrap_some", rewrap)
    monkeypatch.setattr(source, "write", write)
    done = cabinet.rotate()
    assert seen == [{before}, {done.key_id}]
    assert another(cabinet).get("late").reveal() == "late-canary"


def test_a_secret_read_while_a_rotation_ends_opens(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch):
    cabinet.put("a", "one-canary")
    real, rotated = cabinet._vault.open, []

    def opened(sealed: str, owner: str) -> object:
        if not rotated:
            rotated.append(another(cabinet).rotate())
        return real(sealed, owner)

    monkeypatch.setattr(cabinet._vault, "open", opened)
    assert cabinet.get("a").reveal() == "one-canary"


def test_beside_a_lost_key_no_other_one_is_made(store: Store, cabinet: Cabinet):
    def started() -> Hub:
        hub = Hub(store.settings, works=False)
        hub.__dict__["store"] = store
        return hub

    started().cabinet.put("a", "one-canary")
    key = store.settings.home / "master.key"
    away = key.rename(key.with_name("away"))
    try:
        hub = started()
        for use in (lambda: hub.cabinet.get("a"), lambda: hub.cabinet.put("b", "two-canary")):
            with pytest.raises(InputError, match="put it back"):
                use()
        assert not key.exists()
        assert cabinet.info("b") is None
    finally:
        away.rename(key)
    assert hub.cabinet.get("a").reveal() == "one-canary"


def test_two_rotations_at_once_lose_nothing(cabinet: Cabinet):
    for number in range(20):
        cabinet.put(f"s{number}", f"canary {number}")
    errors = []

    def work() -> None:
        try:
            another(cabinet).rotate()
        except Exception as error:  # noqa: BLE001  # shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [another(cabinet).get(f"s{number}").reveal() for number in range(20)] == [
        f"canary {n}" for n in range(20)
    ]


def test_a_rotation_that_was_killed_is_finished_by_the_next(cabinet: Cabinet):
    for number in range(5):
        cabinet.put(f"s{number}", f"canary {number}")
    source = cabinet._vault.source
    ring = source.read()
    source.write([b"k" * 32, *ring.keys.values()])  # the first thing a rotation does
    cabinet._rewrap_some(cabinet._vault.ring().current)
    cabinet.put("late", "canary late")
    done = another(cabinet).rotate()
    assert done.rewrapped == 6
    assert [another(cabinet).get(f"s{number}").reveal() for number in range(5)] == [
        f"canary {n}" for n in range(5)
    ]
    assert len(source.read().keys) == 1


def test_with_a_key_from_the_environment_a_person_takes_the_old_one_out(store: Store, cabinet: Cabinet):
    one, two = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2"))
    Cabinet(store.engine, Vault(TextKeys(one))).put("a", "one-canary")
    done = Cabinet(store.engine, Vault(TextKeys(f"{two},{one}"))).rotate()
    assert (done.rewrapped, done.old_keys_removed) == (1, False)
    assert Cabinet(store.engine, Vault(TextKeys(two))).get("a").reveal() == "one-canary"
