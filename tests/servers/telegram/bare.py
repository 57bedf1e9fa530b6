"""python-telegram-bot as it installs, joined to the server: what everything of ours is measured against."""

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.servers.common.seen import PATIENCE_S
from tests.servers.telegram.server import TelegramServer


def bare_bot(server: TelegramServer) -> Bot:
    """It waits for an answer as long as a story does, where the library's own 5 s are those of an idle machine."""
    return Bot(server.token, base_url=server.base_url, request=_patient(), get_updates_request=_patient())


def _patient() -> HTTPXRequest:
    return HTTPXRequest(
        read_timeout=PATIENCE_S,
        write_timeout=PATIENCE_S,
        media_write_timeout=PATIENCE_S,
        connect_timeout=PATIENCE_S,
        pool_timeout=PATIENCE_S,
    )
