"""A watch over a bot whose metrics are readings: `heat:SOL-1` is what the rule `heat` finds on SOL-1."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from alerts.answer import Answer
from alerts.in_memory import InMemoryAlerts
from alerts.model import Advance, Alert, AlertEvent, Form, Key, Reading, Target
from alerts.policy import Policy, usual
from alerts.rulebook import Facts, Rule, Rulebook
from alerts.severity import Severity
from alerts.silence import silenced
from alerts.store import StoreAway
from alerts.terms import DEFAULTS, Band, Terms
from alerts.watch import Watch
from alerts.why import Why
from bot_integration import BotController, Snapshot
from tests.alerts.roster import MovableRoster
from tests.bot_integration.facts import NOON, facts, position

BOT = "carry"
RULES = ("heat", "health_factor", "liquidation_distance")
WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
AT: Mapping[Severity, float] = {WARNING: 1.0, CRITICAL: 2.0, EMERGENCY: 3.0}
DWELL = timedelta(seconds=60)


def terms_of(rule: str, **more: object) -> Terms:
    throttles = {WARNING: timedelta(minutes=5), CRITICAL: timedelta(minutes=1), EMERGENCY: None}
    made = Terms(rule, (Band("m", True, AT),), clear=0.05, dwell=DWELL, throttles=throttles)
    return replace(made, **more)  # type: ignore[arg-type]


#: Told again by their policy alone.
UNTHROTTLED: Mapping[Severity, timedelta | None] = {}


def _rule(name: str) -> Rule:
    def read(given: Facts) -> Iterable[Reading]:
        metrics = given.snapshot.metrics
        for metric, value in metrics.items():
            rule, _, subject = metric.partition(":")
            if rule == name:
                key, room = Key(name, given.snapshot.bot, subject), metrics.get(f"room:{subject}")
                yield Reading(key, value, "m", room, subject.partition("/")[0], f"{name} {value:g}")

    return Rule(terms_of(name), read)


class Forgetful(InMemoryAlerts):
    """A store that can do as told and have its answer lost, and that can refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.answers_to_lose = 0
        #: It takes nothing of alerts on this subject.
        self.breaks_at: str | None = None

    def change_elsewhere(self, alert: Alert) -> None:
        """One step further than whoever holds this one knows."""
        self._alerts[alert.id] = replace(self._alerts[alert.id], version=alert.version + 1)

    async def advance(self, fence: int, advances: Sequence[Advance]) -> Mapping[UUID, Alert]:
        if self.breaks_at in {one.alert.key.subject for one in advances}:
            raise ValueError("it does not fit")
        stored = await super().advance(fence, advances)
        if advances and self.answers_to_lose:
            self.answers_to_lose -= 1
            raise StoreAway("the connection broke")
        return stored


@dataclass(frozen=True)
class Said:
    """One telling, and when it was stored."""

    at_s: float
    target: str
    form: Form
    why: Why
    alert: Alert
    reason: str

    @property
    def is_aloud(self) -> bool:
        return self.form in {Form.CARD, Form.PING}


