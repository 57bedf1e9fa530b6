"""Commands of a bot author's own, as everybody else sees them: what a bot declares in its snapshots."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bot_integration.commands import CommandRisk
from bot_integration.fact import Fact, Name

#: Chat menus take no other names: small letters, digits and underscores.
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"
#: What one command may ask for, and one bot may declare: nobody types, or reads a list of, more.
MOST_ARGUMENTS, MOST_CHOICES, MOST_COMMANDS = 8, 50, 50
#: Characters of a text where its author sets no other limit.
LONGEST_TEXT = 200

WordName = Annotated[str, Field(pattern=NAME_PATTERN)]


class ArgumentType(StrEnum):
    """What an argument may be."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    #: One of `choices`.
    CHOICE = "choice"
    MOMENT = "moment"
    #: The id of a position that the bot holds.
    POSITION = "position"


class Argument(Fact):
    """One thing that a command wants to know."""

    name: WordName
    type: ArgumentType
    choices: tuple[Name, ...] = Field(default=(), max_length=MOST_CHOICES)
    #: At least and at most so much.
    min: float | None = None
    max: float | None = None
    #: More and less than so much.
    above: float | None = None
    below: float | None = None
    #: Of a text, in characters.
    longest: int = Field(default=LONGEST_TEXT, ge=1)
    unit: str = Field(default="", max_length=16)
    required: bool = True
    #: What it is where nobody says it, in words; empty also where the bot decides each time.
    default: str = ""
    help: str = ""


class Declaration(Fact):
    """A command of a bot author's own."""

    name: WordName
    help: str = ""
    #: The least that a person must be.
    role: Literal["viewer", "operator", "admin"] = "admin"
    #: None for what only looks.
    risk: CommandRisk | None = CommandRisk.INCREASES
    #: Whether people are asked twice.
    confirm: bool = True
    arguments: tuple[Argument, ...] = Field(default=(), max_length=MOST_ARGUMENTS)

    def argument(self, name: str) -> Argument | None:
        """The argument of this name."""
        return next((one for one in self.arguments if one.name == name), None)
