"""What the features' REST routes are made of: who asks, problem details, pages, ETags.

Lives here: the small parts that an ``api.py`` of any feature needs. Must not live here: routes (they stand with
their feature), or the application with its middleware (``towpath.server``).
"""
