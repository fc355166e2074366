"""Migrations of the tables of streams and runs."""
