"""The demo company: Ninefold Barge & Canal Trading, its lockside sister and a year of their trade.

`install(env)` writes it into a database that has the base records; the same seed gives the same rows.
Everything in it is invented, names included; nothing general lives here.
"""

from towpath.sandbox.odoo_server.data.demo.company import install

__all__ = ["install"]
