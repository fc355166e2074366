"""Python and JSON literals from text, read without evaluating anything.

Only brackets, texts, numbers and the constants of both languages are known; whatever else is found is named
with its place. Python's own ``literal_eval`` would do for values, but its errors point nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NoReturn

from towpath.errors import InputError

__all__ = ["read_literal"]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>[\[(]) | (?P<close>[\])]) | (?P<comma>,)
      | (?P<text>[uU]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
      | (?P<number>[+-]?(?:\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))(?![\w.])
      | (?P<name>[A-Za-z_]\w*)
      | (?P<other>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<two>.{0,2})|u(?P<four>.{0,4})|U(?P<eight>.{0,8})|N\{(?P<called>[^}]*)\}|(?P<one>.))",
    re.DOTALL,
)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}
_CONSTANTS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}
_CLOSING = {"[": "]", "(": ")"}
_SHOWN = 76


def read_literal(text: str, *, max_depth: int) -> Any:
    """The value of a literal: lists and tuples (of both kinds of bracket), texts, numbers, constants.

    Raises InputError with the place; ``details['where']`` shows it with a caret.
    """
    reader = _Reader(text, max_depth)
    value = reader.value(0)
    reader.expect_end()
    return value


def _unescaped(match: re.Match[str]) -> str:
    """What an escape stands for; as in Python, a backslash before any other letter stays."""
    kind = match.lastgroup or "one"
    found = match[kind]
    if kind == "one":
        return found if found in "\\'\"" else _LETTERS.get(found, match[0])
    if kind == "called":
        return unicodedata.lookup(found)
    if kind == "octal":
        return chr(int(found, 8))
    if len(found) != {"two": 2, "four": 4, "eight": 8}[kind] or not found.isalnum():
        raise ValueError(found)
    return chr(int(found, 16))


class _Reader:
    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.end = 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.end)
        if match is None:
            self.kind, self.start = "end", len(self.text)
            self.token = self.text[self.start :]
            return
        self.kind = match.lastgroup or "other"
        self.token, self.start, self.end = match[self.kind], match.start(self.kind), match.end()

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        place = self.start if at is None else at
        raise InputError(
            f"The domain can not be read at character {place + 1}: {reason}.",
            details={"at": place, "where": point(self.text, place, place + 1)},
        )

    def expect_end(self) -> None:
        if self.kind != "end":
            self.fail(
                f"found {self.token[:30]!r} after the closing bracket; remove it or add a bracket before"
            )

    def value(self, depth: int) -> Any:
        kind, token = self.kind, self.token
        if kind == "open":
            return self.sequence(depth)
        if kind == "text":
            return self.string()
        if kind == "number":
            self.advance()
            return self.number(token)
        if kind == "name":
            if token not in _CONSTANTS:
                self.fail(
                    f"'{token}' is an expression, which is not worked out here; write its value, for instance "
                    "a date as '2026-01-31', and texts in quotes"
                )
            self.advance()
            return _CONSTANTS[token]
        if kind == "end":
            self.fail("the text ends too early; close every bracket and quote")
        if self.text[self.start] in "'\"":
            self.fail("a quote is opened here and never closed")
        return self.fail(
            f"{token!r} does not belong into a domain; write texts in quotes and lists in brackets"
        )

    def sequence(self, depth: int) -> list[Any] | tuple[Any, ...]:
        opened, at = self.token, self.start
        if depth >= self.max_depth:
            self.fail(f"nested deeper than {self.max_depth} levels; write it flatter")
        self.advance()
        items: list[Any] = []
        while self.kind != "close":
            items.append(self.value(depth + 1))
            if self.kind == "comma":
                self.advance()
            elif self.kind == "end":
                self.fail(f"the bracket '{opened}' is never closed; add '{_CLOSING[opened]}'", at)
            elif self.kind != "close":
                if self.kind in {"open", "text", "number", "name"}:
                    self.fail(f"a comma is missing before {self.token[:30]!r}")
                self.fail(f"{self.token!r} is an expression, which is not worked out here; write its value")
        if self.token != _CLOSING[opened]:
            self.fail(f"the bracket '{opened}' is closed by '{self.token}'; use '{_CLOSING[opened]}'")
        self.advance()
        return items if opened == "[" else tuple(items)

    def string(self) -> str:
        body = self.token.lstrip("uU")[1:-1]
        try:
            value = _ESCAPE.sub(_unescaped, body) if "\\" in body else body
        except (ValueError, KeyError):
            self.fail("this text holds an escape that is not valid; double the backslash")
        self.advance()
        return value

    def number(self, token: str) -> int | float:
        try:
            return int(token) if re.fullmatch(r"[+-]?[\d_]+", token) else float(token)
        except ValueError:
            self.fail(f"{token[:30]!r} is not a number")


def point(text: str, start: int, end: int) -> str:
    """The text around a place and a line of carets under it, at most 76 characters wide."""
    if len(text) <= _SHOWN:
        first, last = 0, len(text)
    else:
        first = max(0, min(start - 20, len(text) - _SHOWN))
        last = first + _SHOWN
    shown = "".join(" " if letter in "\n\r\t" else letter for letter in text[first:last])
    width = max(1, min(end, last) - start)
    return f"{shown}\n{' ' * (start - first)}{'^' * width}"
