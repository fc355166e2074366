"""Fixtures all tests may use."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# A shared machine pauses when it likes: time is not what a property is about.
settings.register_profile("towpath", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("towpath")

pytest_plugins = ["towpath.sandbox.pytest_plugin"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give a test run of root a folder that others may pass through.

    Root's PostgreSQL runs as another user, whom pytest shuts out of its usual folder whenever a second run starts.
    """
    if os.getuid() == 0 and not config.option.basetemp and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="towpath-tests-")
        config.option.basetemp = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
