"""One embedded PostgreSQL for the tests of this folder that do not need one of their own."""

from pathlib import Path

import pytest

from towpath.settings import load
from towpath.store import Store


@pytest.fixture(scope="session")
def store_home(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def store(store_home: Path):
    with Store(load(home=store_home)) as opened:
        yield opened
