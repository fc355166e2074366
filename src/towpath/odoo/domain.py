"""Domains: Odoo's filters, read from what people write, checked, printed, and worked out here.

domain = parse("[('country_id.code', '=', 'BE'), ('customer_rank', '>', 0)]")
validate(domain, model, lookup)
odoo.search_ids("res.partner", domain.to_list())
"""

from __future__ import annotations

from typing import Any

from towpath.odoo.domain_check import Problem, problems, validate
from towpath.odoo.domain_match import Neighbours, evaluate, matcher
from towpath.odoo.domain_parse import parse
from towpath.odoo.domain_records import MemoryRecords
from towpath.odoo.domain_tree import EVERYTHING, NOTHING, And, Constant, Domain, Not, Or, Term, all_of, any_of

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "And",
    "Constant",
    "Domain",
    "MemoryRecords",
    "Neighbours",
    "Not",
    "Or",
    "Problem",
    "Term",
    "all_of",
    "any_of",
    "evaluate",
    "matcher",
    "parse",
    "problems",
    "to_list",
    "validate",
]


def to_list(domain: Domain) -> list[Any]:
    """The list form that Odoo's methods take; see :meth:`Domain.to_list`."""
    return domain.to_list()
