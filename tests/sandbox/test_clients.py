"""Clients that others wrote work against the sandbox as against a real server."""

import secrets
import xmlrpc.client
from urllib.error import HTTPError

import odooly
import odoorpc
import pytest

from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture(params=["odoo19", "odoo17"])
def odoo(request: pytest.FixtureRequest) -> OdooServer:
    server: OdooServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture(autouse=True)
def forget():
    """The client keeps the environments of earlier clients of the same address."""
    odooly.Env._cache.clear()


@pytest.mark.parametrize("secret", ["admin", "key-admin"])
def test_odoorpc(odoo: OdooServer, secret: str):
    client = odoorpc.ODOO(odoo.host, port=odoo.port)
    assert client.version.startswith(odoo.version)
    assert client.db.list() == ["demo"]
    client.login("demo", "admin", secret)
    assert client.env.user.login == "admin"
    word = f"Client {secrets.token_hex(4)}"
    partners = client.env["res.partner"]
    made = partners.create({"name": word, "city": "Ghent", "category_id": [(0, 0, {"name": word})]})
    made = made[0] if isinstance(made, list) else made
    assert partners.search([("name", "=", word)]) == [made]
    assert partners.search_count([("name", "=", word)]) == 1
    partner = partners.browse(made)
    assert (partner.name, partner.city, partner.category_id[0].name) == (word, "Ghent", word)
    partner.city = "Bruges"
    assert client.execute("res.partner", "read", [made], ["city"]) == [{"id": made, "city": "Bruges"}]
    assert client.execute_kw("res.partner", "search_read", [[["id", "=", made]]], {"fields": ["name"]}) == [
        {"id": made, "name": word}
    ]
    assert partners.unlink([made])
    with pytest.raises(odoorpc.error.RPCError, match="Invalid field"):
        partners.search([("nope", "=", 1)])


def test_odoorpc_wrong_password(odoo: OdooServer):
    client = odoorpc.ODOO(odoo.host, port=odoo.port)
    with pytest.raises(odoorpc.error.RPCError, match="Wrong login"):
        client.login("demo", "admin", "wrong")


@pytest.mark.parametrize("path", ["", "/jsonrpc"])
def test_odooly(odoo: OdooServer, path: str):
    client = odooly.Client(odoo.url + path, db="demo", user="admin", password="admin")
    use_odooly(client, odoo)


def test_odooly_with_a_key(odoo19: OdooServer):
    client = odooly.Client(odoo19.url, db="demo", user="admin", api_key="key-admin")
    assert client.env._json2
    use_odooly(client, odoo19)


def test_odooly_by_the_login_page(odoo19: OdooServer):
    client = odooly.Client(odoo19.url, user="admin", password="admin")
    assert client.env.db_name == "demo"
    assert client.env["res.users"].search_count([("login", "=", "admin")]) == 1


def use_odooly(client: odooly.Client, odoo: OdooServer) -> None:
    assert client.server_version.startswith(odoo.version)
    env = client.env
    assert env.uid == 2
    word = f"Client {secrets.token_hex(4)}"
    partner = env["res.partner"].create({"name": word, "city": "Ghent"})
    partner = (
        partner[0] if isinstance(partner, odooly.RecordList) else partner
    )  # JSON-2 always answers a list
    assert partner.name == word
    assert env["res.partner"].search([("name", "=", word)]).id == [partner.id]
    assert env["res.partner"].read([("name", "=", word)], "name city") == [
        {"id": partner.id, "name": word, "city": "Ghent"}
    ]
    partner.write({"city": "Bruges"})
    assert env["res.partner"].browse(partner.id).city == "Bruges"
    assert env.execute("res.partner", "search_count", [("id", "=", partner.id)]) == 1
    assert env["res.partner"].fields_get(["city"])["city"]["type"] == "char"
    partner.unlink()
    assert env["res.partner"].search([("id", "=", partner.id)]).id == []


def test_odooly_wrong_password(odoo: OdooServer):
    with pytest.raises((odooly.Error, odooly.ServerError, HTTPError)):
        odooly.Client(odoo.url, db="demo", user="admin", password="wrong")


def test_standard_library(odoo: OdooServer):
    with xmlrpc.client.ServerProxy(f"{odoo.url}/xmlrpc/2/common") as common:
        assert common.version()["server_serie"] == odoo.version
        uid = common.authenticate("demo", "limited", "limited", {})
    assert isinstance(uid, int)
    with xmlrpc.client.ServerProxy(f"{odoo.url}/xmlrpc/2/object") as models:
        args = ["demo", uid, "limited", "res.users", "read", [[uid]], {"fields": ["login"]}]
        assert models.execute_kw(*args) == [{"id": uid, "login": "limited"}]
        with pytest.raises(xmlrpc.client.Fault) as caught:
            models.execute_kw("demo", uid, "limited", "ir.config_parameter", "search", [[]])
    assert caught.value.faultCode == 4
