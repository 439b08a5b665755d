"""The plugins that can be chosen by name: how requests are authenticated (-a), and which URLs there are (-s).

Slurm's names, with or without the part before the slash. `list` asks for the names instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LIST = "list"

LOCAL = "rest_auth/local"
JWT = "rest_auth/jwt"

SLURM = "openapi/v0.0.39"
SLURMDB = "openapi/dbv0.0.39"

PATHS = {SLURM: "/slurm/v0.0.39/", SLURMDB: "/slurmdb/v0.0.39/"}
"""What the URLs of each begin with."""


class Plugins(NamedTuple):
    """Plugins of one kind. kind: what stands before the slash. variable: where the app is told which.

    also: other names for some of them, as later releases of Slurm have them.
    """

    kind: str
    title: str
    variable: str
    names: tuple[str, ...]
    also: Mapping[str, str]

    def parse(self, text: str) -> str:
        """Understand a comma-delimited list. Returns: it with full names, or LIST. Raises: ValueError."""
        words = [word.strip().removeprefix(f"{self.kind}/") for word in text.split(",") if word.strip()]
        if LIST in words:
            return LIST
        if not words:
            raise ValueError(f'"{text}" names nothing: expected {self._expected}')
        return ",".join(dict.fromkeys(self._known(word) for word in words))

    def chosen(self, text: str | None) -> tuple[str, ...]:
        """Give the full names that a list chooses, all of them where there is none. Raises: ValueError."""
        return tuple(self.parse(text).split(",")) if text else self.names

    def listing(self) -> str:
        """Name all of them, a line each, as Slurm lists plugins."""
        return "".join(f"slurmrestd: {line}\n" for line in (f"Possible {self.title} plugins:", *self.names))

    def _known(self, word: str) -> str:
        name = self.also.get(word, f"{self.kind}/{word}")
        if name not in self.names:
            raise ValueError(f'"{word}" is unknown: expected {self._expected}')
        return name

    @property
    def _expected(self) -> str:
        return f"{LIST} or {', '.join((*self.names, *self.also))}"


AUTH = Plugins("rest_auth", "REST authentication", "SLURMRESTD_AUTH_TYPES", (LOCAL, JWT), {})
OPENAPI = Plugins(
    "openapi", "OpenAPI", "SLURMRESTD_OPENAPI_PLUGINS", (SLURM, SLURMDB), {"slurmctld": SLURM, "slurmdbd": SLURMDB}
)


def serves(chosen: tuple[str, ...], path: str) -> bool:
    """Tell whether one of the *chosen* OpenAPI plugins has this path."""
    return any(path.startswith(PATHS[name]) for name in chosen)
