import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from towpath.sandbox.odoo_server.exceptions import AccessError, UserError

pytestmark = pytest.mark.feature("S2.52")


@pytest.fixture
def five(env):
    rows = [
        {
            "name": "Alpha",
            "ref": "a1",
            "color": 1,
            "city": "Ghent",
            "is_company": True,
            "partner_latitude": 1.5,
        },
        {"name": "beta", "ref": "a2", "color": 2, "city": "ghent", "partner_latitude": 2.25},
        {"name": "Gamma_x", "ref": "b_1", "color": 3, "is_company": True},
        {"name": "Delta 100%", "ref": "b11", "color": 0, "city": "Lyon"},
        {"name": "Epsilon", "color": 10, "city": "", "partner_latitude": -3.0},
    ]
    return env["res.partner"].create(rows)


def places(five, *domain, order="id"):
    found = five.search([("id", "in", five.ids), *domain], order=order)
    return [five.ids.index(one) for one in found.ids]


@pytest.mark.parametrize(
    ("term", "on17", "on19"),
    [
        (("city", "=", False), [2], [2, 4]),
        (("city", "!=", False), [0, 1, 3, 4], [0, 1, 3]),
        (("city", "=", ""), [4], [2, 4]),
        (("city", "!=", ""), [0, 1, 3], [0, 1, 3]),
        (("city", "!=", "Lyon"), [0, 1, 2, 4], [0, 1, 2, 4]),
        (("city", "in", ["Ghent", False]), [0, 2], [0, 2, 4]),
        (("city", "not in", ["Ghent", False]), [1, 3, 4], [1, 3]),
        (("color", "=", False), [], [3]),
        (("color", "in", ["1", 3]), [0, 2], [0, 2]),
        (("color", ">", "1"), [1, 2, 4], [1, 2, 4]),
        (("partner_latitude", "=", 0), [], [2, 3]),
        (("partner_latitude", "!=", False), [0, 1, 4], [0, 1, 4]),
        (("ref", "<=", "a2"), [0, 1], [0, 1, 4]),
        (("is_company", "=", "False"), [0, 2], [1, 3, 4]),
        (("is_company", "=", None), [], [1, 3, 4]),
        (("is_company", "in", [True, False]), [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (("city", "like", "%hen_"), [0, 1], [0, 1]),
        (("city", "not ilike", "gh"), [2, 3, 4], [2, 3, 4]),
        (("name", "=ilike", "G%\\_x"), [2], [2]),
        (("name", "ilike", ""), [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (("ref", "=?", False), [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (("ref", "=?", "a1"), [0], [0]),
        (("ref", "=", ["a1", "a2"]), [0, 1], [0, 1]),
        (("country_id", "=", 0), [], []),
    ],
)
def test_one_condition_finds_what_the_version_finds(five, version, term, on17, on19):
    assert places(five, term) == (on17 if version == "17.0" else on19)


def test_prefix_operators_and_constants_combine(five):
    assert places(five, "|", ("color", "=", 1), "&", ("color", "=", 2), "!", ("is_company", "=", True)) == [
        0,
        1,
    ]
    assert places(five, "!", "|", ("color", "=", 1), ("color", "=", 2)) == [2, 3, 4]
    assert places(five, (1, "=", 1)) == [0, 1, 2, 3, 4]
    assert places(five, "!", (1, "=", 1)) == []


@pytest.mark.parametrize(
    ("domain", "on17", "on19"),
    [
        (["|", ("color", "=", 1)], ValueError, ValueError),
        (["x"], IndexError, ValueError),
        ([5], TypeError, ValueError),
        ([("name", "=")], ValueError, ValueError),
        ([("name", "~", "a")], ValueError, ValueError),
        ([("name", "==", "a")], ValueError, None),
        ([("name", "LIKE", "a")], ValueError, None),
        ([(1, "=", 2)], AttributeError, TypeError),
        ([("", "=", 2)], ValueError, TypeError),
        ([("nope", "=", 2)], ValueError, ValueError),
        ([("name.nope", "=", 2)], AssertionError, ValueError),
        ([("country_id.nope", "=", 2)], ValueError, ValueError),
        ([("country_id", "in", 5)], ValueError, None),
        ("name", AssertionError, TypeError),
        (False, AssertionError, None),
        (None, AssertionError, TypeError),
    ],
)
def test_malformed_domains_fail_as_in_each_version(env, version, domain, on17, on19):
    expected = on17 if version == "17.0" else on19
    search = env["res.partner"].search
    if expected is None:
        search(domain, limit=1)
    else:
        with pytest.raises(expected):
            search(domain, limit=1)


TERMS = st.one_of(
    st.tuples(st.just("color"), st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), st.integers(-1, 11)),
    st.tuples(st.just("color"), st.sampled_from(["in", "not in"]), st.lists(st.integers(0, 10), max_size=3)),
    st.tuples(st.just("is_company"), st.sampled_from(["=", "!="]), st.booleans()),
    st.tuples(
        st.just("name"),
        st.sampled_from(["like", "not like", "=like"]),
        st.sampled_from(["a", "%a", "et", ""]),
    ),
)
TREES = st.recursive(
    TERMS.map(lambda term: [term]),
    lambda inner: st.one_of(
        inner.map(lambda one: ["!", *one]),
        st.tuples(st.sampled_from(["&", "|"]), inner, inner).map(lambda two: [two[0], *two[1], *two[2]]),
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=TREES, second=TREES)
def test_set_laws_hold_for_any_domain(five, first, second):
    every = set(range(5))
    one, two = set(places(five, *first)), set(places(five, *second))
    assert set(places(five, "!", *first)) == every - one
    assert set(places(five, "|", *first, *second)) == one | two
    assert set(places(five, *first, *second)) == one & two


def test_dates_compare_by_second_on_19_and_by_microsecond_on_17(env, version):
    partner = env["res.partner"].create({"name": "Clock"})
    env.cr.execute("UPDATE res_partner SET write_date = '2031-03-02 10:00:00.5' WHERE id = %s", [partner.id])
    stamp = partner.search_read([("id", "=", partner.id)], ["write_date"])[0]["write_date"]
    found = {
        word: bool(partner.search([("id", "=", partner.id), ("write_date", word, stamp)]))
        for word in ("=", ">", ">=", "<=")
    }
    assert found == (
        {"=": False, ">": True, ">=": True, "<=": False}
        if version == "17.0"
        else {"=": True, ">": False, ">=": True, "<=": True}
    )


def test_relative_dates_work_on_19_only(env, version):
    domain = [("create_date", ">=", "today -1d"), ("id", "=", env["res.partner"].create({"name": "New"}).id)]
    if version == "19.0":
        assert len(env["res.partner"].search(domain)) == 1
        assert env["res.partner"].search_count([*domain, ("create_date.year_number", "=", env.now.year)]) == 1
    else:
        with pytest.raises(Exception, match="invalid input syntax"):
            env["res.partner"].search(domain)


def test_hierarchies_follow_parents_even_over_archived_ones(env):
    partner = env["res.partner"]
    root = partner.create({"name": "Root", "is_company": True})
    branch = partner.create({"name": "Branch", "is_company": True, "parent_id": root.id})
    leaf = partner.create({"name": "Leaf", "parent_id": branch.id})
    assert partner.search([("id", "child_of", root.id)], order="id").ids == (root.id, branch.id, leaf.id)
    assert partner.search([("id", "parent_of", leaf.id)], order="id").ids == (root.id, branch.id, leaf.id)
    branch.write({"active": False})
    assert partner.search([("id", "child_of", root.id)], order="id").ids == (root.id, leaf.id)
    assert not partner.search([("id", "child_of", False)])


def test_tags_are_a_tree_kept_as_paths(env):
    tag = env["res.partner.category"]
    top = tag.create({"name": "Top"})
    low = tag.create({"name": "Low", "parent_id": top.id})
    lowest = tag.create({"name": "Lowest", "parent_id": low.id})
    other = tag.create({"name": "Other"})
    assert lowest.parent_path == f"{top.id}/{low.id}/{lowest.id}/"
    with pytest.raises(UserError, match="Recursion Detected"):
        top.write({"parent_id": lowest.id})
    low.write({"parent_id": other.id})
    assert lowest.parent_path == f"{other.id}/{low.id}/{lowest.id}/"
    assert tag.search([("id", "child_of", other.id)], order="id").ids == (low.id, lowest.id, other.id)


def test_links_are_searched_by_id_name_list_and_emptiness(env, version):
    tags = env["res.partner.category"].create([{"name": "Red one"}, {"name": "Blue one"}])
    partners = env["res.partner"].create(
        [
            {"name": "One", "category_id": [(6, 0, [tags.ids[0]])]},
            {"name": "Two", "category_id": [(6, 0, tags.ids)]},
            {"name": "Three"},
        ]
    )

    def find(*term):
        found = partners.search([("id", "in", partners.ids), tuple(term)], order="id")
        return [partners.ids.index(one) for one in found.ids]

    assert find("category_id", "=", tags.ids[0]) == [0, 1]
    assert find("category_id", "!=", tags.ids[0]) == [2]
    assert find("category_id", "=", False) == [2]
    assert find("category_id", "in", [tags.ids[1], False]) == ([1] if version == "17.0" else [1, 2])
    assert find("category_id", "ilike", "blue") == [1]
    assert find("category_id", "not ilike", "blue") == [0, 2]
    assert find("category_id.name", "!=", "Blue one") == [0, 1]
    assert find("category_id", "any", [("name", "=", "Blue one")]) == [1]
    assert find("category_id", "not any", [("name", "=", "Blue one")]) == [0, 2]


def test_archived_lines_are_found_by_id_on_17_and_hidden_on_19(env, version):
    parent = env["res.partner"].create({"name": "Par", "is_company": True})
    kids = env["res.partner"].create(
        [{"name": "K1", "parent_id": parent.id}, {"name": "K2", "parent_id": parent.id, "active": False}]
    )
    every = env["res.partner"].with_context(active_test=False)
    assert parent.read(["child_ids"])[0]["child_ids"] == [kids.ids[0]]
    assert every.browse(parent.id).read(["child_ids"])[0]["child_ids"] == [kids.ids[0]]
    found = parent.ids if version == "17.0" else ()
    assert env["res.partner"].search([("child_ids", "=", kids.ids[1])]).ids == found
    assert env["res.partner"].search([("child_ids.name", "=", "K2")]).ids == ()
    assert every.search([("child_ids", "any", [("name", "=", "K2")])]).ids == found


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("color", [3, 0, 1, 2, 4]),
        ("color DESC", [4, 2, 1, 0, 3]),
        ("is_company desc, color, id", [0, 2, 3, 1, 4]),
        ("city nulls first, id", [2, 4, 0, 3, 1]),
        ("city desc nulls last, id", [1, 3, 0, 4, 2]),
        ("", [0, 3, 4, 2, 1]),
    ],
)
def test_orders(five, order, expected):
    assert places(five, order=order) == expected


@pytest.mark.parametrize("order", ["color down", "color; drop", "color desc asc"])
def test_texts_that_are_no_order_are_refused(five, order):
    with pytest.raises(UserError, match='Invalid "order" specified'):
        places(five, order=order)


def test_what_cannot_be_sorted_by_is_refused_on_19_and_passed_over_on_17(five, version):
    if version == "17.0":
        assert places(five, order="child_ids, id") == [0, 1, 2, 3, 4]
        with pytest.raises(IndexError):
            places(five, order="color,,id")
    else:
        with pytest.raises(ValueError, match="is not stored"):
            places(five, order="child_ids, id")


def test_pages_follow_each_other(five):
    pages = [five.search([("id", "in", five.ids)], offset, 2, "id").ids for offset in (0, 2, 4)]
    assert tuple(itertools.chain(*pages)) == five.ids
    assert five.search_count([("id", "in", five.ids)], limit=3) == 3


def test_a_model_without_rights_cannot_even_be_counted(limited):
    with pytest.raises(AccessError, match=r"'System Parameter' \(ir.config_parameter\)"):
        limited["ir.config_parameter"].search_count([])
