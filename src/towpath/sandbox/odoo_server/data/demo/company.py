"""Writes the demo company: each part in turn, from one seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.data.demo.books import add_books
from towpath.sandbox.odoo_server.data.demo.firms import add_firms
from towpath.sandbox.odoo_server.data.demo.goods import add_goods, add_orders
from towpath.sandbox.odoo_server.data.demo.people import add_people
from towpath.sandbox.odoo_server.data.demo.quotations import add_quotations
from towpath.sandbox.odoo_server.data.demo.scene import CLOSE, Scene
from towpath.sandbox.odoo_server.data.demo.work import add_work
from towpath.sandbox.odoo_server.data.rows import Batch

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["install"]


def install(env: Env, seed: int = 9) -> None:
    """Write the demo company."""
    scene = Scene(batch=Batch(env, stamp=CLOSE), dice=random.Random(seed))  # noqa: S311 - sample data, no secret
    add_firms(scene)
    add_people(scene)
    add_goods(scene)
    add_orders(scene)
    add_books(scene)
    add_work(scene)
    add_quotations(scene)
    scene.batch.flush()
