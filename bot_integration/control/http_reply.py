"""What a control API answered, and what an error of it means."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot_integration.control.acquaintance import Acquaintance
from bot_integration.control.errors import NothingSent, NotTaken, NotUnderstood, WrongToken
from bot_integration.control.wire import ErrorAnswer, ErrorCode, describe
from bot_integration.errors import Unreachable

ModelT = TypeVar("ModelT", bound=BaseModel)

#: Errors that say that nothing was taken on. Any other may come from in between, after the bot was asked.
TAKEN_NOTHING_ON = frozenset(
    {
        ErrorCode.UNAUTHORIZED,
        ErrorCode.FORBIDDEN,
        ErrorCode.MALFORMED,
        ErrorCode.TOO_LARGE,
        ErrorCode.TOO_SLOW,
        ErrorCode.NOT_FOUND,
        ErrorCode.METHOD_NOT_ALLOWED,
        ErrorCode.ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body, from the bot that was asked."""

    bot: Acquaintance
    status: int
    body: bytes
    #: Where the stream shows what was done; None where that was not said.
    seq: int | None = None

    @property
    def error(self) -> ErrorAnswer | None:
        """What the body says where it is an error of a bot's end."""
        if self.status < 400:
            return None
        try:
            return ErrorAnswer.model_validate_json(self.body)
        except ValidationError:
            return None

    def says(self, code: ErrorCode) -> bool:
        """Whether this is that error, said by a bot's end."""
        error = self.error
        return error is not None and error.error == code

    def read(self, kind: type[ModelT]) -> ModelT:
        """What a good answer holds; otherwise raises what the other one means."""
        if self.status != 200:
            raise self.complaint()
        try:
            return kind.model_validate_json(self.body)
        except ValidationError as error:
            raise not_understood(self.bot, describe(error)) from error

    def complaint(self) -> Unreachable:
        """What is raised for this error."""
        error = self.error
        message = error.message if error is not None else f"HTTP status {self.status}"
        if self.status == 401:
            return WrongToken(
                f"{self.bot} does not accept our token. Give both ends the same: "
                f"token or token_file of {self.bot} here, the token of its control API there."
            )
        if self.says(ErrorCode.ENDED):
            return NotTaken(f"{self.bot} does not run any more.")
        if self.says(ErrorCode.TOO_MANY):
            return NothingSent("too many are connected to it")
        if self.says(ErrorCode.WRONG_BOT):
            return self.bot.another(message)
        if error is not None and error.error in TAKEN_NOTHING_ON:
            return NotTaken(f"{self.bot} did not understand us: {message}")
        return Unreachable(f"{self.bot} answered with an error: {message}")


def not_understood(bot: Acquaintance, why: str) -> NotUnderstood:
    """What is raised for what does not fit; `why` says what."""
    return NotUnderstood(f"What answers for {bot} is no control API that we understand, or of another version: {why}")
