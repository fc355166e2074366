"""What home offers to the command line and the server."""

from __future__ import annotations

from towpath.features.home.companies import Company, companies
from towpath.features.home.effective import About, Effective, Storage, about, effective, storage
from towpath.features.home.overview import Attention, Health, Overview, overview
from towpath.features.home.search import Found, search

__all__ = [
    "About",
    "Attention",
    "Company",
    "Effective",
    "Found",
    "Health",
    "Overview",
    "Storage",
    "about",
    "companies",
    "effective",
    "overview",
    "search",
    "storage",
]
