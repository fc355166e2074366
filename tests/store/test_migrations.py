import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.errors import DamagedError
from towpath.settings import Settings, load
from towpath.store import Store
from towpath.store.upgrade import find_folders

HEADER = """
import sqlalchemy as sa
from alembic import op
revision = "{revision}"
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}
def upgrade():
    op.execute("{sql}")
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("migrations")
    with Store(load(home=path)):
        yield path


@pytest.fixture
def fresh(home: Path):
    """Settings for a database of its own in the running server."""
    name = f"fresh_{time.monotonic_ns()}"
    with Store(load(home=home)) as store:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'create database "{name}"')
        return load(home=home, database_url=store.dsn.replace("/towpath?", f"/{name}?"))


@pytest.fixture
def feature(tmp_path: Path):
    folder = tmp_path / "features" / "boats" / "migrations"
    folder.mkdir(parents=True)

    def write(revision: str, sql: str, *, down: str | None = None) -> list[Path]:
        labels, depends = (None, None) if down else (("boats",), "store_0001")
        text = HEADER.format(revision=revision, down=down, labels=labels, depends=depends, sql=sql)
        (folder / f"{revision}.py").write_text(text, encoding="utf-8")
        return [*find_folders(), folder]

    return write


def names(store: Store):
    return set(sa.inspect(store.engine).get_table_names(schema="towpath"))


def test_all_parts_bring_their_tables(fresh: Settings):
    with Store(fresh) as store:
        assert {"meta", "audit", "rate_buckets", "secrets", "executors", "migrations_done"} <= names(store)


def test_what_is_current_is_left_alone_in_milliseconds(fresh: Settings):
    with Store(fresh) as store:

        def looking() -> float:
            began = time.perf_counter()
            assert store.migrate() == []
            return time.perf_counter() - began

        assert any(looking() < 0.05 for _ in range(20)), "at one of its best, as others use the machine too"


def test_a_feature_is_found_by_its_folder_and_only_new_files_run(
    fresh: Settings, feature: Callable[..., list[Path]]
):
    folders = feature("boats_0001", "create table towpath.boats (id int)")
    with Store(fresh, migrations=folders) as store:
        assert "boats" in names(store)
    folders = feature("boats_0002", "alter table towpath.boats add name text", down="boats_0001")
    with Store(fresh, migrations=folders) as store:
        assert [column["name"] for column in sa.inspect(store.engine).get_columns("boats", "towpath")] == [
            "id",
            "name",
        ]
        assert store.migrate() == []


def test_a_feature_can_come_to_a_database_that_is_in_use(fresh: Settings, feature: Callable[..., list[Path]]):
    with Store(fresh):
        pass
    with Store(fresh, migrations=feature("boats_0001", "create table towpath.boats (id int)")) as store:
        assert "boats" in names(store)


def test_a_file_that_fails_changes_nothing(fresh: Settings, feature: Callable[..., list[Path]]):
    feature("boats_0001", "create table towpath.boats (id int)")
    folders = feature("boats_0002", "select nothing", down="boats_0001")
    with pytest.raises(sa.exc.ProgrammingError), Store(fresh, migrations=folders):
        pass
    with Store(fresh) as store:
        assert "boats" not in names(store)


def test_what_takes_away_waits_for_processes_of_the_older_release(
    fresh: Settings, feature: Callable[..., list[Path]]
):
    feature("boats_0001", "create table towpath.boats (id int, old text)")
    feature("boats_0002_post", "alter table towpath.boats drop column old", down="boats_0001")
    folders = feature("boats_0003", "alter table towpath.boats add more text", down="boats_0002_post")
    store = Store(fresh, migrations=folders)
    ran = store.migrate(older_at_work=True)
    assert "boats_0001" in ran
    assert not {"boats_0002_post", "boats_0003"} & set(ran)
    assert store.migrate(older_at_work=True) == []
    assert store.migrate() == ["boats_0002_post", "boats_0003"]
    store.close()


def test_an_older_release_starts_on_a_newer_database(fresh: Settings, feature: Callable[..., list[Path]]):
    with Store(fresh, migrations=feature("boats_0001", "create table towpath.boats (id int)")):
        pass
    with Store(fresh) as older:
        assert older.migrate() == []


def test_two_releases_that_went_apart_are_told(
    fresh: Settings, feature: Callable[..., list[Path]], tmp_path: Path
):
    with Store(fresh, migrations=feature("boats_0001", "create table towpath.boats (id int)")):
        pass
    other = tmp_path / "features" / "canals" / "migrations"
    other.mkdir(parents=True)
    text = HEADER.format(
        revision="canals_0001", down=None, labels=("canals",), depends="store_0001", sql="select 1"
    )
    (other / "canals_0001.py").write_text(text, encoding="utf-8")
    with (
        pytest.raises(DamagedError, match="another release"),
        Store(fresh, migrations=[*find_folders(), other]),
    ):
        pass


def test_processes_that_start_at_once_run_each_file_once(fresh: Settings, feature: Callable[..., list[Path]]):
    folders = feature("boats_0001", "create table towpath.boats (id int)")
    stores = [Store(fresh, migrations=folders) for _ in range(4)]
    ran, errors = [], []

    def work(store: Store) -> None:
        try:
            ran.append(store.migrate())
        except Exception as error:  # noqa: BLE001  # shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert errors == []
    assert sorted(map(bool, ran)) == [False, False, False, True]


def test_a_feature_of_another_wheel_brings_its_tables_too(
    fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "towpath_weather" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    text = HEADER.format(
        revision="weather_0001", down=None, labels=("weather",), depends="store_0001", sql="select 1"
    )
    (folder / "weather_0001.py").write_text(text, encoding="utf-8")
    about = tmp_path / "towpath_weather-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: towpath-weather\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "[towpath.features]\nweather = towpath_weather\ngone = no_such_package\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Store(fresh) as store, store.engine.connect() as connection:
        assert (
            "weather_0001"
            in connection.scalars(sa.text("select revision from towpath.migrations_done")).all()
        )


def test_a_process_of_another_release_at_work_is_noticed(fresh: Settings, feature: Callable[..., list[Path]]):
    feature("boats_0001", "create table towpath.boats (id int, old text)")
    folders = feature("boats_0002_post", "alter table towpath.boats drop column old", down="boats_0001")
    with Store(fresh) as store, store.begin() as connection:
        connection.exec_driver_sql(
            "insert into towpath.executors (id, host, pid, release) values ('x', 'h', 1, 'an older one')"
        )
    with Store(fresh, migrations=folders) as store:
        assert store.migrate() == []
        with store.begin() as connection:
            connection.exec_driver_sql(
                "update towpath.executors set heartbeat_at = now() - interval '2 minutes'"
            )
        assert store.migrate() == ["boats_0002_post"]
