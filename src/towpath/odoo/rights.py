"""What Odoo's access errors say: which model, which operation, which groups would help.

Odoo words them in the language of the user, so what can be read from the text is a bonus; model and
operation come from the call itself (S2.61: a missing right must be reported per stream).
"""

from __future__ import annotations

import re

from towpath.errors import RightMissingError

__all__ = ["OPERATIONS", "right_missing"]

OPERATIONS = {
    "create": "create", "load": "create", "copy": "create", "name_create": "create",
    "write": "write", "unlink": "delete",
}  # fmt: skip
"""Operation that a method needs; every other method reads."""

MODEL = re.compile(r"\(([a-z_][\w]*(?:\.[\w]+)+|x_\w+)\)")
GROUP_LINE = re.compile(r"^\s*[-*•]\s*(.+?)\s*$", re.MULTILINE)
FIELD_GROUPS = re.compile(r"allowed for groups? (.+?)\)?$", re.MULTILINE)
FIELDS = re.compile(r'access the fields? "([\w, ]+)"|^- (\w+) \(allowed', re.MULTILINE)
VERB = re.compile(r"not allowed to (access|modify|create|delete|read|write|unlink)|have '(\w+)' access")
WORDS = {"access": "read", "modify": "write", "unlink": "delete"}


def right_missing(message: str, model: str, method: str) -> RightMissingError:
    """Return the error for an access error of Odoo.

    Its details hold `model`, `operation` (read, write, create, delete), `groups` (names as Odoo shows
    them, may be empty), `fields` (when single fields are closed to the user) and `records` (True when the
    right to the model is there and a record rule hides the record).
    """
    found = MODEL.search(message)
    model = found.group(1) if found else model
    verb = VERB.search(message)
    word = (verb.group(1) or verb.group(2)) if verb else OPERATIONS.get(method, "read")
    operation = WORDS.get(word, word)
    fields = [name for found in FIELDS.findall(message) for name in re.findall(r"\w+", found[0] or found[1])]
    groups = _groups(message, fields)
    records = verb is not None and verb.group(2) is not None
    if fields:
        sentence = f"The Odoo user may not {operation} the field {', '.join(fields)} of {model}"
    elif records:
        sentence = f"A record rule of Odoo keeps this user from {_doing(operation)} some records of {model}"
    else:
        sentence = f"The Odoo user may not {operation} {model}"
    advice = (
        f"add it to one of the groups {', '.join(groups)}" if groups else "ask an administrator for the right"
    )
    return RightMissingError(
        f"{sentence}; {advice}.",
        details={
            "model": model,
            "operation": operation,
            "groups": groups,
            "fields": fields,
            "records": records,
        },
    )


def _groups(message: str, fields: list[str]) -> list[str]:
    if fields:
        found = FIELD_GROUPS.search(message)
        return re.findall(r"'([^']+)'", found.group(1)) if found else []
    if "groups" not in message:
        return []
    return [line for line in GROUP_LINE.findall(message.partition("groups")[2]) if not MODEL.search(line)]


def _doing(operation: str) -> str:
    return {"read": "reading", "write": "changing", "create": "creating", "delete": "deleting"}.get(
        operation, operation
    )
