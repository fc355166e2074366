"""The demo company: Ninefold Barge & Canal Trading, its lockside sister and a year of their trade.

`install(env)` writes it into a database that has the base records; the same seed gives the same rows.
Everything in it is invented, names included; nothing general lives here.
"""

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
