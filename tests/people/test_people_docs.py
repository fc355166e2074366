"""The page about people says what the server goes by."""

from __future__ import annotations

import re
from pathlib import Path

from towpath.access import MATRIX, Right, Role
from towpath.features.people import attempts
from towpath.logins.password import strength
from towpath.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "people.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    lines = re.findall(r"^\| (.+) \|$", PAGE, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_the_table_of_rights_is_the_one_of_the_server():
    told = {cells[0]: cells[1:] for cells in rows() if cells[0].startswith("`")}
    assert told == {
        f"`{right.value}`": [right.summary, *("yes" if role in MATRIX[right] else "" for role in Role)]
        for right in Right
    }
    heads = [role.value.capitalize() for role in Role]
    assert any(cells[:2] == ["right", "it allows to"] and cells[2:] == heads for cells in rows())


def test_the_roles_are_told_in_the_same_words():
    told = {cells[0]: cells[1] for cells in rows() if len(cells) == 2}
    assert {role.value.capitalize(): role.summary for role in Role}.items() <= told.items()


def test_the_numbers_are_right():
    words = " ".join(PAGE.split())
    assert f"{strength.SHORTEST} to {strength.LONGEST} characters" in words
    assert (attempts._FREE["login"], attempts._FREE["address"], attempts._LONGEST) == (4, 30, 300)
    assert "After four failures for one login (thirty from one address)" in words
    fields = Settings.model_fields
    assert f"after {fields['session_idle_hours'].default:g} hours without a request" in words
    assert f"after {fields['session_days'].default:g} days in any case" in words
