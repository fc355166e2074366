"""Delta tables kept by Towpath: a commit of our own, so that rows and cursor can not disagree.

Here lives everything that knows the Delta protocol, Parquet parts and storage (folders, object stores).
Nothing here knows Odoo, PostgreSQL or jobs; import `towpath.lake.table` for `Table` (it loads pyarrow).
"""

from __future__ import annotations

from towpath.lake.catalog import TableRef

__all__ = ["TableRef"]
