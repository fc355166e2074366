"""The lines of a record as a stream of their own: which models hang on a model by its one2many fields.

A one2many list says no more than the many2one on the other side, and Odoo does not stamp a record when a line comes or
goes (facts §2.5). So lines are best read as what they are: records of another model, with stamps of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from towpath.odoo.schema import Model

__all__ = ["children_of"]

#: Conversations, tasks, ratings and visits hang on nearly every model, and are no part of it.
_NOISE = re.compile(
    r"(mail|rating|bus|sms|snailmail|website|im_livechat|discuss|digest|phone|privacy|iap|web_tour|portal|crm\.iap)\."
    r"|.*(activity|wizard|\.visitor|\.track\b|followers)"
    r"|ir\.(attachment|model|actions|ui|cron|rule|asset)"
)


def children_of(model: Model, chosen: Collection[str] | None = None) -> list[tuple[str, str]]:
    """The one2many fields of a model (of these fields) and the models of their lines, each line model once.

    Left out are fields Odoo works out instead of storing (they name records that hang on something else), the model
    itself, and what hangs on every model: messages, activities, ratings, attachments, visits.
    """
    found: dict[str, str] = {}
    for name in sorted(set(model.fields).intersection(chosen or model.fields)):
        field = model.fields[name]
        if field.type != "one2many" or not field.relation or not field.store or not field.relation_field:
            continue
        if field.relation == model.name or _NOISE.match(field.relation):
            continue
        # The shortest name is the whole list: `line_ids` stands beside `invoice_line_ids`, `order_line` is alone.
        if field.relation not in found or len(name) < len(found[field.relation]):
            found[field.relation] = name
    # Lines that are named after the model come first: they belong to it alone.
    return sorted(
        ((name, relation) for relation, name in found.items()),
        key=lambda pair: (not pair[1].startswith(f"{model.name}."), pair),
    )
