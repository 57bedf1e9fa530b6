"""The two words that every bot on a control socket takes: a parameter, and the kill switch."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from bot_integration.commands import SetParameter
from bot_integration.control.socket import ControlSocket
from tests.bot_integration.control.alpha import now
from tests.bot_integration.control.socket_caller import Caller, asked
from tests.bot_integration.control.tuned import Tuned


@pytest.fixture
async def tuned() -> AsyncIterator[tuple[Tuned, Caller]]:
    bot = Tuned()
    async with ControlSocket(bot, "127.0.0.1:0", now=now) as socket, Caller.to(socket.url) as caller:
        await caller.greeted()
        yield bot, caller


async def test_a_hot_parameter_is_changed(tuned: tuple[Tuned, Caller]) -> None:
    bot, caller = tuned
    id_ = str(uuid4())
    caller.send({"type": "update_config", "key": "size", "value": 7, "id": id_, "by": "grace"})
    ack = await caller.hear_of("update_config_ack")
    caller.send({"type": "update_config", "key": "size", "value": 8})
    again = await caller.hear_of("update_config_ack")
    assert ack == {
        "type": "update_config_ack",
        "key": "size",
        "old": 2,
        "new": 7,
        "ok": True,
        "error": None,
        "id": id_,
    }
    assert "id" not in again
    assert [(str(bot.changed[0].id), bot.changed[0].by), bot.changed[1].by] == [(id_, "grace"), "control socket"]


@pytest.mark.parametrize(
    ("key", "value", "error", "stays"),
    [
        ("venue", "okx", "venue cannot change while the bot runs. It is drift.", "drift"),
        ("sise", 3, "No parameter is called sise.", None),
        ("size", "3", "size takes a value of the type int.", 2),
        ("size", True, "size takes a value of the type int.", 2),
        ("size", 2.5, "size takes a value of the type int.", 2),
        ("size", 11, "size takes at most 10. It stays 2.", 2),
    ],
)
async def test_what_cannot_be_changed_stays(
    tuned: tuple[Tuned, Caller], key: str, value: object, error: str, stays: object
) -> None:
    bot, caller = tuned
    caller.send({"type": "update_config", "key": key, "value": value})
    ack = await caller.hear_of("update_config_ack")
    assert (ack["ok"], ack["error"], ack["new"]) == (False, error, stays)
    assert bot.changed == []


async def test_a_secret_is_set_and_never_said(tuned: tuple[Tuned, Caller]) -> None:
    bot, caller = tuned
    change = SetParameter(id=uuid4(), by="ada", not_after=now() + timedelta(1), key="api_key", value="hunter4")
    caller.send({"type": "update_config", "key": "api_key", "value": "hunter3"}, asked(change))
    heard = [await caller.hear() for _ in range(4)]
    ack = next(one for one in heard if one["type"] == "update_config_ack")
    told = [one for one in heard if one["type"] != "command_result"]
    assert (ack["old"], ack["new"], ack["ok"]) == (None, None, True)
    assert [one["type"] for one in told].count("command_update") == 2
    assert "hunter" not in repr(told)
    assert bot.values["api_key"] == "hunter4"


async def test_the_kill_switch_is_thrown_and_let_go(tuned: tuple[Tuned, Caller]) -> None:
    bot, caller = tuned
    caller.send({"type": "kill_switch", "activate": True})
    assert (await caller.hear_of("state"))["state"]["session"]["pause"]["kill_switch"] is True
    on = await caller.hear_of("kill_switch_ack")
    caller.send({"type": "kill_switch", "activate": False})
    off = await caller.hear_of("kill_switch_ack")
    assert on == {"type": "kill_switch_ack", "active": True, "ok": True, "error": None}
    assert (off["active"], off["ok"]) == (False, True)
    assert [one.active for one in bot.killed] == [True, False]


async def test_both_words_do_nothing_after_the_moment_that_their_asker_gave(tuned: tuple[Tuned, Caller]) -> None:
    bot, caller = tuned
    late = "This came too late to be started. Nothing was done."
    for moment, error in (("2025-03-01T11:59:59Z", late), ("2025-03-01T13:00:01+01:00", None)):
        caller.send({"type": "update_config", "key": "size", "value": 7, "not_after": moment})
        caller.send({"type": "kill_switch", "activate": True, "not_after": moment})
        acks = await caller.hear_of_all("update_config_ack", "kill_switch_ack")
        assert [one["error"] for one in acks.values()] == [error, error]
    assert len(bot.changed) == 1


async def test_a_bot_without_a_kill_switch_says_so(caller: Caller) -> None:
    caller.send({"type": "kill_switch", "activate": True})
    ack = await caller.hear_of("kill_switch_ack")
    assert (ack["ok"], ack["active"], ack["error"]) == (False, False, "alpha does not know how to kill switch.")
