"""The capabilities of Towpath, one folder each.

A folder holds everything of its feature: service, commands, tables, migrations, documentation. What one
feature offers another stands in its ``service.py``; nothing else of it is imported from outside.
"""