class Desk:
    """One worker, its store, its people and its clock."""

    def __init__(
        self,
        *,
        throttles: Mapping[Severity, timedelta | None],
        # A busy machine is no part of most stories.
        within_s: float = 60.0,
        more: Iterable[Rule] = (),
        more_bots: Iterable[BotController] = (),
    ) -> None:
        self.store = Forgetful()
        self.roster = MovableRoster()
        self.terms: dict[str, Terms] = {rule: terms_of(rule, throttles=throttles) for rule in RULES}
        self.terms |= {rule: DEFAULTS[rule] for rule in ("stale_data", "nobody_to_tell")}
        self.policies: dict[Severity, Policy] = {severity: usual(severity) for severity in Severity}
        self.elapsed_s = 0.0
        self.off_s = 0.0
        self.metrics: dict[str, float] = {}
        self.positions = ["SOL-1", "ETH-1"]
        self.rules = [*(_rule(name) for name in RULES), *more]
        self.said: list[Said] = []
        self._ids = 0
        self._seen = 0
        self._within_s = within_s
        self._bot = BotController(BOT)
        self._bots = [self._bot, *more_bots]
        self.watch = self._worker()

    async def __aenter__(self) -> Self:
        await self.watch.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.watch.close()

    # ------------------------------------------------------------------------ what a story does

    async def read(self, subject: str = "SOL-1", rule: str = "heat", room: float | None = None, **found: float) -> None:
        """A snapshot in which the rule finds this: `value=2.5`."""
        self.metrics[f"{rule}:{subject}"] = found["value"]
        if room is not None:
            self.metrics[f"room:{subject}"] = room
        await self.hear()

    async def hear(self) -> None:
        """A snapshot, as all is now."""
        await self.watch.hear(BOT, self.snapshot())
        self._collect()

    def publish(self) -> None:
        """The same by the bot itself, for a watch that runs."""
        self._bot.publish(facts(metrics=self.metrics, positions=[position(name) for name in self.positions]))

    async def wait(self, seconds: float, step_s: float = 10.0) -> None:
        """Time goes by, and snapshots come on."""
        end = self.elapsed_s + seconds
        while self.elapsed_s < end:
            self.elapsed_s = min(end, self.elapsed_s + step_s)
            await self.hear()
            await self.tick()

    async def wait_idly(self, seconds: float) -> None:
        """Time goes by, and nothing is looked at but what is due."""
        end = self.elapsed_s + seconds
        while (due := self.watch.next_at()) is not None and self.elapsed_s < end:
            self.elapsed_s = min(end, max(self.elapsed_s, (due - NOON).total_seconds() - self.off_s))
            await self.tick()

    async def tick(self) -> None:
        await self.watch.tick()
        self._collect()

    async def acknowledge(self, by: str, epoch: int | None = None, alert: Alert | None = None) -> Answer:
        alert = alert or self.alert
        answer = await self.watch.acknowledge(alert.id, alert.epoch if epoch is None else epoch, by)
        self._collect()
        return answer

    async def silence(self, length: timedelta | None, **what: object) -> None:
        number = len(self.store.made_silences) + 1
        made = silenced("ada", self.now, length, number=number, open_alerts=self.open, **what)  # type: ignore[arg-type]
        self.store.made_silences.append(made)
        await self.watch.silences_changed()
        self._collect()

    async def unsilence(self) -> None:
        self.store.made_silences.clear()
        await self.watch.silences_changed()
        self._collect()

    async def crash(self) -> None:
        """The worker is gone; another one goes on from the store."""
        self.watch.close()
        self.watch = self._worker()
        await self.watch.begin()
        self._collect()

    # ------------------------------------------------------------------------ what a story sees

    @property
    def now(self) -> datetime:
        return self.watch.now()

    @property
    def open(self) -> list[Alert]:
        return [one.alert for one in self.watch.alerts() if one.alert.is_open]

    @property
    def alert(self) -> Alert:
        """The newest that is open."""
        return self.open[-1]

    @property
    def steps(self) -> list[AlertEvent]:
        """The life of the first alert that was stored and told."""
        return self.store.events(self.said[0].alert.id)

    def heard(self, target: str | Target = "room:ops", since: int = 0) -> list[tuple[Form, Why]]:
        return [(one.form, one.why) for one in self.said[since:] if one.target == str(target)]

    def snapshot(self) -> Snapshot:
        positions = [position(name) for name in self.positions]
        given = facts(bot=BOT, session_id=UUID(int=1), seq=1, at=self._wall(), metrics=self.metrics)
        return Snapshot.model_validate({**given, "positions": positions})

    # ------------------------------------------------------------------------ inside

    def _worker(self) -> Watch:
        return Watch(
            self._bots,
            Rulebook(self.rules),
            self.store,
            self.roster,
            terms=lambda: self.terms,
            ids=self._id,
            wall=self._wall,
            elapsed=lambda: self.elapsed_s,
            policies=lambda key, severity: self.policies[severity],
            within_s=self._within_s,
            sleep=lambda seconds: asyncio.sleep(0.001),
        )

    def _wall(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed_s + self.off_s)

    def _id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def _collect(self) -> None:
        new = self.store.tellings[self._seen :]
        self._seen += len(new)
        self.said += [
            Said(self.elapsed_s, str(one.target), one.form, Why(one.why), alert, one.reason) for alert, one in new
        ]
