"""Towpath: the open hub for Odoo.

The public names of the library stand in ``__all__``; everything else may change between releases.
"""

from __future__ import annotations

import os

__all__ = ["__version__"]

__version__ = "0.1.0"

# Arrow reads this when it is loaded, and then keeps to it. Its own choice (mimalloc) leaves what one thread freed to
# that thread; we read, patch and write parts in several, so that a run held 80 MB more than it used.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
