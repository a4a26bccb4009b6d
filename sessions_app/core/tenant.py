"""One caller in one tenant, as plain values."""

import re
from dataclasses import dataclass
from typing import Any

TENANT_ID = re.compile(r"^t_[a-z0-9_-]+\Z")
ENVS = ("dev", "stage", "prod")


@dataclass(frozen=True, slots=True)
class Context:
    """One caller acting in one tenant and environment; `user` is None where no request asked."""

    tenant_id: str
    env: str
    user: Any = None

    @property
    def actor(self) -> str:
        """The caller's name, for the record of who did what."""
        return str(self.user.get_username()) if self.user is not None else "system"

    def stamp(self) -> dict[str, str]:
        """The two columns that every stored record carries."""
        return {"tenant_id": self.tenant_id, "env": self.env}
