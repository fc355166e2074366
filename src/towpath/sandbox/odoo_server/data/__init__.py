"""What the databases of the sandbox hold: base records, the demo company, bulk rows.

`essentials.install` fills a new database with what every Odoo has; `demo.install` and `large.install` add to it.
Only rows live here, written straight into the tables; behaviour is in `models`.
"""

from towpath.sandbox.odoo_server.data.essentials import install

__all__ = ["install"]
