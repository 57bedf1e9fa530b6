"""Whether the bot on Telegram is ours, can be handed what people say, and is in its rooms."""

from urllib.parse import urlsplit

from aiohttp import ClientSession

from chatops.checkup.bot_api import Answer, BotApi, Silence
from chatops.checkup.findings import Finding, Level
from chatops.settings import RoomSettings, Settings

AREA = "telegram"
ROOMS = "rooms"


async def check_telegram(settings: Settings) -> list[Finding]:
    """Ask for the bot itself, then for what keeps it from hearing, then for every room."""
    telegram = settings.telegram
    if telegram is None:
        return []
    async with ClientSession() as session:
        api = BotApi(session, telegram.base_url, telegram.token.get_secret_value())
        found: list[Finding] = []
        try:
            me = await api.ask("getMe")
            if not me.ok:
                return [_refused(me)]
            found += _judge_bot(me, settings.rooms)
            found += _judge_webhook(await api.ask("getWebhookInfo"))
            for room in settings.rooms:
                found += await _check_room(api, room, str(me.result.get("username", "")))
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


def _judge_bot(me: Answer, rooms: tuple[RoomSettings, ...]) -> list[Finding]:
    found = [Finding(AREA, Level.OK, f"the token is that of @{me.result.get('username', '?')}")]
    if not me.result.get("can_read_all_group_messages", False):
        found.append(
            Finding(
                AREA,
                Level.OK,
                "privacy mode is on: in groups the bot sees only commands (/status), replies to it and mentions of it, "
                "unless it is an administrator there",
                "For it to read every word: @BotFather, /setprivacy, Disable; then add it to the group anew.",
            )
        )
    if not me.result.get("can_join_groups", True) and any(room.id.startswith("-") for room in rooms):
        found.append(
            Finding(
                AREA,
                Level.WARNING,
                "the bot may not be added to groups, and a room is one",
                "@BotFather, /setjoingroups, Enable.",
            )
        )
    return found


def _judge_webhook(info: Answer) -> list[Finding]:
    url = str(info.result.get("url", ""))
    if not url:
        return []
    # Of the address only the host: people put secrets in its path.
    host = urlsplit(url).hostname or "somewhere"
    return [
        Finding(
            AREA,
            Level.ERROR,
            f"a webhook at {host} takes what people say: while it is set, nothing can be polled",
            "If another program uses this bot, give the desk a bot of its own; if none does, call deleteWebhook.",
        )
    ]


async def _check_room(api: BotApi, room: RoomSettings, bot: str) -> list[Finding]:
    chat = await api.ask("getChat", chat_id=room.id)
    if not chat.ok:
        return [_unusable(chat, room, bot)]
    kind = chat.result.get("type", "chat")
    title = chat.result.get("title") or chat.result.get("first_name") or "?"
    found = [Finding(ROOMS, Level.OK, f"{room.name} is the {kind} “{title}”")]
    if room.topic and not chat.result.get("is_forum", False):
        found.append(
            Finding(
                ROOMS,
                Level.WARNING,
                f"{room.name} has a topic here, but the {kind} has no topics",
                "Take topic out, or turn topics on in the group's settings.",
            )
        )
    return found


def _unusable(chat: Answer, room: RoomSettings, bot: str) -> Finding:
    if "migrate_to_chat_id" in chat.parameters:
        return Finding(
            ROOMS,
            Level.ERROR,
            f"{room.name} has become a supergroup, under a new id",
            f'Set its id to "{chat.parameters["migrate_to_chat_id"]}".',
        )
    invite = (
        f"Add @{bot} to the group; its id is what whoami says there."
        if room.id.startswith("-")
        else f"The person has to open the chat with @{bot} and press Start."
    )
    return Finding(ROOMS, Level.ERROR, f"the bot is not in {room.name} ({chat.description})", invite)
