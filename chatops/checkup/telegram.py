"""Whether the bot on Telegram is ours, and can be handed what people say."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession

from chatops.checkup.bot_api import Answer, BotApi, Silence
from chatops.checkup.findings import Finding, Level
from chatops.checkup.telegram_rooms import Me, check_room
from chatops.settings import PUBLIC_BOT_API, RoomSettings, Settings, TelegramSettings

AREA = "telegram"
#: Contract, limits.webhook_ports: of the public Bot API server.
PORTS = (443, 80, 88, 8443)


async def check_telegram(settings: Settings) -> list[Finding]:
    """Ask for the bot itself, then for what keeps it from hearing, then for every room."""
    telegram = settings.telegram
    if telegram is None:
        return []
    async with ClientSession() as session:
        api = BotApi(session, telegram.base_url, telegram.token.get_secret_value())
        found: list[Finding] = []
        try:
            answer = await api.ask("getMe")
            if not answer.ok:
                return [_refused(answer)]
            me = Me.of(answer.result)
            found += _judge_bot(me, answer.result, settings.rooms)
            found += _judge_way(telegram, (await api.ask("getWebhookInfo")).result)
            for room in settings.rooms:
                if room.platform == AREA:
                    found += await check_room(api, room, me)
        except Silence as error:
            found.append(
                Finding(
                    AREA,
                    Level.ERROR,
                    f"Telegram cannot be reached: {error}",
                    "See that this machine reaches it, and that telegram.base_url is right.",
                )
            )
    return found


def _refused(answer: Answer) -> Finding:
    if answer.error_code in (401, 404):
        return Finding(
            AREA,
            Level.ERROR,
            f"the token is not accepted ({answer.error_code} {answer.description})",
            "Ask @BotFather for it (/mybots, API Token) and put it in telegram.token_file; a revoked one is void.",
        )
    return Finding(
        AREA, Level.ERROR, f"Telegram answered {answer.error_code}: {answer.description}", "Try again later."
    )


def _judge_bot(me: Me, told: dict[str, Any], rooms: tuple[RoomSettings, ...]) -> list[Finding]:
    found = [Finding(AREA, Level.OK, f"the token is that of @{me.username}")]
    if not told.get("can_join_groups", True) and any(room.id.startswith("-") for room in rooms):
        found.append(
            Finding(
                AREA,
                Level.WARNING,
                "the bot may not be added to groups, and a room is one",
                "@BotFather, /setjoingroups, Enable.",
            )
        )
    return found


def _judge_way(telegram: TelegramSettings, info: dict[str, Any]) -> list[Finding]:
    url = str(info.get("url", ""))
    if telegram.webhook_url is not None:
        return [*_judge_address(telegram, telegram.webhook_url), *_judge_webhook(telegram.webhook_url, url, info)]
    if not url:
        return []
    return [
        Finding(
            AREA,
            Level.WARNING,
            f"a webhook at {_host(url)} takes what people say; the desk polls, and run removes it",
            "If another program uses this bot, give the desk a bot of its own before you run it.",
        )
    ]


def _judge_address(telegram: TelegramSettings, ours: str) -> list[Finding]:
    is_tls = ours.startswith("https:")
    if telegram.base_url != PUBLIC_BOT_API:
        # It may as well be a way to Telegram's own servers; the settings refuse plain HTTP only where they know.
        what = "telegram.webhook_url is plain HTTP: only a Bot API server of your own that runs with --local calls that"
        return [] if is_tls else [Finding(AREA, Level.OK, what)]
    port = urlsplit(ours).port or (443 if is_tls else 80)
    if port in PORTS:
        return []
    return [
        Finding(
            AREA,
            Level.ERROR,
            f"Telegram does not call port {port}",
            f"Have the reverse proxy listen on one of {', '.join(map(str, PORTS))}, and set telegram.webhook_url so.",
        )
    ]


def _judge_webhook(ours: str, url: str, info: dict[str, Any]) -> list[Finding]:
    if not url:
        return [Finding(AREA, Level.OK, f"no webhook is set yet; run sets it, at {_host(ours)}")]
    if url != ours:
        # Of the address only the host: people put secrets in its path.
        return [
            Finding(
                AREA,
                Level.WARNING,
                f"the webhook leads to another address, at {_host(url)}; run sets ours, at {_host(ours)}",
                "If another program uses this bot, give the desk a bot of its own before you run it.",
            )
        ]
    waiting = info.get("pending_update_count", 0)
    found = [Finding(AREA, Level.OK, f"the webhook at {_host(ours)} is set; updates that wait: {waiting}")]
    if info.get("last_error_message"):
        found.append(
            Finding(
                AREA,
                Level.WARNING,
                f"Telegram did not reach it at {_moment(info.get('last_error_date'))}: {info['last_error_message']}",
                "While the desk does not run that is no wonder. Otherwise see that the reverse proxy is up, that its "
                "certificate is valid, and that it passes the path on to telegram.webhook_listen.",
            )
        )
    return found


def _host(url: str) -> str:
    return urlsplit(url).hostname or "somewhere"


def _moment(seconds: object) -> str:
    if not isinstance(seconds, int):
        return "a moment that it does not tell"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
