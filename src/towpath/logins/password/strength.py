"""How strong a password is: by how many guesses it takes, not by which signs are in it."""

from __future__ import annotations

from collections.abc import Iterable

from towpath.errors import InputError

__all__ = ["check"]

SHORTEST, LONGEST = 10, 256


def check(password: str, hints: Iterable[str] = ()) -> None:
    """Refuse a password that is guessed too soon.

    :param hints: words that a guesser would try first, such as the login.
    :raises InputError: what is wrong with it and what would be better.
    """
    if len(password) < SHORTEST:
        raise InputError(
            f"The password is too short; use at least {SHORTEST} characters, such as four words."
        )
    if len(password) > LONGEST:
        raise InputError(f"The password is too long; use at most {LONGEST} characters.")
    from zxcvbn import zxcvbn

    # Its time grows with the square of the length, and what is beyond makes no password weaker.
    found = zxcvbn(password[:64], user_inputs=["towpath", *(hint for hint in hints if hint)])
    if found["score"] < 3:
        why = found["feedback"]["warning"].rstrip(".") or "It is guessed too soon"
        raise InputError(
            f"The password is too weak: {why}. A few words that do not belong together are better."
        )
