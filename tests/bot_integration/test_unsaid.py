"""A secret that somebody sets stands in nothing that others hear."""

from typing import Any
from uuid import uuid4

import pytest

from bot_integration import BotController, Command, CommandFinished, CommandResult, Outcome, Pause, SetParameter
from bot_integration.unsaid import unsaid
from tests.bot_integration.facts import NOON, facts
from tests.bot_integration.following import newest

SECRET = {"key": "api_key", "secret": True, "value": None, "type": "str"}
OPEN = {"key": "size", "value": 1, "type": "int"}


def setting(key: str, value: Any, **more: Any) -> SetParameter:
    return SetParameter(id=uuid4(), by="ada", not_after=NOON, key=key, value=value, **more)


def told(command: Command, **result: Any) -> tuple[Command, CommandResult]:
    bot = BotController("alpha")
    bot.publish(facts(parameters=[SECRET, OPEN]))
    return unsaid(command, CommandResult(command_id=command.id, outcome=Outcome.DONE, **result), newest(bot))


def test_it_is_hidden_wherever_the_bot_repeats_it() -> None:
    command, result = told(
        setting("api_key", "hunter22", reason="hunter22 it is"),
        message="api_key = hunter22",
        data={"old": None, "new": "hunter22", "all": [1, ("xhunter22",)], "hunter22": True},
    )
    assert isinstance(command, SetParameter)
    assert (command.value, command.reason, result.message) == ("•••", "••• it is", "api_key = •••")
    assert result.data == {"old": None, "new": "•••", "all": [1, ["x•••"]], "•••": True}


@pytest.mark.parametrize("value", ["ab", 7, True, ""])
def test_what_is_too_short_to_be_found_in_words_is_hidden_where_it_stands_alone(value: Any) -> None:
    command, result = told(setting("api_key", value), message="A cab costs 17.", data={"new": value, "other": False})
    assert isinstance(command, SetParameter)
    assert (command.value, command.reason) == ("•••", "")
    assert result.message == "A cab costs 17."
    assert result.data["other"] is False
    assert "•••" in command.model_dump_json()


@pytest.mark.parametrize(
    "command", [setting("size", 2), setting("unheard_of", "x"), Pause(id=uuid4(), by="ada", not_after=NOON)]
)
def test_all_others_stay_as_they_are(command: Command) -> None:
    same, result = told(command, message="Done: 2.")
    assert same is command
    assert result.message == "Done: 2."


async def test_followers_in_the_bots_own_process_hear_no_secret_either() -> None:
    bot = BotController("alpha", now=lambda: NOON)
    bot.publish(facts(parameters=[SECRET]))
    seen: list[Any] = []

    @bot.on(SetParameter)
    async def set_parameter(command: SetParameter) -> str:
        seen.append(command.value)
        return f"Now {command.value}."

    async with bot.follow() as events:
        result = await bot.execute(setting("api_key", "hunter22"))
        finished = await anext(events)
    # Who asked is answered, and the bot was told.
    assert (seen, result.message) == (["hunter22"], "Now hunter22.")
    assert isinstance(finished, CommandFinished)
    assert "hunter22" not in repr(finished)
