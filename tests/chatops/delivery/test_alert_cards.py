"""Messages of one alert: what only changes another goes nowhere without it, and what is in hand calls nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.severity import Severity
from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.delivery.aside import Allowed, Aside
from chatops.delivery.endings import Ends, Sent
from chatops.delivery.gate import Gate
from chatops.delivery.porter import NOTHING_TO_CHANGE, Porter
from chatops.delivery.traffic import Traffic
from chatops.ids import uuid7
from chatops.messages import Key, Message, Posting
from chatops.owed import Kind, Owed, State
from chatops.room import Room
from chatops.storage.delivery_rows import owed_of_json, row_of
from chatops.storage.spool import Spool

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OPS = Room("memory", "ops")


def now() -> datetime:
    return NOON


async def asleep(seconds: float) -> None:
    """Nobody waits here."""


def owed(title: str, card: str = "alert:a", *, silent: bool = False, **more: object) -> Owed:
    posting = Posting(Message(title, silent=silent, by_word="/ack 1 says so."), ((Key("Ack", "t" * 22),),))
    made = Owed(uuid7(), OPS, posting, NOON, kind=Kind.ALERT, severity=Severity.CRITICAL, card=card)
    return replace(made, **more)  # type: ignore[arg-type]


def porter(chat: MemoryAdapter) -> Porter:
    gate = Gate(chat.probe, now=now, sleep=asleep, jitter=lambda: 0.0, platform="memory")
    return Porter(chat, gate, Traffic(chat, gate, lambda: 0.0, asleep), now)


async def test_what_only_changes_a_message_changes_it_or_goes_nowhere() -> None:
    chat = MemoryAdapter(now)
    message_id = await chat.send(OPS, Posting(Message("HF 0.14")))
    bare = owed("HF 0.13", in_place=True, only_changes=True)
    assert await porter(chat).put(replace(bare, replaces=message_id), 1) == Sent(message_id)
    assert chat.text == "HF 0.13"
    # Never shown, or taken away by somebody: no failure, and nothing new.
    nothing = Ends(State.FOLDED, NOTHING_TO_CHANGE)
    assert await porter(chat).put(bare, 1) == nothing
    assert await porter(chat).put(replace(bare, replaces="99"), 1) == nothing
    assert len(chat.shown) == 1


async def test_a_card_that_is_gone_is_shown_anew_where_nothing_else_says_it() -> None:
    chat = MemoryAdapter(now)
    ending = await porter(chat).put(owed("HF 0.13", in_place=True, replaces="99"), 1)
    assert ending == Sent("1", "without card")


async def test_a_platform_that_is_away_is_waited_for_by_what_only_changes_too() -> None:
    chat = MemoryAdapter(now)
    chat.broken = SendError("no route to host", Fault.BACKOFF)
    ending = await porter(chat).put(owed("HF 0.13", in_place=True, only_changes=True, replaces="1"), 1)
    assert not isinstance(ending, Ends | Sent)


def test_it_stays_so_over_a_restart() -> None:
    assert owed_of_json(row_of(owed("HF 0.13", only_changes=True))).only_changes
    assert not owed_of_json(row_of(owed("HF 0.13"))).only_changes


async def test_aside_what_is_in_hand_drops_the_pings_that_wait(tmp_path: Path) -> None:
    aside = Aside(Spool(tmp_path / "spool", lambda file: None), now)
    ping, other = owed("HF 0.13", "alert:a#1"), owed("MF 0.04", "alert:b")
    for one in (owed("HF 0.14"), ping, other):
        await aside.add(one)
    taken = owed("HF 0.13, ada has it", silent=True, in_place=True, created_at=NOON + timedelta(minutes=1))
    await aside.add(taken)
    assert {record.id: record.state for record in await aside.records()}[ping.id] is State.FOLDED
    titles = []
    for _ in range(2):
        (claimed,) = (await aside.claim("memory", Allowed(10))).claimed
        titles.append(claimed.owed.posting.message.title)
        await aside.note(claimed.owed, Sent("1"))
    assert titles == ["MF 0.04", "HF 0.13, ada has it"]


async def test_aside_it_says_how_to_answer_by_word(tmp_path: Path) -> None:
    aside = Aside(Spool(tmp_path / "spool", lambda file: None), now)
    await aside.add(owed("HF 0.14"))
    (claimed,) = (await aside.claim("memory", Allowed(10))).claimed
    assert claimed.owed.posting.keys == ()
    assert claimed.owed.posting.message.text.endswith("since my database is away. /ack 1 says so.")
