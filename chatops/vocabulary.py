"""Every word of the desk: the gateway's own, and those that the bots declare in their snapshots."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from bot_integration import Declaration
from bot_integration.declarations import MOST_COMMANDS
from chatops.asks import Ask
from chatops.asks.custom import CustomAsk, Gone, ask_of
from chatops.fleet import Fleet
from chatops.layout import fit
from chatops.words import OURS, Words

log = logging.getLogger(__name__)

#: Between two looks for what bots declare, in seconds.
LOOK_EVERY_S = 1.0
#: Characters of a word; more no menu takes.
LONGEST_WORD = 32
#: What a terminal takes for itself.
_TAKEN = frozenset({"quit", "exit"})
_HELP_LINES, _HELP_COLUMNS = 10, 200
_UNFIT = re.compile(r"[^a-z0-9_]+")

Learnt = Callable[[], None]


class Vocabulary:
    """Learns words from snapshots. `now` costs a look at each bot, and nothing more while they declare the same."""

    def __init__(self, fleet: Fleet, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._fleet = fleet
        self._sleep = sleep
        self._heard: dict[str, tuple[Declaration, ...]] = {}
        self._words = OURS
        self._told: frozenset[tuple[str, str]] = frozenset()
        self._learnt: list[Learnt] = []

    @property
    def now(self) -> Words:
        """The words of this moment. It does not raise: every word comes by here, the emergency's too."""
        if self._hear():
            try:
                self._learn()
            except Exception:
                log.exception("the words of the bots could not be made; those from before stay")
        return self._words

    def _hear(self) -> bool:
        """Take in what the bots say now; whether that is something else."""
        changed = False
        for bot in self._fleet.bots():
            snapshot = bot.snapshot()
            before = self._heard.get(bot.name, ())
            # Of a bot that is not heard, what it said last counts.
            if snapshot is None or snapshot.commands is before:
                continue
            changed = changed or snapshot.commands != before
            self._heard[bot.name] = snapshot.commands
        return changed

    def on_learnt(self, learnt: Learnt) -> None:
        """Call this whenever there are other words; it must not wait or raise."""
        self._learnt.append(learnt)

    def stored(self, word: str, arguments: Mapping[str, Any]) -> Ask:
        """The ask of a stored row; `Gone` where nobody has its word now."""
        return self.now.stored(word, arguments)

    def known(self, word: str, arguments: Mapping[str, Any]) -> Ask | None:
        """The same; None where nobody has its word now."""
        ask = self.stored(word, arguments)
        return None if isinstance(ask, Gone) else ask

    async def run(self) -> None:
        """Look again and again, so that menus change though nobody asks; until cancelled."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            _ = self.now

    def _learn(self) -> None:
        offered, refused = _offers({bot: self._heard[bot] for bot in self._fleet.names if bot in self._heard})
        kinds = [kind for word, offer in offered.items() if (kind := _kind(word, *offer)) is not None]
        self._words = Words([*OURS.kinds, *kinds])
        for bot, why in sorted(refused - self._told):
            log.warning("words of %s: %s", bot, why)
        self._told = refused
        log.info("words of bots: %s", ", ".join(kind.word for kind in kinds) or "none")
        for learnt in self._learnt:
            learnt()


def _kind(word: str, said: Declaration, bots: tuple[str, ...]) -> type[CustomAsk] | None:
    """The ask of a declaration; None of one that makes none: it must not keep the words of other bots from changing."""
    try:
        made = ask_of(word, said, bots, _help(said))
    except Exception:
        log.exception("the word %s of %s could not be made: it is not offered", word, ", ".join(bots))
        return None
    made.apart = {bot.casefold(): _prefixed(bot, said.name) for bot in bots}
    return made


Offers = dict[str, tuple[Declaration, tuple[str, ...]]]


def _offers(heard: Mapping[str, Iterable[Declaration]]) -> tuple[Offers, frozenset[tuple[str, str]]]:
    """Which word means which declaration of which bots, and what was not offered under its own name and why.

    Where bots mean different things by a name it belongs to neither, whoever was heard first: a word must not come to
    mean another thing.
    """
    meant: dict[str, dict[str, Declaration]] = {}
    notes: set[tuple[str, str]] = set()
    for bot, declared in heard.items():
        said = list(declared)
        if len(said) > MOST_COMMANDS:
            notes.add((bot, f"it declares {len(said)}, and only the first {MOST_COMMANDS} are offered"))
        for one in said[:MOST_COMMANDS]:
            meant.setdefault(one.name, {})[bot] = one
    offers: Offers = {}
    for name, by_bot in meant.items():
        first = next(iter(by_bot.values()))
        if not _is_ours(name) and all(one == first for one in by_bot.values()):
            offers[name] = (first, tuple(by_bot))
    for name, by_bot in meant.items():
        if name in offers:
            continue
        why = "is a word of the desk" if _is_ours(name) else f"means something else to {', '.join(by_bot)}"
        for bot, one in by_bot.items():
            word = _prefixed(bot, name)
            if word in offers or _is_ours(word):
                notes.add((bot, f"{name} {why}, and {word} is taken too: it is not offered"))
            else:
                offers[word] = (one, (bot,))
                notes.add((bot, f"{name} {why}: it is offered as {word}"))
    return offers, frozenset(notes)


def _is_ours(word: str) -> bool:
    return OURS.find(word) is not None or OURS.begins_another(word) or word in _TAKEN


def _prefixed(bot: str, name: str) -> str:
    plain = _UNFIT.sub("_", bot.casefold()).strip("_")
    plain = plain if plain[:1].isalpha() else f"bot_{plain}".rstrip("_")
    room = LONGEST_WORD - len(name) - 1
    return f"{plain[: max(room, 1)]}_{name}"[:LONGEST_WORD]


def _help(said: Declaration) -> str:
    lines = [fit(line, _HELP_COLUMNS) for line in said.help.splitlines()[:_HELP_LINES]]
    return "\n".join(lines).strip() or f"{said.name.replace('_', ' ').capitalize()}."
