"""A place where people talk."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """Where people talk: a chat, channel or direct message, with an optional topic or thread."""

    platform: str
    id: str
    topic: str = ""

    @property
    def key(self) -> str:
        """The room within its platform, in one word."""
        return f"{self.id}/{self.topic}" if self.topic else self.id

    @property
    def without_topic(self) -> "Room":
        """The chat itself."""
        return Room(self.platform, self.id)

    @classmethod
    def of(cls, platform: str, key: str) -> "Room":
        """The room that has this key."""
        room, _, topic = key.partition("/")
        return cls(platform, room, topic)

    def __str__(self) -> str:
        return f"{self.platform}:{self.key}"
