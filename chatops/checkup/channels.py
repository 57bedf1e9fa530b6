"""Whether the channels beyond the chats could be told anything. Nothing is sent to them."""

import asyncio
from urllib.parse import urlsplit

from chatops.adapters.apprise.adapter import unusable
from chatops.adapters.apprise.teller import Target
from chatops.adapters.public_address import is_public
from chatops.checkup.findings import Finding, Level
from chatops.settings import ChannelSettings, Settings

AREA = "channels"
#: For a name to be resolved.
RESOLVED_WITHIN_S = 5.0


async def check_channels(settings: Settings) -> list[Finding]:
    """Have Apprise read every address of its own; see where webhooks lead."""
    return list(await asyncio.gather(*map(_check, settings.channels)))


async def _check(channel: ChannelSettings) -> Finding:
    if channel.is_webhook:
        return await _check_webhook(channel)
    target = Target(channel.name, channel.url.get_secret_value(), channel.allow_private)
    why = await asyncio.to_thread(unusable, target)
    if why is not None:
        return Finding(AREA, Level.ERROR, why, "Correct it: the desk does not start with a channel that tells nobody.")
    return Finding(AREA, Level.OK, f"{channel.name} is an address that Apprise knows")


async def _check_webhook(channel: ChannelSettings) -> Finding:
    parts = urlsplit(channel.url.get_secret_value())
    try:
        async with asyncio.timeout(RESOLVED_WITHIN_S):
            found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, None)
    except (OSError, TimeoutError):
        return Finding(
            AREA,
            Level.WARNING,
            f"{channel.name}: the host of its url cannot be found now",
            "See that its name is right.",
        )
    if not channel.allow_private and not all(is_public(str(address[0])) for *_, address in found):
        return Finding(
            AREA,
            Level.ERROR,
            f"{channel.name} leads to a private, loopback or link-local address, which is not reached",
            "Set allow_private = true on that channel if it is meant.",
        )
    if parts.scheme != "https" and not channel.allow_private:
        return Finding(
            AREA,
            Level.WARNING,
            f"{channel.name} is called over plain HTTP: whoever is in between reads what goes wrong",
            "Give it an address that begins with https://.",
        )
    return Finding(AREA, Level.OK, f"{channel.name} is a webhook, signed")
