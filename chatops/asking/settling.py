"""What a stop of the program left in the middle, brought to its end: by asking the bot, and by telling the room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot_integration import Outcome
from chatops.asking.approving import Approving
from chatops.asking.inquiry import Inquiry
from chatops.asks import stored_ask
from chatops.commands.orders import together
from chatops.desired.folding import WORDS, Asked, runs_of
from chatops.drafts import Draft
from chatops.fleet import Fleet
from chatops.guard.audit import State, Step, StepName, standing, storable
from chatops.ledger import Entry, Ledger, Redemption, Unsettled
from chatops.outbox import Outbox
from chatops.patience import Patience
from chatops.people import THE_DESK
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.views import answers, settled
from chatops.words import Known

log = logging.getLogger(__name__)

#: Between two tries to ask a bot that is away, in seconds.
ASK_AGAIN_S = 5.0
#: Between two looks for questions that nobody answered, in seconds.
EXPIRE_EVERY_S = 60.0


class Left(Protocol):
    """What the ledger knows of the time before the stop."""

    async def unsettled(self) -> list[Unsettled]:
        """Asks that were waiting or running, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Leftover:
    """What has to be told once the platforms are there."""

    #: Acts that were running, or were about to.
    running: tuple[Unsettled, ...]
    #: What is to be said of the questions that are void.
    void: tuple[Draft, ...] = ()


#: Has a bot of this name do after all what was asked by this id and word, where that only holds it back and is still
#: wanted. It does not raise.
SendOn = Callable[[str, UUID, str], Awaitable[None]]


async def _leave(bot: str, ask: UUID, word: str) -> None:
    """Where nothing is sent on."""


@dataclass(frozen=True, slots=True)
class _End:
    """What became of an ask."""

    outcome: Outcome
    said: str
    #: Of each bot, where it went to several.
    apart: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def outcomes(self) -> dict[str, Any]:
        """As the record has them."""
        return {"outcomes": {bot: str(outcome) for bot, outcome in self.apart.items()}} if len(self.apart) > 1 else {}


