"""Filters, defaults, parameters, sequences, files, rules, groups and automated rules as records with behaviour."""

import json
import queue
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError, UserError, ValidationError
from towpath.sandbox.odoo_server.server import OdooServer


def plain_user(env: Env) -> int:
    return int(env["res.users"].create({"name": "Plain", "login": "plain-user"}).id)


def test_filters_are_found_by_whom_they_are_for(env: Env) -> None:
    mine = {"user_ids": [(6, 0, [env.uid])]} if env.is19 else {"user_id": env.uid}
    shared: dict[str, Any] = {} if env.is19 else {"user_id": False}
    env["ir.filters"].create(
        [
            {"name": "Mine", "model_id": "res.partner", **mine},
            {"name": "All", "model_id": "res.partner", **shared},
        ]
    )
    names = {one["name"] for one in env["ir.filters"].get_filters("res.partner")}
    assert names == {"Mine", "All"}
    other = env["ir.filters"].with_user(plain_user(env))
    assert [one["name"] for one in other.get_filters("res.partner")] == ["All"]


def test_a_filter_name_is_taken_once_on_17(env17: Env) -> None:
    env17["ir.filters"].create({"name": "F", "model_id": "res.partner"})
    with (
        pytest.raises(ValidationError, match="ir_filters_name_model_uid_unique_action_index"),
        env17.cr.savepoint(),
    ):
        env17["ir.filters"].create({"name": "f", "model_id": "res.partner"})
    replaced = env17["ir.filters"].create_or_replace(
        {"name": "F", "model_id": "res.partner", "domain": "[(1,'=',1)]", "user_id": env17.uid}
    )
    assert replaced.domain == "[(1,'=',1)]"


def test_chosen_defaults_go_before_the_models_own(env: Env) -> None:
    env["ir.default"].set("res.partner", "city", "Ghent")
    env["ir.default"].set("res.partner", "type", "other")
    assert env["res.partner"].default_get(["city", "type"]) == {"city": "Ghent", "type": "other"}
    assert env["res.partner"].with_context(default_city="Lyon").default_get(["city"]) == {"city": "Lyon"}
    env["ir.default"].set("res.partner", "city", "Mine", user_id=True)
    assert env["res.partner"].create({"name": "P"}).city == "Mine"
    with pytest.raises(ValidationError, match=r"Invalid value for res\.partner\.color"):
        env["ir.default"].set("res.partner", "color", "red")


def test_parameters_give_the_old_value(env: Env) -> None:
    model = env["ir.config_parameter"]
    assert model.set_param("tp.key", "1") is False
    assert model.set_param("tp.key", "2") == "1"
    assert model.get_param("tp.key") == "2"
    assert model.set_param("tp.key", False) == "2"
    assert model.get_param("tp.key", "none") == "none"
    with pytest.raises(AccessError):
        model.with_user(plain_user(env)).get_param("tp.key")


def test_sequences_count_per_period(env: Env) -> None:
    vals = {
        "name": "S",
        "code": "tp.seq",
        "prefix": "T/%(range_year)s/",
        "padding": 3,
        "use_date_range": True,
    }
    one = env["ir.sequence"].create(vals)
    assert [one.next_by_id("2030-05-05"), one.next_by_id("2031-05-05"), one.next_by_id("2030-06-06")] == [
        "T/2030/001",
        "T/2031/001",
        "T/2030/002",
    ]
    assert env["ir.sequence"].next_by_code("tp.none") is False


def test_files_know_their_size_and_kind(env: Env) -> None:
    one = env["ir.attachment"].create({"name": "a.txt", "datas": "aGVsbG8="})
    assert one.read(["datas", "file_size", "mimetype", "raw"]) == [
        {"id": one.id, "datas": "aGVsbG8=", "file_size": 5, "mimetype": "text/plain", "raw": "hello"}
    ]
    assert one.copy({}).datas == "aGVsbG8="
    picture = env["ir.attachment"].create({"name": "x", "raw": "<svg></svg>"})
    assert picture.mimetype == "image/svg+xml"


def test_files_are_seen_with_their_records(env: Env) -> None:
    lead = env["crm.lead"].create({"name": "L"})
    partner = env["res.partner"].create({"name": "P"})
    rows = [{"name": "f", "res_model": one._name, "res_id": one.id} for one in (lead, partner)]
    hidden, seen = env["ir.attachment"].create(rows)
    files = env["ir.attachment"].with_user(plain_user(env))
    assert files.search([("id", "in", [hidden.id, seen.id])]).ids == seen.ids
    with pytest.raises(AccessError, match="you are not allowed to access this document"):
        files.browse(hidden.ids).read(["name"])


def test_rules_with_a_bad_domain_are_refused(env: Env) -> None:
    partner = env.ref("base.model_res_partner").id
    with pytest.raises(ValidationError, match="Invalid domain"):
        env["ir.rule"].create({"name": "r", "model_id": partner, "domain_force": "[('nope', '=', 1)]"})


def test_groups_have_full_names_and_imply_others(env: Env) -> None:
    user = env.ref("base.group_user")
    group = env["res.groups"].create({"name": "G", "implied_ids": [(4, user.id)]})
    assert group.full_name == "G"
    field = "group_ids" if env.is19 else "groups_id"
    made = env["res.users"].create({"name": "U", "login": "in-g", field: [(6, 0, group.ids)]})
    assert made.has_group_of("base.group_user")
    manager = env.ref("base.group_partner_manager")
    group.write({"implied_ids": [(4, manager.id)]})
    assert made.has_group_of("base.group_partner_manager")


