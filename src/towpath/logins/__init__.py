"""Ways to prove who one is: passwords, one-time codes, OpenID Connect, LDAP; one folder each.

Lives here: the proof alone. Who the person then is, and what they may do, is ``towpath.features.people``.
"""
