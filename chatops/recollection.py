"""What was asked lately and which buttons were shown of it, in memory: for while the database cannot be asked."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from chatops.guard.audit import State, standing
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry, Redemption, Unsettled

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

_WAITING = (State.AWAITING_CONFIRMATION, State.AWAITING_APPROVAL)
#: So many asks are remembered at most, and so many buttons: more than are asked while a question may be confirmed.
MOST_ASKS, MOST_PRESSES = 2_000, 8_000


@dataclass(slots=True)
class _Ask:
    ask: Unsettled
    tokens: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return standing(self.ask.steps).state


class Recollection:
    """Takes note of every entry that is on record, in the database or aside.

    Of what it does not remember it says so: the oldest is forgotten where there is too much.
    """

    def __init__(self, most_asks: int = MOST_ASKS, most_presses: int = MOST_PRESSES) -> None:
        self._most_asks = most_asks
        self._most_presses = most_presses
        self._asks: OrderedDict[UUID, _Ask] = OrderedDict()
        self._presses: OrderedDict[str, StoredPress] = OrderedDict()

    def knows(self, command_id: UUID) -> bool:
        """Whether it remembers this ask."""
        return command_id in self._asks

    def may_redeem(self, redeems: Redemption) -> bool | None:
        """Whether this is the first to settle the ask; None where it does not remember."""
        known = self._asks.get(redeems.command_id)
        press = None if redeems.token is None else self._presses.get(redeems.token)
        if known is None or (redeems.token is not None and press is None):
            return None
        state = known.state
        return state in _WAITING and (redeems.state is None or redeems.state is state) and (press is None or press.open)

    def find(self, token: str) -> StoredPress | None:
        """The press as the database has it; None where it does not remember."""
        press = self._presses.get(token)
        known = None if press is None or press.command_id is None else self._asks.get(press.command_id)
        if press is None or known is None:
            return press
        return replace(press, result=standing(known.ask.steps).answer, asked_at=known.ask.asked.at)

    def waiting(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, where it waits for somebody."""
        known = self._asks.get(command_id)
        return known.ask if known is not None and known.state in _WAITING else None

    def waiting_of(self, person: str) -> list[Unsettled]:
        """What this person asked that waits, the newest first."""
        ours = (known for known in reversed(self._asks.values()) if known.ask.asked.principal == person)
        return [known.ask for known in ours if known.state in _WAITING]

    def note(self, entry: Entry) -> None:
        """This is on record."""
        command_id = entry.steps[0].command_id
        known = self._asks.get(command_id)
        if entry.asked is not None:
            if entry.asked.principal is None:
                # Strangers have nothing to press, and there may be many.
                return
            known = self._asks[command_id] = _Ask(Unsettled(entry.asked, entry.steps))
            _bound(self._asks, self._most_asks, self._forget_presses)
        elif known is not None:
            known.ask = replace(known.ask, steps=(*known.ask.steps, *entry.steps))
        redeems = entry.redeems
        if redeems is not None and redeems.token is not None and known is not None:
            for token in known.tokens:
                press = self._presses.get(token)
                if press is not None and press.open:
                    self._presses[token] = replace(press, open=False, used_by=redeems.by)
        for press in entry.minted:
            self._presses[press.token] = press
            owner = None if press.command_id is None else self._asks.get(press.command_id)
            if owner is not None:
                owner.tokens.append(press.token)
        _bound(self._presses, self._most_presses, lambda press: None)

    def remember(self, minted: Iterable[StoredPress]) -> None:
        """Buttons of what nobody asked for were shown: those that are pressed whatever is away."""
        for press in minted:
            if press.ask.cannot_wait and not press.ask.reads:
                self._presses[press.token] = press
        _bound(self._presses, self._most_presses, lambda press: None)

    def forget(self, command_id: UUID) -> None:
        """The database says otherwise of this ask."""
        known = self._asks.pop(command_id, None)
        if known is not None:
            self._forget_presses(known)

    def forget_waiting(self) -> None:
        """The database may have ended what waits, past everybody here."""
        for command_id in [command_id for command_id, known in self._asks.items() if known.state in _WAITING]:
            self.forget(command_id)

    def _forget_presses(self, known: _Ask) -> None:
        for token in known.tokens:
            self._presses.pop(token, None)


def _bound(kept: OrderedDict[KeyT, ValueT], most: int, forgotten: Callable[[ValueT], object]) -> None:
    while len(kept) > most:
        _, oldest = kept.popitem(last=False)
        forgotten(oldest)
