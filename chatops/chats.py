"""The chats of the settings, in which the desk hears people: Telegram and Slack."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chatops.adapters.base import Adapter, Receive
from chatops.adapters.telegram.adapter import TelegramAdapter
from chatops.adapters.telegram.webhook import WebhookAt
from chatops.fleet import Fleet
from chatops.forms import Forms
from chatops.grammar import only_reads
from chatops.guard.permissions import Permissions
from chatops.home import Homes
from chatops.link import Link, both
from chatops.outbox import Outbox
from chatops.people import Directory
from chatops.settings import Settings, SlackSettings, TelegramSettings
from chatops.storage.inbox import Inbox
from chatops.vocabulary import Vocabulary
from chatops.words import Words


class HearingChat(Adapter, Protocol):
    """A platform that hands over what people say, from `start` to `close`."""

    @property
    def state(self) -> Link:
        """Whether what people say reaches us."""
        ...

    async def start(self, receive: Receive) -> None:
        """Begin to hand over. Raises `CannotListen`."""
        ...

    async def close(self) -> None:
        """Hand over no more; what was not handled is stored."""
        ...


def make_chats(
    settings: Settings,
    inbox: Callable[[], Inbox],
    directory: Directory,
    outbox: Callable[[], Outbox],
    *,
    fleet: Fleet,
    vocabulary: Vocabulary,
    permissions: Permissions,
    now: Callable[[], datetime],
    homes: Callable[[], Homes | None] = lambda: None,
    forms: Callable[[], Forms | None] = lambda: None,
) -> tuple[HearingChat, ...]:
    """Those that the settings name. `inbox` makes one for each; what else is called for is so once they run."""
    made: list[HearingChat] = []

    def heard(platform: str) -> Callable[[str | None], None]:
        return lambda reason: outbox().heard_nobody(platform, reason)

    def back(platform: str) -> Callable[[], None]:
        return lambda: outbox().note_open(platform)

    if settings.telegram is not None:
        telegram = TelegramAdapter(
            settings.telegram.token.get_secret_value(),
            inbox(),
            directory,
            now=now,
            permissions=permissions,
            base_url=settings.telegram.base_url,
            stale_after=settings.confirm.patience.stale,
            webhook=_webhook(settings.telegram),
            rooms=[one.room for one in settings.rooms],
            reread=settings.telegram.reread_token,
            on_trouble=heard("telegram"),
            on_back=back("telegram"),
            only_reads=lambda text: only_reads(text, fleet.names, vocabulary.now),
            words=lambda: vocabulary.now,
        )
        vocabulary.on_learnt(telegram.look_at_menus)
        made.append(telegram)
    if settings.slack is not None:
        made.append(
            _slack(
                settings.slack,
                inbox=inbox(),
                directory=directory,
                now=now,
                on_trouble=heard("slack"),
                on_back=back("slack"),
                homes=homes,
                forms=forms,
                words=lambda: vocabulary.now,
            )
        )
    return tuple(made)


def links_of(outbox: Outbox, chats: Sequence[HearingChat]) -> Mapping[str, Link]:
    """How each platform is: away if it is so for what goes out, or for what comes in."""
    links = dict(outbox.links)
    for chat in chats:
        links[chat.platform] = both(links[chat.platform], chat.state)
    return links


def _slack(
    slack: SlackSettings,
    *,
    inbox: Inbox,
    directory: Directory,
    now: Callable[[], datetime],
    on_trouble: Callable[[str | None], None],
    on_back: Callable[[], None],
    homes: Callable[[], Homes | None],
    forms: Callable[[], Forms | None],
    words: Callable[[], Words],
) -> HearingChat:
    # Its library is loaded for a desk that speaks Slack alone: it takes memory and time.
    from chatops.adapters.slack.adapter import SlackAdapter
    from chatops.adapters.slack.ways import ByHttp, BySocket

    way: ByHttp | BySocket
    if slack.signing_secret is not None and slack.listen is not None:
        way = ByHttp(slack.signing_secret.get_secret_value(), slack.listen)
    else:
        assert slack.app_token is not None
        way = BySocket(slack.app_token.get_secret_value())
    return SlackAdapter(
        slack.bot_token.get_secret_value(),
        way,
        inbox,
        directory,
        now=now,
        base_url=slack.base_url,
        reread=slack.reread_tokens,
        on_trouble=on_trouble,
        on_back=on_back,
        homes=homes,
        forms=forms,
        words=words,
    )


def _webhook(telegram: TelegramSettings) -> WebhookAt | None:
    if telegram.webhook_url is None or telegram.webhook_secret is None:
        return None
    return WebhookAt(telegram.webhook_url, telegram.webhook_listen, telegram.webhook_secret.get_secret_value())
