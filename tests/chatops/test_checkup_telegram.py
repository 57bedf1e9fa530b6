"""`quarterdeck check` says what the bot on Telegram can hear and say, and where."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from pydantic import SecretStr

from chatops.checkup import checkup
from chatops.checkup.telegram import _judge_address
from chatops.settings import PUBLIC_BOT_API, Settings, TelegramSettings
from tests.chatops.checkups import ROOM, of, on, room, todo
from tests.servers.telegram import Status, TelegramServer

OURS = "http://127.0.0.1:1/CANARY-ours"
THEIRS = "http://127.0.0.1:1/CANARY-theirs"
HEARS_COMMANDS = (
    "privacy mode is on: there the bot hears commands and replies to it only; "
    "that is enough for /words (/status@deck_bot where there are other bots)"
)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
    assert server.violations == []


async def call(telegram: TelegramServer, method: str, **parameters: str) -> None:
    async with ClientSession() as session:
        url = f"{telegram.base_url}{telegram.token}/{method}"
        async with session.post(url, json=parameters) as response:
            assert response.status == 200


def called(telegram: TelegramServer, url: str = OURS) -> TelegramSettings:
    return on(telegram, webhook_url=url, webhook_secret=SecretStr("hush"))


# ---------------------------------------------------------------------------- the bot


async def test_a_token_that_is_not_accepted_says_where_to_get_one(telegram: TelegramServer) -> None:
    telegram.revoke_token()
    findings = await checkup(Settings(telegram=on(telegram, token="123456:TEST-token"), rooms=(room(),)))
    assert of("telegram", findings) == [("error", "the token is not accepted (401 Unauthorized)")]
    assert "@BotFather" in todo("not accepted", findings)
    assert of("rooms", findings) == []


async def test_a_platform_that_is_away_is_told_without_the_token(telegram: TelegramServer) -> None:
    telegram.fail(Status(502), method="getMe")
    assert "Telegram answered 502" in str(await checkup(Settings(telegram=on(telegram))))
    await telegram.stop_listening()
    findings = await checkup(Settings(telegram=on(telegram)))
    ((level, what),) = of("telegram", findings)
    assert level == "error"
    assert what == "Telegram cannot be reached: no connection to 127.0.0.1 (connection refused)"
    assert "telegram.base_url" in todo("cannot be reached", findings)
    assert "TEST-token" not in repr(findings)


async def test_something_else_behind_the_address_is_told() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(text="<html>")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
        settings = Settings(telegram=TelegramSettings(token=SecretStr("1:CANARY"), base_url=base_url))
        assert "what answers is no Bot API (HTTP status 200)" in str(await checkup(settings))
    finally:
        await runner.cleanup()


# ---------------------------------------------------------------------------- polling and the webhook


async def test_a_desk_that_polls_says_that_it_will_remove_a_webhook(telegram: TelegramServer) -> None:
    await call(telegram, "setWebhook", url=THEIRS)
    findings = await checkup(Settings(telegram=on(telegram)))
    said = ("warning", "a webhook at 127.0.0.1 takes what people say; the desk polls, and run removes it")
    assert said in of("telegram", findings)
    assert "a bot of its own" in todo("a webhook", findings)
    assert "CANARY" not in repr(findings)


async def test_a_webhook_of_ours_is_told_with_what_waits_and_what_went_wrong(telegram: TelegramServer) -> None:
    settings = Settings(telegram=called(telegram))
    findings = await checkup(settings)
    assert ("ok", "no webhook is set yet; run sets it, at 127.0.0.1") in of("telegram", findings)
    await call(telegram, "setWebhook", url=OURS)
    telegram.push({})
    telegram.push({})
    # Nobody listens there.
    await telegram.wait_for(lambda: telegram.webhook_errors)
    findings = await checkup(settings)
    assert ("ok", "the webhook at 127.0.0.1 is set; updates that wait: 2") in of("telegram", findings)
    (error,) = [what for level, what in of("telegram", findings) if level == "warning"]
    assert error.startswith("Telegram did not reach it at 20")
    assert "reverse proxy" in todo("did not reach", findings)
    assert "CANARY" not in repr(findings)


async def test_a_webhook_that_leads_elsewhere_is_told(telegram: TelegramServer) -> None:
    await call(telegram, "setWebhook", url=THEIRS)
    findings = await checkup(Settings(telegram=called(telegram)))
    said = "the webhook leads to another address, at 127.0.0.1; run sets ours, at 127.0.0.1"
    assert ("warning", said) in of("telegram", findings)
    assert "CANARY" not in repr(findings)


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://desk.example/hook", None),
        ("https://desk.example:8443/hook", None),
        ("https://desk.example:8444/hook", 8444),
    ],
)
def test_telegram_calls_four_ports_alone(url: str, refused: int | None) -> None:
    settings = TelegramSettings(
        token=SecretStr("1:t"), base_url=PUBLIC_BOT_API, webhook_url=url, webhook_secret=SecretStr("hush")
    )
    told = [finding.what for finding in _judge_address(settings, url)]
    assert told == ([f"Telegram does not call port {refused}"] if refused else [])


def test_a_webhook_without_tls_says_who_alone_calls_it(telegram: TelegramServer) -> None:
    (told,) = _judge_address(called(telegram), OURS)
    assert (told.level, "plain HTTP" in told.what, told.todo) == ("ok", True, "")
    assert _judge_address(called(telegram), "https://desk.example:8444/hook") == []


# ---------------------------------------------------------------------------- rooms


async def test_every_room_is_looked_for(telegram: TelegramServer) -> None:
    group = telegram.group(-42, "Old")
    telegram.migrate(group, to=-1009999999999)
    left = telegram.group(-43, "Left")
    ada = telegram.person(111, "Ada")
    telegram.private(ada)
    telegram.set_bot_status(left, ada, "kicked")
    telegram.group(ROOM, "Ops").bot_status = "administrator"
    settings = Settings(
        telegram=on(telegram),
        rooms=(
            room(),
            room(name="ada", id=111),
            room(name="old", id=-42),
            room(name="left", id=-43),
            room(name="lost", id=-44),
            room(name="direct", id=222),
        ),
    )
    findings = await checkup(settings)
    assert of("rooms", findings) == [
        ("ok", "ops is the supergroup “Ops”"),
        ("ok", "ops: the bot is an administrator there and so hears every word, privacy mode or not"),
        ("ok", "ada is the private chat “Ada”"),
        ("error", "old has become a supergroup, under a new id"),
        ("error", "the bot is not in left (Forbidden: bot was kicked from the group chat)"),
        ("error", "the bot is not in lost (Bad Request: chat not found)"),
        ("error", "the bot is not in direct (Bad Request: chat not found)"),
    ]
    assert todo("new id", findings) == 'Set its id to "-1009999999999".'
    assert todo("not in lost", findings) == "Add @deck_bot to the group; its id is what whoami says there."
    assert "press Start" in todo("not in direct", findings)


async def test_what_is_heard_in_a_group_is_said_plainly(telegram: TelegramServer) -> None:
    telegram.group(-42, "Ops")
    findings = await checkup(Settings(telegram=on(telegram), rooms=(room(id=-42),)))
    assert of("rooms", findings) == [("ok", "ops is the group “Ops”"), ("ok", f"ops: {HEARS_COMMANDS}")]
    assert "/setprivacy" in todo("privacy mode", findings)


async def test_a_bot_that_reads_all_is_said_to() -> None:
    async with TelegramServer(privacy=False) as telegram:
        telegram.group(-42, "Ops")
        findings = await checkup(Settings(telegram=on(telegram), rooms=(room(id=-42),)))
    assert ("ok", "ops: privacy mode is off: the bot hears every word there") in of("rooms", findings)


async def test_topics_belong_in_forums(telegram: TelegramServer) -> None:
    telegram.group(ROOM, "Ops", forum=True)
    telegram.group(-10012345678, "Flat")
    settings = Settings(
        telegram=on(telegram),
        rooms=(
            room(),
            room(name="carry", topic="7"),
            room(name="flat", topic="7", id=-10012345678),
        ),
    )
    said = [what for what in of("rooms", await checkup(settings)) if "privacy" not in what[1]]
    assert said == [
        ("ok", "ops is the forum “Ops”, in the topic General"),
        ("ok", "carry is the forum “Ops”, topic 7"),
        ("ok", "flat is the supergroup “Flat”"),
        ("warning", "flat has a topic here, but the supergroup has no topics"),
    ]


async def test_a_channel_is_for_alerts_and_for_a_bot_that_may_post(telegram: TelegramServer) -> None:
    telegram.channel(-1001, "News")
    telegram.channel(-1002, "Mute").bot_may_post = False
    telegram.channel(-1003, "Read").bot_status = "member"
    settings = Settings(
        telegram=on(telegram),
        rooms=(
            room(name="news", id=-1001, receives=["alerts"]),
            room(name="mute", id=-1002, receives=["alerts", "reports"]),
            room(name="read", id=-1003, topic="7"),
        ),
    )
    findings = await checkup(settings)
    assert of("rooms", findings) == [
        ("ok", "news is the channel “News”"),
        ("ok", "mute is the channel “Mute”"),
        ("error", "the bot may not post in the channel mute"),
        ("warning", "mute is a channel, where nobody can ask or answer, and is to get reports"),
        ("ok", "read is the channel “Read”"),
        ("error", "the bot may not post in the channel read"),
        ("warning", "read is a channel, where nobody can ask or answer, and is to get notices and reports"),
        ("warning", "read has a topic here, but is a channel"),
    ]
    assert 'receives = ["alerts"]' in todo("mute is a channel, where", findings)
    assert "right to post" in todo("may not post in the channel mute", findings)
