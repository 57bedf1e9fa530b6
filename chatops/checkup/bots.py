"""Whether the bots answer to their names with the tokens that are set."""

import asyncio

from bot_integration.control.lines import line_to
from bot_integration.errors import Unreachable
from chatops.bots import NoMarket, market_of
from chatops.checkup.findings import Finding, Level
from chatops.settings import BotSettings, Settings

AREA = "bots"


async def check_bots(settings: Settings) -> list[Finding]:
    """Ask every far bot for its facts, in the way in which the desk will; look at the market of every paper bot."""
    if not settings.bots:
        return [
            Finding(
                AREA, Level.WARNING, "there is no bot", 'Add one with [[bots]], name and url; url = "paper" to try.'
            )
        ]
    return list(await asyncio.gather(*map(_check, settings.bots)))


async def _check(bot: BotSettings) -> Finding:
    return _check_paper(bot) if bot.is_paper else await _check_far(bot)


def _check_paper(bot: BotSettings) -> Finding:
    try:
        market_of(bot)
    except NoMarket as error:
        return Finding(AREA, Level.ERROR, f"{bot.name}: its market cannot be had: {error}", "Correct market or from.")
    return Finding(AREA, Level.OK, f"{bot.name} trades on paper, in this process")


async def _check_far(bot: BotSettings) -> Finding:
    token = bot.token.get_secret_value() if bot.token else None
    try:
        async with line_to(bot.name, bot.url, token) as line:
            snapshot = await line.snapshot()
    except Unreachable as error:
        return Finding(
            AREA,
            Level.ERROR,
            f"{bot.name} at {bot.url}: {error}",
            "See that it runs, that url is where its control API or socket listens, and that both have the same token.",
        )
    said = "has published nothing yet" if snapshot is None else f"{len(snapshot.positions)} positions"
    return Finding(AREA, Level.OK, f"{bot.name} answers at {bot.url}: {said}")
