"""Whatever is published, cut, resumed, missed or restarted: in the end every client knows what the bot says."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot_integration import BotController, EventsMissed, Noted, Ping
from bot_integration.bus import Bus
from bot_integration.control.codec import Encoding, decode, encode
from bot_integration.feed import Feed
from bot_integration.frames import Changed, DeltaKind, Frame, Whole, Why
from bot_integration.replica import Replica
from tests.bot_integration.facts import Clock, facts
from tests.bot_integration.following import settle
from tests.bot_integration.snapshots import CHANGES, PARTS, said
from tests.examples import examples

ValueT = TypeVar("ValueT")
WHICH = st.integers(0, 2)
#: So few that they are gone through often.
KEPT, QUEUE = 20, 12


@dataclass
class Client:
    """What one reads, and what is still on its way to it."""

    encoding: Encoding
    replica: Replica = field(default_factory=Replica)
    on_its_way: list[bytes] = field(default_factory=list)
    hangs_up: AsyncExitStack | None = None
    #: Since it was last told that it missed some.
    notes: list[int] = field(default_factory=list)

    def hear(self, frame: Frame) -> None:
        """Have it on its way."""
        self.on_its_way.append(encode(frame, self.encoding))

    def take(self, count: int) -> Counter[str]:
        """So many frames arrive. Gives what kinds of things were in them."""
        arrived, self.on_its_way = self.on_its_way[:count], self.on_its_way[count:]
        seen: Counter[str] = Counter()
        for given in arrived:
            frame = decode(given, self.encoding)
            told = self.replica.apply(frame)
            for one in (frame, *told):
                if isinstance(one, Whole | EventsMissed):
                    self.notes.clear()
                elif isinstance(one, Noted):
                    self.notes.append(int(one.message))
            seen.update(type(one).__name__ for one in told)
            seen.update([frame.why] if isinstance(frame, Whole) else [])
            seen.update([one.kind for one in frame.deltas] if isinstance(frame, Changed) else [])
            seen.update(["caught up"] if isinstance(frame, Changed) and frame.caught_up and frame.deltas else [])
        return seen


class Streaming(RuleBasedStateMachine):
    """One bot, its feed, and three clients whose lines break."""

    runner: ClassVar[asyncio.Runner]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self._clock = Clock()
        self._bot = BotController("alpha", now=self._clock, bus=Bus(QUEUE))
        self._facts: dict[str, Any] = {}
        self._session_id = self._bot.session_id
        self._notes = 0
        self._clients = [Client(Encoding.JSON), Client(Encoding.MSGPACK), Client(Encoding.JSON)]
        self._opened = AsyncExitStack()
        self._open()

    # The bot.

    @initialize(positions=PARTS["positions"], early=st.integers(0, 3))
    def begin(self, positions: Any, early: int) -> None:
        """The first that it says; some were there before."""
        for client in self._clients[:early]:
            self._connect(client)
        self._facts = facts(positions=positions)
        self._publish()
        for client in self._clients[early:]:
            self._connect(client)

    @rule(changes=st.lists(CHANGES, max_size=6))
    def publish(self, changes: list[tuple[str, Any]]) -> None:
        """Some parts are others, or none is."""
        self._change(changes)
        self._publish()

    @rule(positions=PARTS["positions"], price=st.integers(1, 3))
    def move_prices(self, positions: Any, price: int) -> None:
        """A leg of each position moves, most of the rest being the very same objects."""
        self._change([("positions", self._facts["positions"] or positions)])
        moved = tuple(
            held.model_copy(
                update={"legs": tuple(leg.model_copy(update={"leverage": price / 2}) for leg in held.legs[:1])}
            )
            for held in self._facts["positions"]
        )
        self._change([("positions", moved)])
        self._publish()

    @rule()
    def reverse(self) -> None:
        """The same positions in another order."""
        self._change([("positions", self._facts["positions"][::-1])])
        self._publish()

    @rule(count=st.integers(1, KEPT + 5), settles=st.booleans())
    def note(self, count: int, settles: bool) -> None:
        """It says something, sometimes more than is kept, sometimes faster than anybody reads."""
        for _ in range(count):
            self._bot.note(str(self._notes))
            self._notes += 1
            if settles:
                self._do(settle())

    @rule()
    def command(self) -> None:
        """Somebody asks it for something."""
        self._do(self._bot.execute(Ping(id=uuid4(), by="ada", not_after=self._clock())))

    @rule()
    def restart(self) -> None:
        """It is started anew, with what it last said."""
        self._session_id = uuid4()
        self._publish(seq=0)

    # Its feed.

    @rule()
    def flush(self) -> None:
        """What waited is told."""
        self._feed.flush()

    @rule()
    def look(self) -> None:
        """Somebody is answered."""
        self._feed.look()

    @rule()
    def beat(self) -> None:
        """A sign of life goes to all."""
        beat = self._feed.beat()
        for client in self._clients if beat else ():
            if client.hangs_up is not None:
                client.hear(beat)  # type: ignore[arg-type]  # `for` has looked

    @rule(jump=st.sampled_from([3600, -7200]))
    def reopen(self, jump: float) -> None:
        """The control API ends, and begins anew; by then the clock was set."""
        for client in self._clients:
            self._hang_up(client)
        self._do(self._opened.aclose())
        self._clock.move(jump)
        self._open()

    # Clients.

    @rule(which=WHICH)
    def connect(self, which: int) -> None:
        """Again, with what it has; what was on its way is lost."""
        self._connect(self._clients[which])

    @rule(which=WHICH, changes=st.lists(CHANGES, min_size=1, max_size=2))
    def blink(self, which: int, changes: list[tuple[str, Any]]) -> None:
        """It is away while the bot goes on, and comes back with what it has."""
        client = self._clients[which]
        self._hang_up(client)
        self.publish(changes)
        self.note(1, settles=True)
        self._feed.flush()
        self._connect(client)

    @rule(which=WHICH)
    def cut(self, which: int) -> None:
        """What is on its way is lost."""
        self._hang_up(self._clients[which])

    @rule(counts=st.tuples(*[st.integers(0, 6)] * 3))
    def arrive(self, counts: tuple[int, ...]) -> None:
        """Some of what is on its way."""
        for client, count in zip(self._clients, counts, strict=True):
            self.seen.update(client.take(count))

    @rule(which=WHICH)
    def fall_behind(self, which: int) -> None:
        """It read too slowly, and gets the whole instead of all that waits for it."""
        client, whole = self._clients[which], self._feed.whole
        if client.hangs_up is not None and whole is not None:
            client.on_its_way.clear()
            client.hear(Whole(whole.stamp, whole.snapshot, Why.BEHIND))

    # What holds.

    @invariant()
    def who_has_all_that_was_told_knows_it(self) -> None:
        """Up to what still waits for more."""
        whole = self._feed.whole
        for client in self._clients if whole else ():
            if client.hangs_up is not None and not client.on_its_way:
                assert client.replica.seq == whole.stamp.seq  # type: ignore[union-attr]  # `for` has looked
                assert said(client.replica.snapshot) == self._as_sent(whole, client.encoding)

    @invariant()
    def every_note_is_heard_once_and_in_order(self) -> None:
        """However often it comes back, but where it was told that some are missing."""
        for client in self._clients:
            assert all(after == before + 1 for before, after in pairwise(client.notes))

    def teardown(self) -> None:
        """In the end all are there, and know what the bot says."""
        self._do(settle())
        self._feed.look()
        for client in self._clients:
            self._connect(client)
            self.seen.update(client.take(len(client.on_its_way)))
        self.who_has_all_that_was_told_knows_it()
        snapshot = self._bot.snapshot()
        assert snapshot is (self._feed.whole and self._feed.whole.snapshot)
        self._do(self._opened.aclose())

    # How.

    def _open(self) -> None:
        self._feed = Feed(self._bot, now=self._clock, kept=KEPT, batch_s=3600)
        self._do(self._opened.enter_async_context(self._feed))

    def _change(self, changes: list[tuple[str, Any]]) -> None:
        self._facts = {**self._facts, **dict(changes)}

    def _publish(self, **more: Any) -> None:
        self._clock.move(1)
        assert self._bot.publish({**self._facts, "session_id": self._session_id, **more}) == ()
        self._do(settle())

    def _connect(self, client: Client) -> None:
        self._hang_up(client)
        resume = client.replica.resume
        first: Whole | Changed | None = None if resume is None else self._feed.since(resume)
        first = self._feed.whole if first is None else first
        if first is not None:
            client.hear(first)
        client.hangs_up = AsyncExitStack()
        client.hangs_up.callback(self._feed.read(client.hear))

    def _hang_up(self, client: Client) -> None:
        if client.hangs_up is not None:
            self._do(client.hangs_up.aclose())
        client.hangs_up = None
        client.on_its_way.clear()

    def _as_sent(self, whole: Whole | None, encoding: Encoding) -> dict[str, Any] | None:
        assert whole is not None
        sent = decode(encode(whole, encoding), encoding)
        assert isinstance(sent, Whole)
        return said(sent.snapshot)

    def _do(self, work: Coroutine[Any, Any, ValueT]) -> ValueT:
        return self.runner.run(work)


def test_in_the_end_every_client_knows_what_the_bot_says() -> None:
    with asyncio.Runner() as runner:

        class Here(Streaming):
            seen: ClassVar[Counter[str]] = Counter()

        Here.runner = runner
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=examples(120),
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                # To shrink a failure takes minutes; take this out for that.
                phases=[Phase.explicit, Phase.generate],
            ),
        )
    # It has been where lines break; each kind of change has a test of its own.
    assert Here.seen.keys() >= {*Why, "caught up", DeltaKind.POSITION_UPDATE}
