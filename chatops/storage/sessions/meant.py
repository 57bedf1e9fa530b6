"""Which of the stored sessions a person means."""

from collections.abc import Collection
from dataclasses import dataclass

from chatops.history.port import Reading
from chatops.history.rows import Run
from chatops.storage.errors import StorageError

#: Of what an id begins with, fewer letters name nothing.
_SHORTEST = 4
_MOST = 10_000


class NoSuchSession(StorageError):
    """No session is meant, or several."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All that are stored, the newest first."""

    runs: tuple[Run, ...]

    @classmethod
    async def read(cls, history: Reading, bots: Collection[str] = ()) -> "Sessions":
        """Of these bots, or of all. Raises `DatabaseAway`."""
        return cls(await history.runs(bots or await history.known_bots(), most=_MOST))

    def meant(self, said: str) -> Run:
        """The one whose id begins so, or the newest of the bot that is called so. Raises `NoSuchSession`."""
        newest = next((run for run in self.runs if run.bot == said), None)
        if newest is not None:
            return newest
        wanted = said.lower()
        found = [run for run in self.runs if len(wanted) >= _SHORTEST and str(run.session_id).startswith(wanted)]
        if len(found) == 1:
            return found[0]
        if len(wanted) < _SHORTEST:
            raise NoSuchSession(
                f"Which session? There is no bot {said!r}, and of an id at least {_SHORTEST} characters are needed. "
                "`quarterdeck history list` has them all."
            )
        what = f"{len(found)} sessions begin with {said!r}: say more of its id" if found else f"there is no {said!r}"
        raise NoSuchSession(
            f"Which session? {what[0].upper()}{what[1:]}. `quarterdeck history list` has them all; the name of a bot "
            "means its newest."
        )
