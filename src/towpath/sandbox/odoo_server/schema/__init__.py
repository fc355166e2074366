"""The models and fields of real Odoo 17.0 and 19.0 databases, packed.

`loader` turns the packed files into typed descriptions, one model at a time.
No behaviour and no SQL live here: the registry and the ORM read these descriptions.
"""

from towpath.sandbox.odoo_server.schema.loader import VERSIONS, FieldSchema, ModelSchema, Schema, load

__all__ = ["VERSIONS", "FieldSchema", "ModelSchema", "Schema", "load"]