def rule(env: Env, trigger: str, action: dict[str, Any], **values: Any) -> Any:
    category = env.ref("base.model_res_partner_category").id
    server = {"name": "act", "model_id": category, **action}
    vals = {
        "name": "auto",
        "model_id": category,
        "trigger": trigger,
        "action_server_ids": [(0, 0, server)],
        **values,
    }
    return env["base.automation"].create(vals)


def test_a_rule_waits_for_its_fields(env: Env) -> None:
    name = env["ir.model.fields"].search([("model", "=", "res.partner.category"), ("name", "=", "name")])
    action = {"state": "object_write", "update_path": "color", "value": "7"}
    rule(env, "on_write", action, trigger_field_ids=[(6, 0, name.ids)])
    one = env["res.partner.category"].create({"name": "a", "color": 1})
    one.write({"color": 2})
    assert one.color == 2
    one.write({"name": "b"})
    assert one.color == 7


def test_a_rule_looks_at_the_state_before(env: Env) -> None:
    action = {
        "state": "object_write",
        "update_path": "color",
        "evaluation_type": "equation",
        "value": "record.color + 1",
    }
    rule(
        env, "on_write", action, filter_pre_domain="[('color', '=', 1)]", filter_domain="[('color', '>', 4)]"
    )
    first, second = env["res.partner.category"].create([{"name": "a", "color": 1}, {"name": "b", "color": 2}])
    (first | second).write({"color": 5})
    assert (first.color, second.color) == (6, 5)


def test_the_code_of_a_rule_is_run_or_passed_over(env: Env) -> None:
    rule(env, "on_create", {"state": "code", "code": "for one in records:\n    one['color'] = 3"})
    rule(env, "on_create", {"state": "code", "code": "import requests"})
    assert env["res.partner.category"].create({"name": "a"}).color == 3


def test_names_of_models_the_user_may_not_see_stay_technical(env: Env) -> None:
    found = (
        env["ir.model"].with_user(plain_user(env)).display_name_for(["res.partner", "ir.config_parameter"])
    )
    assert found == [
        {"display_name": "Contact", "model": "res.partner"},
        {"display_name": "ir.config_parameter", "model": "ir.config_parameter"},
    ]


def test_external_ids_lead_to_records(env: Env) -> None:
    model = env["ir.model.data"]
    assert model.check_object_reference("base", "be") == ["res.country", env.ref("base.be").id]
    assert (
        model.search([("complete_name", "=", "base.be")]).reference == f"res.country,{env.ref('base.be').id}"
    )


def test_panels_offer_choices_with_counts(env: Env) -> None:
    country = env.ref("base.be")
    env["res.partner"].create(
        [{"name": "A", "country_id": country.id}, {"name": "B", "country_id": country.id}]
    )
    found = env["res.partner"].search_panel_select_range(
        "country_id", enable_counters=True, search_domain=[("name", "in", ["A", "B"])]
    )
    assert found["values"] == [{"id": country.id, "display_name": "Belgium", "__count": 2}]


def test_a_new_form_is_filled_with_defaults(env: Env) -> None:
    found = env["res.partner"].onchange({}, [], {"name": {}, "type": {}, "category_id": {}})
    assert found == {"value": {"name": False, "type": "contact", "category_id": []}}


class Listener(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    heard: ClassVar[queue.Queue[dict[str, Any]]] = queue.Queue()

    def do_POST(self) -> None:
        self.heard.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Stay quiet."""


def test_webhooks_are_called_after_the_commit(version: str, odoo_factory: Callable[..., OdooServer]) -> None:
    server = odoo_factory(version=version, data="empty")
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{http.server_port}/"

        def make(env: Env) -> None:
            color = env["ir.model.fields"].search(
                [("model", "=", "res.partner.category"), ("name", "=", "color")]
            )
            action = {"state": "webhook", "webhook_url": url, "webhook_field_ids": [(6, 0, color.ids)]}
            rule(env, "on_create", action)

        def refuse(env: Env) -> None:
            env["res.partner.category"].create({"name": "lost"})
            raise ValidationError("no")

        server.database.run(make, 2)
        with pytest.raises(ValidationError):
            server.database.run(refuse, 2)
        made = server.database.run(
            lambda env: env["res.partner.category"].create({"name": "a", "color": 4}).id, 2
        )
        heard = Listener.heard.get(timeout=60)
        http.shutdown()
    assert (heard["_model"], heard["_id"], heard["color"]) == ("res.partner.category", made, 4)


def test_texts_have_translations(env: Env) -> None:
    env["res.lang"].with_context(active_test=False).search([("code", "=", "fr_FR")]).write({"active": True})
    country = env.ref("base.be")
    country.update_field_translations("name", {"fr_FR": "Belgique"})
    texts, kind = country.get_field_translations("name", ["en_US", "fr_FR"])
    assert [one["value"] for one in texts] == ["Belgium", "Belgique"]
    assert kind == {"translation_type": "char", "translation_show_source": False}
    country.update_field_translations("name", {"fr_FR": False})
    assert country.with_context(lang="fr_FR").name == "Belgium"
    with pytest.raises(UserError, match="not activated"):
        country.update_field_translations("name", {"de_DE": "Belgien"})


def test_every_model_has_a_plain_view_and_an_address(env: Env) -> None:
    views = env["res.partner"].get_views([[False, "list"], [False, "search"]], {"load_filters": True})
    assert 'field name="name"' in views["views"]["list"]["arch"]
    assert views["views"]["search"]["filters"] == []
    assert env["res.partner"].get_base_url().startswith("http")


def test_older_servers_tell_of_rights_on_fields(env17: Env) -> None:
    model = env17["res.partner"].with_user(plain_user(env17))
    assert model.user_has_groups("base.group_user,base.group_system")
    assert not model.user_has_groups("base.group_system")
    assert model.check_field_access_rights("read", ["name"]) == ["name"]
