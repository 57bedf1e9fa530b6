import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration import CommandResult, KillSwitch, Outcome, Ping
from bot_integration.journal import Journal
from tests.bot_integration.facts import NOON


def ping(command_id: UUID | None = None, late_s: float = 0) -> Ping:
    return Ping(id=command_id or uuid4(), by="ada", not_after=NOON + timedelta(seconds=late_s))


def finish(journal: Journal, command: Ping) -> None:
    entry = journal.find(command.id)
    assert entry is not None
    entry.result.set_result(CommandResult(command_id=command.id, outcome=Outcome.DONE))


async def test_an_id_begins_once() -> None:
    journal = Journal()
    command = ping()
    journal.begin(command, NOON)
    with pytest.raises(ValueError, match="was begun before"):
        journal.begin(command, NOON)


async def test_an_id_belongs_to_what_was_asked_under_it_first_whoever_asks_again_and_why() -> None:
    journal = Journal()
    first = KillSwitch(id=uuid4(), by="ada", not_after=NOON, active=True)
    journal.begin(first, NOON)
    again = first.model_copy(update={"by": "ben", "reason": "to be sure", "not_after": NOON + timedelta(hours=1)})
    assert journal.refusal(again, NOON) is None
    assert journal.refusal(ping(), NOON) is None
    for other in (first.model_copy(update={"active": False}), ping(first.id)):
        refusal = journal.refusal(other, NOON)
        assert refusal is not None
        assert (refusal.command_id, refusal.outcome, refusal.data) == (
            first.id,
            Outcome.REFUSED,
            {"error": "id_taken"},
        )


async def test_what_never_began_is_not_found() -> None:
    assert Journal().find(uuid4()) is None


#: What happens: a command comes that may start until so many seconds from now, ends or not; then time goes by.
histories = st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 30)), max_size=60)


@given(st.integers(1, 8), histories)
def test_only_what_has_ended_and_may_not_start_any_more_is_let_go(
    capacity: int, history: list[tuple[int, bool, int]]
) -> None:
    async def live() -> None:
        journal = Journal(capacity)
        taken: list[tuple[Ping, bool]] = []
        now = NOON
        for may_start_s, ends, passes_s in history:
            command = ping(late_s=(now - NOON).total_seconds() + may_start_s)
            journal.begin(command, now)
            if ends:
                finish(journal, command)
            taken.append((command, ends))
            for before, ended in taken:
                if not ended or before.not_after >= now:
                    assert journal.find(before.id) is not None
            now += timedelta(seconds=passes_s)

    asyncio.run(live())


@given(st.integers(1, 8), st.integers(1, 40))
def test_what_has_ended_long_ago_makes_room(capacity: int, count: int) -> None:
    async def live() -> None:
        journal = Journal(capacity)
        commands = [ping() for _ in range(count)]
        for command in commands:
            journal.begin(command, NOON + timedelta(hours=1))
            finish(journal, command)
        kept = [command for command in commands if journal.find(command.id) is not None]
        assert kept == commands[-capacity:]

    asyncio.run(live())
