"""docs/types.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from towpath.odoo.columns import plan
from towpath.odoo.schema import Field, Model

PAGE = (Path(__file__).parents[2] / "docs" / "types.md").read_text()


def test_the_table_of_types_is_the_codes():
    rows = re.findall(r"^\|(?: `(\w+)`| any other|) \| `<field>(__\w+)?` \| ([^|]+) \|", PAGE, re.MULTILINE)
    assert len(rows) == 22
    type_ = ""
    for named, second, arrow in rows:
        type_ = named or (type_ if second else "from_the_future")
        field = Field(name="f", type=type_, relation="r")
        made = plan(Model(name="m", fields={"f": field, "id": Field(name="id", type="integer")}), ["f"])
        column = next(column for column in made if column.name == f"f{second}")
        assert str(column.type) == arrow.strip().split(" or ")[0], type_
        assert len(made) == (3 if type_ in {"selection", "many2one"} else 2)


def test_the_kinds_of_personal_data_are_all_named():
    from towpath.odoo.sensitive import _KINDS

    for kind, _ in _KINDS:
        assert kind in PAGE
