"""What a stop of the program cut off on its way: sent on as the very same command, where it is still wanted."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from bot_integration import BotController, Command, KillSwitch, Outcome, Pause
from chatops.desired.sending_on import SendingOn
from chatops.fleet import Fleet
from chatops.restraints import KILL_SWITCH, Wish
from chatops.room import Room

ASK = uuid4()
NOW = datetime(2026, 5, 4, 14, 2, tzinfo=UTC)
CUT_OFF = Wish("alpha", "entry", "ada", NOW, ASK, Room("memory", "ops"), "too wild", uuid4(), outcome=None)


async def sent(
    wish: Wish, word: str = "pause", *, times: int = 1, ask: UUID = ASK, bot: str = "alpha"
) -> list[Command]:
    """What the bot ran, where people want this."""
    ran: list[Command] = []
    controller = BotController("alpha", now=lambda: NOW)

    @controller.on(Pause)
    async def pause(command: Pause) -> str:
        ran.append(command)
        return "Paused."

    @controller.on(KillSwitch)
    async def kill(command: KillSwitch) -> str:
        ran.append(command)
        return "Killed."

    sending = SendingOn(Fleet([controller]), lambda name: (wish,), lambda: NOW)
    for _ in range(times):
        await sending.run(bot, ask, word)
    return ran


async def test_it_is_the_command_that_it_was_and_runs_once_however_often_it_is_sent() -> None:
    (command,) = await sent(CUT_OFF, times=3)
    assert isinstance(command, Pause)
    assert (command.id, command.by, command.scope) == (ASK, "ada", "entry")
    assert command.reason == "as ada asked 14:02 UTC: too wild"


async def test_a_kill_switch_is_sent_on_as_that() -> None:
    (command,) = await sent(replace(CUT_OFF, what=KILL_SWITCH), "kill")
    assert isinstance(command, KillSwitch)
    assert command.active


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.UNKNOWN, Outcome.PARTIAL])
async def test_what_has_an_end_is_not_sent_again(outcome: Outcome) -> None:
    assert await sent(replace(CUT_OFF, outcome=outcome)) == []


async def test_what_is_wanted_no_more_or_closes_positions_too_or_is_of_no_bot_is_not_sent() -> None:
    assert await sent(CUT_OFF, ask=uuid4()) == []
    assert await sent(CUT_OFF, "stop") == []
    assert await sent(CUT_OFF, bot="beta") == []
