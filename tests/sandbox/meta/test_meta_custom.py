"""Custom models and fields: usable at once, gone after a rollback, found again by a server that starts."""

import threading
from typing import Any

import pytest

from towpath.sandbox.odoo_server.database import Database
from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError, UserError, ValidationError
from towpath.sandbox.odoo_server.orm import code, custom
from towpath.sandbox.odoo_server.registry import Registry
from towpath.sandbox.odoo_server.server import OdooServer


def add(env: Env, name: str, ttype: str, model: str = "res.partner", **values: Any) -> Any:
    owner = env["ir.model"].search([("model", "=", model)])
    vals = {"name": name, "ttype": ttype, "model_id": owner.id, "field_description": name, **values}
    return env["ir.model.fields"].create(vals)


def test_every_kind_of_field_keeps_its_value(env: Env) -> None:
    add(env, "x_currency_id", "many2one", relation="res.currency")
    kinds = {
        "x_char": ("char", {}, "a"),
        "x_text": ("text", {}, "b"),
        "x_int": ("integer", {}, 3),
        "x_float": ("float", {}, 1.5),
        "x_bool": ("boolean", {}, True),
        "x_date": ("date", {}, "2031-01-02"),
        "x_when": ("datetime", {}, "2031-01-02 03:04:05"),
        "x_sel": ("selection", {"selection": "[('u', 'U'), ('v', 'V')]"}, "v"),
        "x_m2m": ("many2many", {"relation": "res.partner.category"}, []),
        "x_money": ("monetary", {"currency_field": "x_currency_id"}, 2.5),
        "x_file": ("binary", {}, "aGVsbG8="),
        "x_ref": ("reference", {"selection": "[('res.partner', 'P')]"}, "res.partner,1"),
    }
    for name, (ttype, values, _value) in kinds.items():
        add(env, name, ttype, **values)
    wanted = {name: value for name, (_ttype, _values, value) in kinds.items()}
    one = env["res.partner"].create({"name": "P", "x_currency_id": env.ref("base.EUR").id, **wanted})
    assert one.read(list(kinds)) == [{"id": one.id, **wanted}]
    assert env["res.partner"].search([("x_sel", "=", "v")]) == one
    described = env["res.partner"].fields_get(["x_sel", "x_money"])
    assert described["x_sel"]["selection"] == [["u", "U"], ["v", "V"]]
    assert described["x_money"]["manual"] is True


def test_lines_over_a_custom_link(env: Env) -> None:
    made = env["ir.model"].create({"name": "Thing", "model": "x_thing"})
    group = env.ref("base.group_user").id
    rights = {f"perm_{one}": True for one in ("read", "write", "create", "unlink")}
    env["ir.model.access"].create({"name": "all", "model_id": made.id, "group_id": group, **rights})
    add(env, "x_partner", "many2one", "x_thing", relation="res.partner")
    add(env, "x_things", "one2many", relation="x_thing", relation_field="x_partner")
    one = env["res.partner"].create(
        {"name": "P", "x_things": [(0, 0, {"x_name": "t1"}), (0, 0, {"x_name": "t2"})]}
    )
    assert one.x_things.mapped("x_name") == ["t1", "t2"]
    assert env["x_thing"].search([("x_partner.name", "=", "P")]) == one.x_things
    with pytest.raises(UserError, match="cannot be removed because the field"):
        env["ir.model.fields"].search([("name", "=", "x_partner")]).unlink()
    made.unlink()
    assert "x_thing" not in env
    assert env["res.partner"].fields_get(["x_things"]) == {}


def test_a_custom_model_may_have_a_chatter(env: Env) -> None:
    fields = [(0, 0, {"name": "x_title", "ttype": "char", "field_description": "Title"})]
    vals = {
        "name": "Talk",
        "model": "x_talk",
        "is_mail_thread": True,
        "is_mail_activity": True,
        "field_id": fields,
    }
    env["ir.model"].create(vals)
    one = env["x_talk"].sudo().create({"x_title": "hello"})
    one.message_post(body="x")
    assert len(one.message_ids) == 2
    assert one.activity_ids.ids == ()


def test_computed_fields_run_their_code(env: Env) -> None:
    text = "for r in self:\n    if r.name:\n        r['x_len'] = len(r.name) * 2\n    else:\n        r['x_len'] = 0"
    add(env, "x_len", "integer", compute=text, depends="name", store=True)
    add(
        env,
        "x_loud",
        "char",
        compute="for r in self: r.x_loud = (r.name or '') + '!'",
        depends="name",
        store=False,
    )
    one = env["res.partner"].create({"name": "four"})
    assert one.read(["x_len", "x_loud"]) == [{"id": one.id, "x_len": 8, "x_loud": "four!"}]
    one.write({"name": "longer"})
    assert env["res.partner"].search([("x_len", "=", 12)]) == one


def test_code_has_limits() -> None:
    with pytest.raises(ValueError, match="not allowed"):
        code.run("import os", {}, lambda *_: None)
    with pytest.raises(ValueError, match="not allowed"):
        code.run("x = ().__class__", {}, lambda *_: None)
    with pytest.raises(ValueError, match="too many steps"):
        code.run("for a in r:\n  for b in r:\n    pass", {"r": list(range(1000))}, lambda *_: None)


