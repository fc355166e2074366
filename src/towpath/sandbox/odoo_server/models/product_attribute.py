# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Attributes of products: every combination of values makes a variant."""

from __future__ import annotations

from itertools import product
from typing import Any, Self

from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, private, returns


class TemplateVariants(Records, model="product.template"):
    """Templates whose attribute lines decide which variants there are."""

    @private
    def make_variants(self) -> None:
        """Make the variants of all combinations; archive or delete those without a combination."""
        variants = self.env["product.product"].with_context(create_product_product=False, active_test=False)
        for template in self.sudo().with_context(active_test=False):
            lines = template.attribute_line_ids.filtered(
                lambda one: one.active and one.attribute_id.create_variant == "always"
            )
            choices = [[one for one in line.product_template_value_ids if one.ptav_active] for line in lines]
            wanted = (
                {tuple(sorted(one.id for one in values)) for values in product(*choices)}
                if all(choices)
                else {()}
            )
            known: dict[tuple[int, ...], Any] = {}
            for variant in template.product_variant_ids:
                key = tuple(sorted(variant.product_template_attribute_value_ids.ids))
                if key in known:
                    variant.unlink()
                else:
                    known[key] = variant
            for values in sorted(wanted - set(known)):
                if values and () in known and () not in wanted and len(known) == 1:
                    # the variant the template had before it got attributes becomes the first combination
                    first = known.pop(())
                    first.write({"product_template_attribute_value_ids": [(6, 0, list(values))]})
                    known[values] = first
                    continue
                made = variants.create(
                    [
                        {
                            "product_tmpl_id": template.id,
                            "product_template_attribute_value_ids": [(6, 0, list(values))],
                        }
                    ]
                )
                known[values] = made
            for values, variant in known.items():
                variant._store({variant.id: {"combination_indices": ",".join(map(str, values))}}, touch=False)
                if values not in wanted:
                    variant.unlink()
            template.env.forget()


class AttributeLine(Records, model="product.template.attribute.line"):
    """Which values of an attribute a template comes in."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make lines, then the values and variants that follow."""
        rows = vals_rows(vals_list)
        lines = super().create([{"active": True, **vals} if hasattr(vals, "get") else vals for vals in rows])
        lines._follow()
        return lines

    def write(self, vals: Any) -> bool:
        """Change lines, then the values and variants that follow."""
        done = super().write(vals)
        if "value_ids" in vals or "active" in vals:
            self._follow()
        return done

    def unlink(self) -> bool:
        """Delete lines with their values; variants become fewer."""
        templates = self.mapped("product_tmpl_id")
        self.sudo().with_context(active_test=False).mapped("product_template_value_ids").unlink()
        done = super().unlink()
        templates.exists().make_variants()
        return done

    def _follow(self) -> None:
        values = self.env.sudo()["product.template.attribute.value"].with_context(active_test=False)
        for line in self.sudo():
            known = {
                one.product_attribute_value_id.id: one
                for one in line.with_context(active_test=False).product_template_value_ids
            }
            for value in line.value_ids:
                if value.id in known:
                    known.pop(value.id).write({"ptav_active": True})
                else:
                    values.create(
                        [
                            {
                                "attribute_line_id": line.id,
                                "product_attribute_value_id": value.id,
                                "attribute_id": line.attribute_id.id,
                                "product_tmpl_id": line.product_tmpl_id.id,
                                "ptav_active": True,
                                "price_extra": value.default_extra_price or 0.0,
                            }
                        ]
                    )
            for gone in known.values():
                gone.unlink()
            line._store({line.id: {"value_count": len(line.value_ids)}}, touch=False)
        self.env.forget()
        self.mapped("product_tmpl_id").make_variants()


class TemplateAttributeValue(Records, model="product.template.attribute.value"):
    """A value of an attribute on one template."""

    def _display_names(self) -> dict[int, Any]:
        return {one.id: f"{one.attribute_id.name}: {one.name}" for one in self.sudo().exists()}


class AttributeValue(Records, model="product.attribute.value"):
    """A value of an attribute."""

    def _display_names(self) -> dict[int, Any]:
        if not self.env.context.get("show_attribute", True):
            return {one.id: one.name or "" for one in self.sudo().exists()}
        return {one.id: f"{one.attribute_id.name}: {one.name}" for one in self.sudo().exists()}
