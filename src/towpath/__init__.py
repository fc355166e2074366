"""Towpath: the open hub for Odoo.

The public names of the library stand in ``__all__``; everything else may change between releases.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