def test_choices_may_change_later(env: Env) -> None:
    field = add(env, "x_sel", "selection", selection="[('a', 'A'), ('b', 'B')]")
    one = env["res.partner"].create({"name": "P", "x_sel": "a"})
    field.selection_ids[0].write({"value": "z"})
    assert one.x_sel == "z"
    field.write({"selection": "[('b', 'BB')]"})
    assert env["res.partner"].fields_get(["x_sel"])["x_sel"]["selection"] == [["b", "BB"]]
    assert one.x_sel is False


def test_renaming_keeps_the_values(env: Env) -> None:
    field = add(env, "x_old", "char")
    one = env["res.partner"].create({"name": "P", "x_old": "kept"})
    field.write({"name": "x_new"})
    assert one.read(["x_new"]) == [{"id": one.id, "x_new": "kept"}]
    field.unlink()
    assert "x_new" not in env["res.partner"]._model.fields


def test_what_cannot_be_a_field_is_refused(env: Env) -> None:
    for values, text in (
        ({"name": "plain", "ttype": "char"}, "must have a name that starts with 'x_'"),
        ({"name": "x_ a", "ttype": "char"}, "can only contain characters"),
        ({"name": "x_a", "ttype": "many2one", "relation": "no.such"}, "Unknown model name 'no.such'"),
        ({"name": "x_a", "ttype": "char", "related": "country_id.nope"}, "Unknown field name"),
        ({"name": "x_a", "ttype": "char", "compute": "pass", "depends": "nope"}, "Unknown field 'nope'"),
        ({"name": "x_a", "ttype": "selection", "selection": "[("}, "not a valid Pythonic expression"),
    ):
        with pytest.raises(ValidationError, match=text), env.cr.savepoint():
            add(env, **values)
    field = env["ir.model.fields"].search([("model", "=", "res.partner"), ("name", "=", "name")])
    with pytest.raises(UserError, match="Properties of base fields"):
        field.write({"ttype": "text"})
    with pytest.raises(UserError, match="contains module data"):
        field.unlink()


def test_what_cannot_be_a_model_is_refused(env: Env) -> None:
    for name, text in (("bad", "must start with 'x_'"), ("x_Bad", "can only contain lowercase")):
        with pytest.raises(ValidationError, match=text), env.cr.savepoint():
            env["ir.model"].create({"name": "Bad", "model": name})
    with pytest.raises(UserError, match="contains module data"):
        env["ir.model"].search([("model", "=", "res.partner")]).unlink()


def test_without_rights_a_custom_model_is_closed(env: Env) -> None:
    env["ir.model"].create({"name": "Shut", "model": "x_shut"})
    with pytest.raises(AccessError, match="No group currently allows this operation"):
        env["x_shut"].search([])


def test_a_rollback_takes_fields_back(env: Env) -> None:
    registry, transaction = env.registry, env.transaction
    add(env, "x_gone", "char")
    assert "x_gone" in registry["res.partner"].fields
    transaction.undone()
    transaction.on_rollback.clear()
    assert "x_gone" not in registry["res.partner"].fields


def test_other_threads_and_a_new_server_see_committed_fields(version: str, odoo_factory: Any) -> None:
    server: OdooServer = odoo_factory(version=version, data="empty")
    database = server.database

    def make(env: Env) -> None:
        env["ir.model"].create({"name": "Kept", "model": "x_kept"})
        add(env, "x_seen", "char")
        add(
            env,
            "x_len",
            "integer",
            compute="for r in self: r['x_len'] = len(r.name)",
            depends="name",
            store=False,
        )
        env["res.partner"].create({"name": "four", "x_seen": "yes"})

    database.run(make, 2)
    wanted = [("x_seen", "=", "yes")]
    assert len(database.run(lambda env: env["res.partner"].search(wanted), 2)) == 1
    with Database(database.dsn, Registry(version), name="second", connections=1) as second:
        second.run(custom.reload, su=True)
        [row] = second.run(lambda env: env["res.partner"].search_read(wanted, ["x_seen", "x_len"]), 2)
        assert (row["x_seen"], row["x_len"]) == ("yes", 4)
        assert "x_kept" in second.registry


def test_readers_are_not_disturbed_by_new_and_removed_fields(version: str, odoo_factory: Any) -> None:
    database = odoo_factory(version=version, data="empty").database
    over, problems = threading.Event(), []

    def read_and_write() -> None:
        while not over.is_set():
            try:
                database.run(lambda env: env["res.partner"].search_read([], None, limit=2), 2)
                database.run(lambda env: env["res.partner"].create({"name": "P"}).write({"city": "x"}), 2)
            except Exception as problem:  # noqa: BLE001 - any error is one too many
                problems.append(problem)

    threads = [threading.Thread(target=read_and_write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(4):
        made = database.run(lambda env, name=f"x_{number}": add(env, name, "char").id, 2)
        database.run(lambda env, one=made: env["ir.model.fields"].browse(one).unlink(), 2)
    over.set()
    for thread in threads:
        thread.join()
    assert problems == []
