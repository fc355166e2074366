"""Stand-ins for the services Towpath talks to, worth having by themselves: an Odoo with its external API.

Here live the emulators and the command that starts them. They import nothing of the rest of Towpath,
and nothing of the rest imports them: what is true of both sides is true by specification, not by sharing code.
"""

from __future__ import annotations

__all__: list[str] = []
