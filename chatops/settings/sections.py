"""The parts of the settings, in the order of the file. A field's description says what is expected there."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from bot_integration.paper.scenarios import SCENARIOS
from chatops.elsewhere.shape import SQLITE, Shape
from chatops.patience import Patience
from chatops.people import Identity, Principal, Role
from chatops.room import Room
from chatops.settings.address import Address
from chatops.settings.faults import fault
from chatops.settings.own_history import (
    HISTORY_SHAPE,
    HISTORY_TABLES,
    OWN_HISTORY,
    HistoryShape,
    HistoryTables,
    OwnHistory,
    shape_of,
)
from chatops.settings.paths import FolderPath
from chatops.settings.rooms import SLACK, ZONE
from chatops.settings.secret import FileOfSecret, OptionalSecret
from chatops.settings.section import Section
from chatops.settings.values import (
    DATABASE_URL,
    PAPER,
    BotUrl,
    ListenAddress,
    Moment,
    Name,
    SlackPerson,
    ZoneName,
    is_loopback,
)

TELEGRAM = "telegram"
#: In place of a room: by themselves.
DIRECT = "direct"
_SECONDS = "whole seconds, from 1 to 3600"
_SCENARIOS = f"one of {', '.join(SCENARIOS)}"


class DeskSettings(Section):
    """The desk itself."""

    name: Name = Field("main", description="one word")
    timezone: ZoneName = Field("UTC", description=ZONE)
    data_dir: FolderPath = Field(Path(".quarterdeck"), description="the path of a directory that the desk may write to")


class DatabaseSettings(Section):
    """Where PostgreSQL is; without an address the desk has one of its own under `data_dir`."""

    url_file: FileOfSecret = None
    url: Annotated[OptionalSecret, DATABASE_URL] = Field(
        None, description="postgresql://USER:PASSWORD@HOST/NAME; leave it out for an embedded PostgreSQL"
    )


class HttpSettings(Section):
    """Where /healthz and /readyz answer."""

    listen: ListenAddress = Field(Address("127.0.0.1", 8080), description="HOST:PORT, as in 127.0.0.1:8080")


def _paper_only(value: Any, info: ValidationInfo) -> Any:
    if value is not None and info.data.get("url", PAPER) != PAPER:
        raise fault("is for a paper bot alone", f'leave it out, or set url to "{PAPER}"')
    return value


def _known_scenario(value: str | None) -> str | None:
    if value is not None and value not in SCENARIOS:
        raise fault("is no scenario")
    return value


def _one_market(value: Path | None, info: ValidationInfo) -> Path | None:
    if value is not None and info.data.get("scenario") is not None:
        raise fault(
            "is given, and so is scenario", "market replays prices, scenario makes them: leave one of the two out"
        )
    if value is not None and not value.is_file():
        raise fault("names no file", "a CSV; a relative path starts at the folder of the settings")
    return value


def _replay_only(value: Any, info: ValidationInfo) -> Any:
    if value is not None and info.data.get("market", Path()) is None:
        raise fault("is given without market", "a made market begins by itself: leave it out, or set market")
    return value


def _made_only(value: Any, info: ValidationInfo) -> Any:
    if value is not None and info.data.get("market") is not None:
        raise fault("is given, and so is market", "a replayed market needs none: leave it out")
    return value


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable()


def _token_where_others_reach(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    url = str(info.data.get("url", PAPER))
    if value is None and url.startswith(("http", "tcp")) and not is_loopback(url):
        raise fault(
            "is missing",
            "give token_file, the path of a file that holds the bot's token: elsewhere it answers nobody without",
        )
    if value is not None and not _fits_a_header(value.get_secret_value()):
        raise fault("holds what no HTTP header can carry", "one line of ASCII letters, digits and signs")
    if value is not None and url == PAPER:
        raise fault("is not for a paper bot", "leave it out: nobody reaches it from outside")
    return value


_PAPER = AfterValidator(_paper_only)


class BotSettings(Section):
    """A bot: behind its control API, or the paper bot in this process."""

    name: Name = Field(description="one word that people call it by")
    url: BotUrl = Field(
        description=(
            "http(s)://HOST:PORT of its control API, unix:///PATH of its socket, "
            'tcp://HOST:PORT of its control socket, or "paper"'
        )
    )
    token_file: FileOfSecret = None
    token: Annotated[OptionalSecret, AfterValidator(_token_where_others_reach)] = Field(
        None, description="the token of its control API"
    )
    scenario: Annotated[str | None, _PAPER, AfterValidator(_known_scenario)] = Field(None, description=_SCENARIOS)
    market: Annotated[FolderPath | None, _PAPER, AfterValidator(_one_market)] = Field(
        None, description="the path of a CSV of prices"
    )
    #: Of the market. None where it begins by itself.
    begins: Annotated[Moment | None, _PAPER, AfterValidator(_replay_only)] = Field(
        None, alias="from", description="a day or a moment, as in 2023-08-17"
    )
    speed: Annotated[float | None, Field(gt=0, le=1_000_000), _PAPER] = Field(
        None, description="seconds of the market in a second, as in 60"
    )
    seed: Annotated[int | None, _PAPER, AfterValidator(_made_only)] = Field(None, description="a whole number")

    history: OwnHistory = OWN_HISTORY
    history_shape: HistoryShape = HISTORY_SHAPE
    history_tables: HistoryTables = HISTORY_TABLES

    @property
    def own_history(self) -> tuple[Path, Shape] | None:
        """Where its own record is, and what stands where in it."""
        if self.history is None:
            return None
        return Path(self.history.removeprefix(SQLITE)), shape_of(self.history_shape, self.history_tables)

    @property
    def is_paper(self) -> bool:
        """Whether it runs in this process."""
        return self.url == PAPER


class PersonSettings(Section):
    """Somebody who may ask."""

    name: Name = Field(description="one word, by which the log knows them")
    role: Role = Field(description=f"one of {', '.join(Role)}")
    telegram: Annotated[int | None, Field(gt=0)] = Field(
        None, description="the number of the account, never the @name; whoami tells it"
    )
    slack: SlackPerson | None = Field(None, description="the member id, as in U0123456789")
    #: None: all.
    bots: tuple[Name, ...] | None = Field(
        None, description='a list of names of [[bots]], the only ones that they may ask about, as in ["alpha"]'
    )
    #: None: wherever they are known.
    rooms: tuple[Name, ...] | None = Field(
        None,
        description=f'a list of names of [[rooms]], the only ones in which they may ask; "{DIRECT}" is by themselves',
    )

    @property
    def identities(self) -> frozenset[Identity]:
        """Their accounts."""
        accounts = ((TELEGRAM, self.telegram), (SLACK, self.slack))
        return frozenset(Identity(platform, str(account)) for platform, account in accounts if account is not None)

    def principal(self, rooms: Mapping[str, Room]) -> Principal:
        """This person, as the gateway knows people; `rooms` are all by name, folded."""
        bound = None
        if self.rooms is not None:
            named = {rooms[name.casefold()] for name in self.rooms if name.casefold() != DIRECT}
            # Where somebody alone reads, the room has the id of the account: on Slack that within its workspace.
            own = {
                Room(one.platform, one.id.rpartition("/")[2])
                for one in self.identities
                if DIRECT in map(str.casefold, self.rooms)
            }
            bound = frozenset(named | own)
        bots = None if self.bots is None else frozenset(name.casefold() for name in self.bots)
        return Principal(self.name, self.role, self.identities, bots, bound)


class ConfirmSettings(Section):
    """How long things count."""

    confirm_seconds: int = Field(60, ge=1, le=3600, description=_SECONDS)
    stale_seconds: int = Field(60, ge=1, le=3600, description=_SECONDS)
    approval_seconds: int = Field(600, ge=1, le=86_400, description="whole seconds, from 1 to 86400")
    confirm_tolerance: float = Field(0.001, ge=0, le=1, description="a fraction from 0 to 1, as in 0.001 for 0.1%")

    @property
    def patience(self) -> Patience:
        """The same, as the gateway has it."""
        return Patience(
            timedelta(seconds=self.confirm_seconds),
            timedelta(seconds=self.stale_seconds),
            timedelta(seconds=self.approval_seconds),
            self.confirm_tolerance,
        )
