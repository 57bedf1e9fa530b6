"""The settings of a desk: one typed model, read once, whose faults are all told at once."""

from chatops.settings.address import Address
from chatops.settings.channels import ChannelSettings, HeartbeatSettings
from chatops.settings.model import Settings
from chatops.settings.problems import Problem, SettingsError
from chatops.settings.reading import read_settings
from chatops.settings.rooms import Concern, RoomSettings
from chatops.settings.sections import (
    BotSettings,
    ConfirmSettings,
    DatabaseSettings,
    DeskSettings,
    HttpSettings,
    PersonSettings,
)
from chatops.settings.slack import PUBLIC_SLACK_API, SlackSettings
from chatops.settings.telegram import PUBLIC_BOT_API, TelegramSettings
from chatops.settings.totp import TotpSettings
from chatops.settings.values import PAPER

__all__ = [
    "PAPER",
    "PUBLIC_BOT_API",
    "PUBLIC_SLACK_API",
    "Address",
    "BotSettings",
    "ChannelSettings",
    "Concern",
    "ConfirmSettings",
    "DatabaseSettings",
    "DeskSettings",
    "HeartbeatSettings",
    "HttpSettings",
    "PersonSettings",
    "Problem",
    "RoomSettings",
    "Settings",
    "SettingsError",
    "SlackSettings",
    "TelegramSettings",
    "TotpSettings",
    "read_settings",
]
