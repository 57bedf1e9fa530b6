"""A bot that trades on paper, on a market that is replayed or made."""

from bot_integration.paper.bot import PaperBot
from bot_integration.paper.made import MadeMarket
from bot_integration.paper.market import Contract, Instrument, Market, Quote, Step
from bot_integration.paper.position import Trade
from bot_integration.paper.replay import ReplayMarket
from bot_integration.paper.scenarios import SCENARIOS, Scenario
from bot_integration.paper.settings import PaperSettings

__all__ = [
    "SCENARIOS",
    "Contract",
    "Instrument",
    "MadeMarket",
    "Market",
    "PaperBot",
    "PaperSettings",
    "Quote",
    "ReplayMarket",
    "Scenario",
    "Step",
    "Trade",
]
