"""Migrations of the connections' table."""
