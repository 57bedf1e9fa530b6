"""The settings of a desk: one typed model, read once, whose faults are all told at once."""

from chatops.settings.address import Address
from chatops.settings.channels import ChannelSettings, HeartbeatSettings
from chatops.settings.model import Settings
from chatops.settings.problems import Problem, SettingsError
from chatops.settings.reading import read_settings
from chatops.settings.sections import (
    BotSettings,
    Concern,
    ConfirmSettings,
    DatabaseSettings,
    DeskSettings,
    HttpSettings,
    PersonSettings,
    RoomSettings,
)
from chatops.settings.telegram import PUBLIC_BOT_API, TelegramSettings
from chatops.settings.totp import TotpSettings
from chatops.settings.values import PAPER

__all__ = [
    "PAPER",
    "PUBLIC_BOT_API",
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
    "TelegramSettings",
    "TotpSettings",
    "read_settings",
]
