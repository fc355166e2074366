"""Migrations of the jobs part, one file a step; found by ``store.upgrade``.

Lives here: what creates and changes its tables. Must not live here: anything imported at run time.
"""

__all__: list[str] = []
