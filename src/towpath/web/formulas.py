"""CSV that no spreadsheet runs: what would be a formula gets an apostrophe before it (OWASP, CSV injection)."""

from __future__ import annotations

import re

__all__ = ["harmless"]

#: What some programs pass over before a formula: white space, and signs that are not seen, such as a byte order mark.
_UNSEEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\u200b-\u200f\u2060"
_BEGINS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_FIRST = re.compile(rf"[\s{_UNSEEN}]*{_BEGINS}|[\t\r\n]")
#: Where the list separator is a semicolon, as in French and German, Excel parts the cells of our file at other places:
#: quotes do not hold a text together there. What calls a function, or another program, is guarded behind them too.
_INNER = re.compile(rf"([;\t\r\n](?:(?![\t\r\n])[\s{_UNSEEN}])*)(?={_BEGINS}[^;\t\r\n]*[(|])")


def harmless(text: str) -> str:
    """The text, with an apostrophe before each piece of it that a spreadsheet could take for a formula."""
    guarded = _INNER.sub(r"\1'", text)
    return f"'{guarded}" if _FIRST.match(text) else guarded
