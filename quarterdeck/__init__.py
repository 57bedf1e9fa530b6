"""The gateway in a bot's own process: `quarterdeck.attach(controller, "quarterdeck.toml")`."""

from chatops.attach import AlreadyAttached, attach
from chatops.attached import Attached
from chatops.settings import Settings, SettingsError, read_settings

__all__ = ["AlreadyAttached", "Attached", "Settings", "SettingsError", "attach", "read_settings"]
