"""Whether somebody is who they say: their codes tried, each once, and no more than a few wrong ones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from chatops.guard import totp
from chatops.storage.totp import Enrolment, Enrolments, Shown
from chatops.storage.totp_key import TotpKey
from chatops.storage.wrong_codes import WrongCodes


class CodeVerdict(StrEnum):
    """What a code is worth."""

    RIGHT = "right"
    #: A recovery code, used up by this.
    RECOVERY = "recovery"
    #: It confirmed the enrolment.
    ENROLLED = "enrolled"
    WRONG = "wrong"
    #: Right, and used before.
    USED = "used"
    #: Wrong, and the last of too many: nothing is heard of them for a while.
    LOCKED = "locked"
    #: They are locked: whatever it is, it was not tried.
    UNHEARD = "unheard"
    #: Neither a code nor a recovery code: nothing was tried.
    SHAPELESS = "shapeless"
    #: They have no codes.
    NOT_ENROLLED = "not enrolled"
    #: It would enrol them, and must be given where they alone read: it was not tried.
    ELSEWHERE = "elsewhere"
    #: Nothing waits for one: it was not tried.
    NEEDLESS = "needless"
    #: The key from which the codes follow is gone.
    NO_KEY = "no key"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a code."""

    verdict: CodeVerdict
    #: With `LOCKED`: until when.
    until: datetime | None = None
    #: With `RECOVERY`: how many are left.
    left: int = 0
    #: With `ENROLLED`: the recovery codes, shown once and kept nowhere.
    recovery_codes: tuple[str, ...] = ()

    @property
    def is_recovery(self) -> bool:
        """Whether one of a few is used up."""
        return self.verdict is CodeVerdict.RECOVERY

    def __repr__(self) -> str:
        return f"Tried({self.verdict})"


class Proving:
    """Enrols people and tries their codes. Every method raises `DatabaseAway` where the database is."""

    def __init__(
        self, enrolments: Enrolments, wrong: WrongCodes, key: TotpKey, *, now: Callable[[], datetime], desk: str
    ) -> None:
        self._enrolments = enrolments
        self._wrong = wrong
        self._key = key
        self._now = now
        self._issuer = f"Quarterdeck {desk}"
        #: One code at a time: of many at one instant no more than five are tried.
        self._turn = asyncio.Lock()

    async def enrolment(self, person: str) -> Enrolment | None:
        """What they have, confirmed or not."""
        return await self._enrolments.find(person)

    async def is_enrolled(self, person: str) -> bool:
        """Whether their codes count."""
        found = await self._enrolments.find(person)
        return found is not None and found.is_confirmed

    async def enrol(self, person: str, *, instead: bool = False) -> tuple[UUID, str, str] | None:
        """Begin anew; gives the enrolment's id, the seed, and what the QR picture says.

        None where they are enrolled already, unless this is `instead` of that. Raises `OSError` where no key can be
        made.
        """
        key = await asyncio.to_thread(self._key.read_or_make)
        # Of chance alone: an id that tells its moment could be guessed.
        enrolment = uuid4()
        if not await self._enrolments.begin(person, enrolment, self._now(), instead=instead):
            return None
        secret = totp.seed(key, person, enrolment)
        return enrolment, secret, totp.uri(secret, person, self._issuer)

    async def shown(self, person: str, enrolment: UUID, shown: Shown | None) -> None:
        """Where a secret of it stands now."""
        await self._enrolments.show(person, enrolment, shown)

    async def recovery_codes_left(self, person: str) -> int:
        """How many they have."""
        return await self._enrolments.recovery_codes_left(person)

    async def end(self, person: str) -> bool:
        """Ask them for no codes any more. Whether they had any."""
        return await self._enrolments.end(person)

    async def attempt(self, person: str, said: str, *, to_enrol: bool = True, to_prove: bool = True) -> Tried:
        """Try what they said, where it is for something: the first code to enrol, any other to prove it is they.

        What is not tried is not used up, and tells nobody whether it was right.
        """
        meant = totp.typed(said)
        async with self._turn:
            now = self._now()
            if await self._wrong.locked_until(person, now) is not None:
                return Tried(CodeVerdict.UNHEARD)
            tried = await self._try(person, meant, now, to_enrol, to_prove)
            if tried.verdict in (CodeVerdict.WRONG, CodeVerdict.USED):
                await self._wrong.add(person, now)
                until = await self._wrong.locked_until(person, now)
                if until is not None:
                    return Tried(CodeVerdict.LOCKED, until=until)
            return tried

    async def _try(self, person: str, meant: str, now: datetime, to_enrol: bool, to_prove: bool) -> Tried:
        found = await self._enrolments.find(person)
        if found is None:
            return Tried(CodeVerdict.NOT_ENROLLED)
        is_code = totp.is_code(meant)
        if not is_code and not (found.is_confirmed and totp.is_recovery_code(meant)):
            return Tried(CodeVerdict.SHAPELESS)
        if not found.is_confirmed and not to_enrol:
            return Tried(CodeVerdict.ELSEWHERE)
        if found.is_confirmed and not to_prove:
            return Tried(CodeVerdict.NEEDLESS)
        key = await asyncio.to_thread(self._key.read)
        if key is None:
            return Tried(CodeVerdict.NO_KEY)
        if not is_code:
            return await self._try_recovery_code(person, found, key, meant, now)
        step = totp.step_of(meant, totp.seed(key, person, found.id), now)
        if step is None:
            return Tried(CodeVerdict.WRONG)
        if not found.is_confirmed:
            return await self._confirm(person, found, key, step, now)
        is_first = await self._enrolments.use_step(person, found.id, step)
        return Tried(CodeVerdict.RIGHT if is_first else CodeVerdict.USED)

    async def _confirm(self, person: str, found: Enrolment, key: bytes, step: int, now: datetime) -> Tried:
        codes = totp.new_recovery_codes()
        hashes = [totp.recovery_hash(key, person, found.id, totp.typed(code)) for code in codes]
        if not await self._enrolments.confirm(person, found.id, step, hashes, now):
            return Tried(CodeVerdict.USED)
        return Tried(CodeVerdict.ENROLLED, recovery_codes=codes)

    async def _try_recovery_code(self, person: str, found: Enrolment, key: bytes, meant: str, now: datetime) -> Tried:
        hash_ = totp.recovery_hash(key, person, found.id, meant)
        if not await self._enrolments.use_recovery_code(person, hash_, now):
            return Tried(CodeVerdict.WRONG)
        return Tried(CodeVerdict.RECOVERY, left=await self._enrolments.recovery_codes_left(person))
