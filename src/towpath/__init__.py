"""Towpath: the open hub for Odoo.

The public names of the library stand in ``__all__``; everything else may change between releases.
"""

from __future__ import annotations

import os

__all__ = ["__version__"]

__version__ = "0.1.0"

# Arrow reads this when it is loaded, and keeps to it; so it stands before every import. Its own choice (mimalloc) leaves
# what one thread freed to that thread: 80 MB more at the peak of a run. Who wants another allocator sets the variable.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
