"""Migrations of the explorer's tables."""
