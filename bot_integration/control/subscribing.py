"""What the client of a stream says: which channels, and what it has already."""

from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot_integration.control.codec import Encoding, Malformed, parse
from bot_integration.control.wire import describe
from bot_integration.frames import Channel, Resume


class Subscribe(BaseModel):
    """A wish to be told what changes, from now on or from where the client stood; said again it changes the wish."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["subscribe"]
    #: None is all of them.
    channels: frozenset[Channel] | None = Field(default=None, min_length=1)
    session_id: UUID | None = None
    last_seq: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.session_id is None) != (self.last_seq is None):
            raise ValueError("session_id and last_seq belong together")
        return self

    @classmethod
    def parse(cls, message: str | bytes) -> Self:
        """Read a text message as JSON, a binary one as MessagePack. Raises `Malformed` with what is wrong."""
        given = parse(message, Encoding.JSON if isinstance(message, str) else Encoding.MSGPACK)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise Malformed(describe(error)) from error

    @property
    def resume(self) -> Resume | None:
        """Where the client stood."""
        if self.session_id is None or self.last_seq is None:
            return None
        return Resume(self.session_id, self.last_seq)
