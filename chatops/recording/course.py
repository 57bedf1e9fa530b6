"""The recording of one bot: what was made of its snapshots, and how far that is stored."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot_integration import Snapshot
from chatops.history.recorder import Recorder
from chatops.history.rows import Batch, Head

#: Whoever finds that what is stored is not what they go on from steps back for so long, and then for twice as long.
STEP_BACK_S, LONGEST_BACK_S = 5.0, 300.0
#: After so many batches that were stored one after the other it is forgotten.
FORGIVEN_AFTER = 30


class Course:
    """One bot's. `now` counts seconds and never goes back."""

    def __init__(self, name: str, clean: Callable[[Batch], Batch] = lambda batch: batch) -> None:
        """`clean` takes out what is not to be stored."""
        self.name = name
        self._clean = clean
        #: None until it is known where to go on.
        self._recorder: Recorder | None = None
        #: Handed over, and not known to be stored: it is the same one until that is known.
        self._unsure: Batch | None = None
        self._back_at = self._heard_at = 0.0
        self._waits = STEP_BACK_S
        self._in_a_row = 0

    @property
    def unsure(self) -> Batch | None:
        """What is to be stored now, as `prepare` made it."""
        return self._unsure

    @property
    def waiting(self) -> int:
        """Snapshots that no batch has been made of."""
        return 0 if self._recorder is None else self._recorder.waiting

    def is_due_back(self, now: float) -> bool:
        """Whether it is to go on from what is stored, which has to be read."""
        return self._recorder is None and self._back_at <= now

    def go_on(self, head: Head | None, snapshot: Snapshot | None, at: datetime, now: float) -> None:
        """From here, and with how the bot stands now, `at` this moment: what lies between shows as their difference."""
        self._recorder = Recorder(self.name, head)
        unseen = at - head.snapshot.at if head is not None else timedelta(0)
        self._heard_at = now - max(0.0, unseen.total_seconds())
        self.hear(snapshot, now)

    def hear(self, snapshot: Snapshot | None, now: float) -> None:
        """Record it. Until it is known where to go on it goes by, and shows in what comes next."""
        if snapshot is not None and self._recorder is not None:
            self._recorder.take(snapshot)
            self._heard_at = now

    def pass_time(self, now: float) -> None:
        """Whoever is not heard for long is not seen, and that is told before they come back."""
        if self._recorder is not None:
            self._recorder.silent(timedelta(seconds=now - self._heard_at))

    def alerted(self) -> None:
        """How it stands now is kept."""
        if self._recorder is not None:
            self._recorder.alerted()

    def prepare(self, *, final: bool = False) -> bool:
        """Whether there is something to be stored."""
        if self._unsure is None and self._recorder is not None:
            batch = self._recorder.batch(final=final)
            self._unsure = None if batch is None else self._clean(batch)
        return self._unsure is not None

    def stored(self) -> None:
        """What was unsure is stored."""
        self._unsure = None
        self._in_a_row += 1
        if self._in_a_row >= FORGIVEN_AFTER:
            self._waits = STEP_BACK_S

    def is_stored(self, head: Head | None) -> bool:
        """Whether what is unsure is what this head is of: it was stored, and we did not hear of it.

        Who else came as far may have heard other snapshots on the way, and knows other things that are gone on from.
        """
        if self._unsure is None or head is None:
            return False
        mine = self._unsure.head
        return (mine.session_id, mine.seq, mine.known) == (head.session_id, head.seq, head.known)

    def step_back(self, now: float) -> float:
        """Let go of all that is not stored, and wait for so many seconds before going on from what is."""
        waits = self._waits
        self._recorder = self._unsure = None
        self._back_at, self._in_a_row = now + waits, 0
        self._waits = min(2 * waits, LONGEST_BACK_S)
        return waits
