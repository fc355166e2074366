"""Which setting a refusal is about, so that a page can say it beside that field and a program can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from towpath.errors import InputError

__all__ = ["about"]


@contextmanager
def about(setting: str) -> Iterator[None]:
    """Name the setting, as the REST API calls it, in a refusal that does not name one: ``details["setting"]``."""
    try:
        yield
    except InputError as problem:
        problem.details.setdefault("setting", setting)
        raise