class Settling:
    """Runs once at a start: `take_stock` before anything new is handled, then `settle`."""

    def __init__(
        self,
        *,
        left: Left,
        ledger: Ledger,
        fleet: Fleet,
        outbox: Outbox,
        approving: Approving,
        patience: Patience,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        known: Known = stored_ask,
        ended: Callable[[Asked], None] = lambda asked: None,
        send_on: SendOn = _leave,
    ) -> None:
        """`ended` is told how an ask ended that holds bots back or lets them go. It does not wait or raise."""
        self._known = known
        self._ended = ended
        self._send_on = send_on
        self._left = left
        self._ledger = ledger
        self._inquiry = Inquiry(fleet, now)
        self._outbox = outbox
        self._approving = approving
        self._patience = patience
        self._now = now
        self._sleep = sleep

    async def take_stock(self) -> Leftover:
        """Close what waited for a person; gives what is still to be settled and told.

        A question does not outlive a restart: nobody can tell what its asker has seen since.
        """
        await self._outbox.take_stock()
        running, void = [], []
        for ask in await self._left.unsettled():
            if ask.asked.principal == THE_DESK:
                # What the desk does by itself goes on by itself.
                continue
            if standing(ask.steps).state is State.RUNNING:
                running.append(ask)
            else:
                void.append(await self._void(ask))
        return Leftover(tuple(running), tuple(void))

    async def settle(self, leftover: Leftover) -> None:
        """Tell what was not told, and find out what became of the rest. Waits as long as a bot is away."""
        for draft in leftover.void:
            try:
                await self._outbox.show(draft)
            except Exception:
                # The acts that were running are settled all the same.
                log.exception("the void question of %s could not be told", draft.owed[0].command_id)
        await asyncio.gather(*(self._settle(ask) for ask in leftover.running))

    async def expire_for_ever(self) -> None:
        """Once a minute, close what nobody answered in time."""
        while True:
            await self._sleep(EXPIRE_EVERY_S)
            try:
                await self.expire()
            except DatabaseAway as error:
                log.info("questions not expired yet: %s", error)
            except Exception:
                log.exception("questions could not be expired")

    async def expire(self) -> None:
        """Close the questions whose time is over. Their cards stay: pressed, they offer to ask again.

        A request to approve is told to be over, to all who were asked: its asker may have looked away long since.
        """
        for ask in await self._left.unsettled():
            state, waited = standing(ask.steps).state, self._now() - ask.steps[-1].at
            if state is State.AWAITING_APPROVAL and waited > self._patience.approve:
                await self._approving.expire(ask.asked.id)
            elif state is State.AWAITING_CONFIRMATION and waited > self._patience.confirm:
                data = {"answer": answers.NOT_CONFIRMED}
                step = Step(ask.asked.id, self._now(), StepName.EXPIRED, THE_DESK, data)
                # A press may come at this very instant: the first of the two counts.
                redeems = Redemption(None, ask.asked.id, THE_DESK, state)
                await self._ledger.record(Entry((step,), redeems=redeems))

    async def _void(self, ask: Unsettled) -> Draft:
        """Close a question; gives what its card has to say instead."""
        asked = ask.asked
        awaited = "approved" if standing(ask.steps).state is State.AWAITING_APPROVAL else "confirmed"
        message = settled.void(asked.word, asked.arguments, self._known(asked.word, asked.arguments), awaited=awaited)
        draft = self._outbox.draft(
            message,
            Room.of(asked.platform, asked.room),
            asker=asked.principal,
            command_id=asked.id,
            replaces=ask.card,
        )
        data = {"answer": "The program was restarted while this waited. Nothing was done."}
        step = Step(asked.id, self._now(), StepName.EXPIRED, THE_DESK, data)
        await self._ledger.record(Entry((step,), minted=draft.minted, owed=draft.owed))
        await self._approving.close_copies(ask, message.title)
        return draft

    async def _settle(self, ask: Unsettled) -> None:
        try:
            end = await self._ending(ask)
            self._say_ended(ask, end)
            while not await self._told(ask, end):
                await self._sleep(ASK_AGAIN_S)
        except Exception:
            # The others are settled all the same.
            log.exception("%s could not be settled", ask.asked.id)

    def _say_ended(self, ask: Unsettled, end: "_End") -> None:
        asked = ask.asked
        if asked.word not in WORDS or asked.principal is None:
            return
        began = next(step for step in ask.steps if step.step is StepName.RUNNING)
        runs = runs_of(began.data)
        room = Room.of(asked.platform, asked.room)
        ends = {bot: end.apart.get(bot, end.outcome) for bot in runs}
        self._ended(Asked(asked.id, asked.at, asked.principal, room, asked.word, asked.arguments, runs, ends))

    async def _ending(self, ask: Unsettled) -> "_End":
        began = next(step for step in ask.steps if step.step is StepName.RUNNING)
        word = ask.asked.word
        sessions: dict[str, str | None] = began.data.get("sessions", {})
        if not sessions:
            name = began.data.get("bot", ask.asked.bot)
            return _End(*await self._ending_of(name, began.data.get("session"), began, word))
        ends = await asyncio.gather(*(self._ending_of(name, run, began, word) for name, run in sessions.items()))
        said = " ".join(f"{name}: {said}" for name, (_, said) in zip(sessions, ends, strict=True))
        apart = {name: outcome for name, (outcome, _) in zip(sessions, ends, strict=True)}
        return _End(together(apart.values()), said, apart)

    async def _ending_of(self, name: str | None, session: str | None, began: Step, word: str) -> tuple[Outcome, str]:
        """What became of it on one bot, which was in this run when it began."""
        while True:
            await self._send_on(name or "", began.command_id, word)
            if (end := await self._inquiry.once(name, session, began)) is not None:
                return end
            await self._sleep(ASK_AGAIN_S)

    async def _told(self, ask: Unsettled, end: "_End") -> bool:
        asked = ask.asked
        message = settled.settled(asked.word, asked.arguments, end.outcome, end.said)
        draft = self._outbox.draft(
            message, Room.of(asked.platform, asked.room), asker=asked.principal, command_id=asked.id
        )
        step = Step(
            asked.id,
            self._now(),
            StepName.FINISHED,
            THE_DESK,
            {**end.outcomes, "outcome": str(end.outcome), "answer": storable(message.title)},
        )
        try:
            await self._ledger.record(Entry((step,), minted=draft.minted, owed=draft.owed))
        except DatabaseAway as error:
            log.info("the end of %s cannot be recorded yet: %s", asked.id, error)
            return False
        await self._outbox.show(draft)
        if ask.card is not None:
            # It still says that the act goes on.
            room = Room.of(asked.platform, asked.room)
            await self._outbox.progress(settled.see_below(asked.word), room, command_id=asked.id, card=ask.card)
        return True
