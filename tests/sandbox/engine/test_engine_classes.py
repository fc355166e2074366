"""How the classes of one model stack up, and what may not happen between them."""

import inspect
from itertools import combinations

import pytest

from towpath.sandbox.odoo_server.records import Records
from towpath.sandbox.odoo_server.recordset import BEHAVIOURS, WIDE
from towpath.sandbox.odoo_server.registry import Registry

pytestmark = pytest.mark.feature("S2.52")
HOOKS = ("_compute_", "_inverse_", "_search_", "_selection_", "_check_")


@pytest.fixture(scope="module", params=["17.0", "19.0"])
def registry(request):
    return Registry(request.param)


def test_every_model_gets_a_class_named_as_odoo_names_it(registry):
    assert registry.cls("res.partner").__name__ == "ResPartner"
    assert registry.cls("account.move.line")(None, ())._name == "account.move.line"


def test_methods_of_the_other_version_are_not_there(registry):
    partner = registry.cls("res.partner")
    assert callable(partner.name_get) is (registry.version == "17.0")
    assert callable(partner.has_access) is (registry.version == "19.0")
    argument = "args" if registry.version == "17.0" else "domain"
    assert argument in inspect.signature(partner.name_search).parameters


def private_helpers(cls):
    """Names a class brings for its own use: neither hooks nor extensions of something it inherits."""
    return {
        name
        for name, value in vars(cls).items()
        if inspect.isfunction(value)
        and name.startswith("_")
        and not name.startswith(("__", *HOOKS))
        and not hasattr(Records, name)
        and "super()" not in inspect.getsource(value)
    }


def test_classes_of_one_model_do_not_take_each_others_helpers(registry):
    clashes = set()
    for model in registry.models.values():
        stacked = [*BEHAVIOURS.get(model.name, []), *(cls for test, cls in WIDE if test(model))]
        for one, other in combinations(stacked, 2):
            if not issubclass(one, other) and not issubclass(other, one):
                shared = private_helpers(one) & private_helpers(other)
                clashes |= {f"{one.__name__}/{other.__name__}: {name}" for name in shared}
    assert clashes == set()


def test_every_stored_field_has_a_column_or_a_table(registry):
    missing = [
        repr(field)
        for model in registry.stored_models()
        for field in model.fields.values()
        if field.type == "many2many" and field.store and field.relation_table is None
    ]
    assert missing == []
