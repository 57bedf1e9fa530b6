"""People as the command line changes them: on record like what is asked in a chat."""

from datetime import UTC, datetime
from typing import Any

from bot_integration import Outcome
from chatops.guard.audit import Asked, Step, StepName, storable
from chatops.ids import uuid7
from chatops.ledger import Entry
from chatops.membership.admission import Admission
from chatops.membership.roster import Roster, Unwilling
from chatops.people import Directory, Role
from chatops.storage.database import Database
from chatops.storage.ledger import PostgresLedger
from chatops.storage.people import PeopleTables

#: Where it was asked, in the record.
PLATFORM = "shell"


class PeopleDesk:
    """Somebody at a shell of the machine, who may do whatever an admin may.

    Every method raises `Unwilling`, which is on record too, and `DatabaseAway`.
    """

    def __init__(self, database: Database, of_file: Directory, user: str) -> None:
        self._roster = Roster(of_file, PeopleTables(database), _now)
        self._admission = Admission(self._roster, _now)
        self._ledger = PostgresLedger(database, uuid7())
        self._user = user
        self._by = f"{PLATFORM}:{user}"

    async def directory(self) -> Directory:
        """Everybody."""
        await self._roster.load()
        return self._roster.directory

    async def invite(self, role: Role, name: str) -> str:
        """A code for somebody new."""
        record = await self._begin("invite", {"to": str(role), **({"name": name} if name else {})})
        try:
            code = await self._admission.invitation(role, name, self._by)
        except Unwilling as refusal:
            await self._end(record, Outcome.REFUSED, str(refusal))
            raise
        await self._end(record, Outcome.DONE, f"An invitation for one {role}.")
        return code

    async def claim(self) -> str:
        """A code for the first admin, in place of those before."""
        record = await self._begin("claim", {})
        code = await self._admission.claim(self._by)
        if code is None:
            said = "There is an admin already. For another: quarterdeck users invite admin."
            await self._end(record, Outcome.REFUSED, said)
            raise Unwilling(said)
        await self._end(record, Outcome.DONE, "A code for the first admin.")
        return code

    async def set_role(self, name: str, role: Role) -> str:
        """Make them that; gives what to say."""
        record = await self._begin("role", {"who": name, "to": str(role)})
        try:
            before = await self._roster.set_role(name, role, self._by)
        except Unwilling as refusal:
            await self._end(record, Outcome.REFUSED, str(refusal))
            raise
        return await self._end(record, Outcome.DONE, f"{before.name} is {role} now, and was {before.role}.")

    async def revoke(self, name: str, account: str = "") -> str:
        """Make them a stranger, or this account of theirs; gives what to say."""
        record = await self._begin("revoke", {"who": name, **({"account": account} if account else {})})
        try:
            if account:
                done = await self._roster.take_account(name, account, self._by)
            else:
                done = await self._roster.revoke(name, self._by)
        except Unwilling as refusal:
            await self._end(record, Outcome.REFUSED, str(refusal))
            raise
        said = f"{done.person.name} is a stranger now."
        if done.stays:
            what = "is theirs on" if account else "is in the settings file, and stays"
            gone, stays = (", ".join(sorted(map(str, accounts))) for accounts in (done.gone, done.stays))
            said = f"{done.person.name} is heard no more as {gone}. {stays} {what}."
        return await self._end(record, Outcome.DONE, said)

    async def _begin(self, word: str, arguments: dict[str, Any]) -> Asked:
        asked = Asked(
            id=uuid7(),
            at=_now(),
            platform=PLATFORM,
            principal=None,
            sender_id=self._by,
            room=PLATFORM,
            bot=None,
            word=word,
            arguments={key: storable(value, 64) for key, value in arguments.items()},
            risk=None,
        )
        received = Step(asked.id, _now(), StepName.RECEIVED, self._by, asked.facts())
        # Not running: a desk that starts now must not ask a bot what became of it.
        await self._ledger.record(Entry((received,), asked=asked))
        return asked

    async def _end(self, asked: Asked, outcome: Outcome, said: str) -> str:
        data = {"outcome": str(outcome), "answer": storable(said)}
        await self._ledger.record(Entry((Step(asked.id, _now(), StepName.FINISHED, self._by, data),)))
        return said


def _now() -> datetime:
    return datetime.now(UTC)
