"""PostgreSQL's LIKE patterns: ``%`` is any text, ``_`` one character, a backslash takes the next as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

__all__ = ["like"]


@lru_cache(maxsize=1024)
def like(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """A test whether a whole text matches the pattern. Accents count: no ``unaccent`` is assumed.

    Case is ignored by comparing lower-case texts, as ILIKE does.

    >>> like("gh_nt%", ignore_case=True)("Ghent 9000")
    True
    """
    wanted = pattern.lower() if ignore_case else pattern
    pieces: list[str] = []
    letters = iter(wanted)
    for letter in letters:
        if letter == "%":
            pieces.append(".*")
        elif letter == "_":
            pieces.append(".")
        elif letter == "\\":
            pieces.append(re.escape(next(letters, "\\")))
        else:
            pieces.append(re.escape(letter))
    compiled = re.compile("".join(pieces), re.DOTALL)
    if ignore_case:
        return lambda text: compiled.fullmatch(text.lower()) is not None
    return lambda text: compiled.fullmatch(text) is not None
