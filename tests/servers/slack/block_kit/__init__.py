"""A validator of Block Kit made from the contract: every limit, every place where a thing may stand."""

from tests.servers.slack.block_kit.blocks import Surface, filled, problems_of_blocks, problems_of_response_options
from tests.servers.slack.block_kit.texts import mentions, slack_files, texts_of, unescaped
from tests.servers.slack.block_kit.views import problems_of_view

__all__ = [
    "Surface",
    "filled",
    "mentions",
    "problems_of_blocks",
    "problems_of_response_options",
    "problems_of_view",
    "slack_files",
    "texts_of",
    "unescaped",
]
