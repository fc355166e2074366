"""The server: one FastAPI application over the features' routes, with what every request passes on its way.

Lives here: middleware (ids, hosts, headers, limits, sign-in, idempotency), health, metrics, the workspace's files
and the command ``towpath up``. Must not live here: routes of a feature, or rules of who may do what.
"""
