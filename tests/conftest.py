"""Fixtures all tests may use."""

pytest_plugins = ["towpath.sandbox.pytest_plugin"]
