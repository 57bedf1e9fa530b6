"""What one person alone sees in a channel: it can be neither changed nor looked for afterwards."""

import logging
from dataclasses import replace

from chatops.adapters.base import Fault
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.channels import is_direct
from chatops.adapters.slack.errors import Refused, Unanswered
from chatops.adapters.slack.meanings import MEANINGS
from chatops.adapters.slack.render import render
from chatops.adapters.slack.spelling import Spelling
from chatops.messages import Posting

log = logging.getLogger(__name__)


class Ephemeral:
    """Shows such messages."""

    def __init__(self, api: SlackApi, spelling: Spelling) -> None:
        self._api = api
        self._spelling = spelling

    async def show(self, channel: str, user: str, thread: str | None, posting: Posting, *, plain: bool) -> str | None:
        """Show one; gives its id. None where it goes to the person by themselves: nothing can be shown to them alone
        there, or it has a file. Raises `SlackError`.
        """
        if posting.message.attachment is not None:
            return None
        spelled = self._spelling.of_posting(posting, is_direct=False)
        rendered = render(spelled, plain=plain)
        what = {"channel": channel, "user": user, "thread_ts": thread}
        try:
            answer = await self._api.call(
                "chat.postEphemeral", {**what, "text": rendered.text, "blocks": rendered.blocks}
            )
        except Refused as error:
            meaning = MEANINGS.get(error.code)
            if meaning is None or meaning[0] is not Fault.DEAD_RECIPIENT:
                raise
            log.info("slack: nothing can be shown to %s alone in %s: %s", user, channel, error)
            return None
        ts = answer.get("message_ts")
        if not isinstance(ts, str):
            raise Unanswered("it took a message without telling its id")
        return ts


def is_whispered(posting: Posting, channel: str) -> bool:
    """Whether others read there who are not to see it."""
    return posting.whisper_to is not None and not is_direct(channel)


def by_themselves(posting: Posting) -> Posting:
    """The posting where its reader is alone: what its buttons stand for belongs in the channel."""
    delivery = posting.delivery
    if delivery is not None and delivery.anew is not None:
        delivery = replace(delivery, anew=replace(delivery.anew, keys=()))
    return replace(posting, keys=(), delivery=delivery, whisper_to=None)
