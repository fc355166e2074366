"""Migrations of the table of rotations."""
