"""What a failed call looks like on the wire: class name, message, arguments, traceback text and HTTP status.

The rules are those recorded from real servers (real-odoo §5): JSON-2 carries them in the body with a status,
JSON-RPC always answers 200 with an `error` object, XML-RPC has four fault codes and loses the class.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import Any

import psycopg

__all__ = ["Failure", "HttpError", "describe", "html_page"]

_STATUS = {
    "odoo.exceptions.UserError": 422,
    "odoo.exceptions.ValidationError": 422,
    "odoo.exceptions.RedirectWarning": 422,
    "odoo.exceptions.AccessError": 403,
    "odoo.exceptions.AccessDenied": 403,
    "odoo.exceptions.MissingError": 404,
    "odoo.exceptions.LockError": 409,
}
_UNADAPTED = re.compile(r"cannot adapt type ('\w+')")
_PAGES = {
    400: (
        "Bad Request",
        "The browser (or proxy) sent a request that this server could not understand.",
    ),
    404: (
        "Not Found",
        (
            "The requested URL was not found on the server. If you entered the URL manually please check your "
            "spelling and try again."
        ),
    ),
    405: ("Method Not Allowed", "The method is not allowed for the requested URL."),
    415: (
        "Unsupported Media Type",
        "The server does not support the media type transmitted in the request.",
    ),
    500: (
        "Internal Server Error",
        (
            "The server encountered an internal error and was unable to complete your request. Either the server "
            "is overloaded or there is an error in the application."
        ),
    ),
}


class HttpError(Exception):
    """A refusal by the HTTP layer itself (werkzeug's exceptions on a real server), `name` among `werkzeug.exceptions`."""

    def __init__(self, name: str, status: int, message: str) -> None:
        super().__init__(message, status)
        self.name = f"werkzeug.exceptions.{name}"
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An exception in the words of the wire; `debug` is a traceback text whose last line is `<class>: <message>`."""

    name: str
    message: str
    arguments: list[Any]
    debug: str
    status: int

    def data(self, version: str) -> dict[str, Any]:
        """The object clients see, with its members in the order of that version."""
        if version == "17.0":
            return {
                "name": self.name,
                "debug": self.debug,
                "message": self.message,
                "arguments": self.arguments,
                "context": {},
            }
        return {
            "name": self.name,
            "message": self.message,
            "arguments": self.arguments,
            "context": {},
            "debug": self.debug,
        }

    @property
    def traceback(self) -> str:
        """The text an XML-RPC fault of code 1 carries."""
        return self.debug


def describe(exc: BaseException) -> Failure:
    """Put any exception into the words of the wire."""
    if isinstance(exc, HttpError):
        name, message, arguments, status = exc.name, exc.message, [exc.message, exc.status], exc.status
    elif isinstance(exc, psycopg.Error):
        message = _database_message(exc)
        name, arguments, status = _database_name(exc), [message], 500
    else:
        name = getattr(exc, "odoo_name", None) or _class_name(type(exc))
        arguments = [_plain(argument) for argument in exc.args]
        message = "\n".join(str(argument) for argument in exc.args)
        status = _STATUS.get(name, 500)
    return Failure(
        name=name, message=message, arguments=arguments, debug=_traceback(exc, name, message), status=status
    )


def html_page(status: int, sentence: str = "") -> bytes:
    """The plain HTML page a real server answers where no JSON is due."""
    title, text = _PAGES[status]
    return (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
        f"<p>{sentence or text}</p>\n"
    ).encode()


def _class_name(cls: type) -> str:
    """`module.Class`; a class of the sandbox itself goes by the nearest class of Python."""
    if cls.__module__.startswith("towpath."):
        cls = next(parent for parent in cls.__mro__ if not parent.__module__.startswith("towpath."))
    return f"{cls.__module__}.{cls.__qualname__}"


def _database_name(exc: psycopg.Error) -> str:
    """`psycopg2.errors.X`: the class names behind SQL states are the same in both drivers."""
    cls = type(exc)
    if cls.__module__ == "psycopg.errors" and getattr(cls, "sqlstate", None):
        return f"psycopg2.errors.{cls.__name__}"
    return f"psycopg2.{cls.__name__}"


def _database_message(exc: psycopg.Error) -> str:
    """The server's message as psycopg2 prints it: primary text, newline, DETAIL."""
    primary = exc.diag.message_primary
    if primary is None:
        found = _UNADAPTED.match(str(exc))
        return f"can't adapt type {found[1]}" if found else str(exc)
    detail = exc.diag.message_detail
    return f"{primary}\n" + (f"DETAIL:  {detail}\n" if detail else "")


def _plain(argument: Any) -> Any:
    return argument if isinstance(argument, str | int | float | bool | list | dict | None) else str(argument)


def _traceback(exc: BaseException, name: str, message: str) -> str:
    """A traceback with paths inside the package, ending as Python ends it."""
    lines = ["Traceback (most recent call last):\n"]
    for frame in traceback.extract_tb(exc.__traceback__):
        path = frame.filename.rpartition("/towpath/")[2].rpartition("/site-packages/")[2]
        lines.append(f'  File "{path}", line {frame.lineno}, in {frame.name}\n')
        if frame.line:
            lines.append(f"    {frame.line}\n")
    label = name.removeprefix("builtins.")
    text = repr(exc.args[0]) if isinstance(exc, KeyError) and exc.args else message
    return "".join(lines) + (f"{label}: {text}\n" if text else f"{label}\n")
