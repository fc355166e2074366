"""How the models of a usual Odoo behave: one file per model or small family, found by `registry.discover`.

A class here subclasses `Records` with `model="..."` and adds computed fields, checks and business methods.
Nothing general lives here (that is `orm`), and no rows (those are `data`).
"""

__all__: list[str] = []
