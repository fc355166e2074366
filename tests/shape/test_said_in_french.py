"""What the server says stands in French too: a new sentence, action or setting without one is found here."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

from towpath import errors
from towpath.features.explore.ready import ready_queries
from towpath.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "towpath"

#: Whose sentences people meet on the pages. Command lines speak English.
SPEAKERS = (
    "access.py",
    "web/*.py",
    *(
        f"odoo/{name}.py"
        for name in (
            *("address", "answers", "databases", "guard", "probe", "reach", "sign_in", "status"),
            # What a run or a test fails with, and what is wrong with a filter, a mask or a model.
            *(
                "json2",
                "jsonrpc",
                "rpc",
                "wire",
                "xmlrpc",
                "domain_literal",
                "domain_parse",
                "masking",
                "schema",
            ),
        )
    ),
    *(
        f"features/{name}/*.py"
        for name in ("audit", "connections", "explore", "home", "keys", "people", "replicate")
    ),
    "features/export_files/api.py",
    "features/export_files/service.py",
    "logins/ldap/*.py",
    "logins/oidc/*.py",
    "logins/password/*.py",
)
#: Raised for programs and caught before anybody reads them.
INNER = {"TypeError", "ValueError", "UsageError", "ConnectError", "HTTPError"}


def _shape(text: str) -> str:
    return re.sub(r"\{\w*\}", "{}", text)


def _pairs(pattern: str) -> dict[str, str]:
    """The texts of message files, by key. A value may stand on the next line."""
    found = {}
    for file in (
        *ROOT.glob(f"ui/src/i18n/{pattern}"),
        *SOURCE.glob(f"features/*/ui/{pattern}"),
        *SOURCE.glob(f"features/*/ui/texts/*.{pattern}"),
    ):
        for key, value in re.findall(
            r'^  ("(?:[^"\\]|\\.)*"):\s+("(?:[^"\\]|\\.)*"),$', file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found[json.loads(key)] = json.loads(value)
    return found


def _texts(node: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, named), *_texts(node.orelse, named))
    elif isinstance(node, ast.Name) and node.id in named:
        yield from _texts(named[node.id], {})
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _spoken() -> Iterator[str]:
    for pattern in SPEAKERS:
        for file in sorted(SOURCE.glob(pattern)):
            if not file.name.startswith("cli"):
                yield from _spoken_in(ast.parse(file.read_text(encoding="utf-8")))


def _spoken_in(tree: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    # A sentence that has a name first, in whatever scope.
    named = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in nodes:
        if isinstance(node, ast.Call):
            for one in _said(node):
                yield from _texts(one, named)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from (text for text in _texts(node.value, named) if text.endswith(".") and len(text) > 30)


def _said(call: ast.Call) -> list[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if (name.endswith("Error") and name not in INNER) or (
        name == "append" and "remarks" in ast.unparse(call.func)
    ):
        return call.args[:1]
    words = {"message", "sentence", "note"} | ({"text", "title"} if name in {"Step", "Link"} else set())
    return [one.value for one in call.keywords if one.arg in words]


def test_every_sentence_of_the_server_stands_in_french():
    known = {_shape(words) for words in _pairs("said.fr.ts")}
    assert len(known) > 200
    missing = {
        text
        for text in _spoken()
        # A sentence that names an option or a command is for the command line; one of values alone says nothing itself.
        if "--" not in text
        and "`towpath" not in text
        and len(text.replace("{}", "")) > 14
        and text not in known
    }
    assert missing == set()


def test_every_kind_of_error_setting_and_ready_query_stands_in_french():
    known = _pairs("said.fr.ts")
    kinds = [
        one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.TowpathError)
    ]
    words = {(one.__doc__ or "").splitlines()[0] for one in kinds}
    words |= {field.description or "" for field in Settings.model_fields.values()}
    words |= {text for one in ready_queries() for text in (one.title, one.about) if text}
    assert words - known.keys() == set()


def test_no_value_is_lost_between_the_languages():
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert {words for words, text in _pairs("said.fr.ts").items() if names(text) - names(words)} == set()


def test_every_action_in_the_audit_has_a_name():
    english, french = _pairs("en.ts"), _pairs("fr.ts")
    # As `store.audit(who, "stream.edit", ...)` has it, and what passes an action on.
    actions = {
        found
        for file in SOURCE.rglob("*.py")
        if "sandbox" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for found in _action(node)
    }
    assert len(actions) > 50
    assert {one for one in actions if f"audit.do.{one}" not in english} == set()
    assert {one for one in actions if f"audit.do.{one}" not in french} == set()


def _action(call: ast.Call) -> Iterator[str]:
    given = [one.value for one in call.keywords if one.arg == "action"]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "audit":
        given += call.args[1:2]
    for one in given:
        for part in ast.walk(one):
            if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+|setup", str(part.value)):
                yield str(part.value)
