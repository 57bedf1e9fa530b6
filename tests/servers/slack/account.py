"""Someone with an account: a person, a guest, or a bot."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Account:
    """`id` never changes. A guest is `is_restricted`, of one channel alone `is_ultra_restricted`."""

    id: str
    name: str
    team_id: str
    is_bot: bool = False
    #: The app that is served.
    is_app: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    #: Somebody of another workspace, in a shared channel.
    is_stranger: bool = False
    is_deleted: bool = False

    def shape(self) -> dict[str, Any]:
        """The account as users.info tells it."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name.lower(),
            "real_name": self.name,
            "deleted": self.is_deleted,
            "tz": "Etc/UTC",
            "tz_label": "Coordinated Universal Time",
            "tz_offset": 0,
            "profile": {"real_name": self.name, "display_name": self.name, "team": self.team_id},
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 0,
        }
