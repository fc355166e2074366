"""docs/filters.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from towpath.odoo.domain import parse
from towpath.odoo.domain_tree import OPERATORS

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text()


def test_every_operator_is_in_the_table():
    table = PAGE.partition("## Operators")[2].partition("##")[0]
    assert (
        set(
            re.findall(
                r"`([^`]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)
            )
        )
        == OPERATORS
    )


def test_the_examples_are_domains():
    for text in re.findall(r"^    (\[.+\])$", PAGE, re.MULTILINE):
        assert str(parse(text)) == text
    for text in re.findall(r"`(\[\[.+?\]\])`", PAGE):
        assert parse(text).to_list()
