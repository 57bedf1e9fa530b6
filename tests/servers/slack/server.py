"""A strict Slack on this machine, with a human face for tests."""

from collections.abc import Callable, Collection
from time import time
from types import TracebackType
from typing import Self, TypeVar

from tests.servers.common.calls import Violation
from tests.servers.common.faults import Fault, Rule
from tests.servers.common.listener import Listener
from tests.servers.common.seen import PATIENCE_S, NotSeen
from tests.servers.slack.account import Account
from tests.servers.slack.answers import Answers
from tests.servers.slack.api import Api
from tests.servers.slack.calls import Call, CallLog
from tests.servers.slack.channel import Channel
from tests.servers.slack.deliveries import Delivery
from tests.servers.slack.doors import BODY_BYTES, Doors
from tests.servers.slack.limits import ACK_S
from tests.servers.slack.office import Office
from tests.servers.slack.payloads import Payloads
from tests.servers.slack.person import Person
from tests.servers.slack.post import File
from tests.servers.slack.rates import RateLimits
from tests.servers.slack.responses import Responses
from tests.servers.slack.signed_http import SignedHttp, Tamper
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.stage import Stage
from tests.servers.slack.tokens import BOT_SCOPES, Tokens
from tests.servers.slack.world import World

T = TypeVar("T")


class SlackServer:
    """One app in one workspace. `now` gives Unix seconds: ids of posts, expiry, signatures and rates go by it.

    `ack_s` is how long the app has to acknowledge, by the wall clock; `retry_s` how long an event waits to be sent
    again (minutes on the platform). `echoes` tells the app of its own posts too, as the platform does. `is_org_wide` is
    an app that all of `enterprise_id` has. With a `prefix` the Web API stands behind that, as with a proxy, and what
    the platform itself gives an address of does not.
    """

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-1-test-token",
        app_token: str = "xapp-1-test-token",
        signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5",
        team_id: str = "T0DECK00001",
        enterprise_id: str | None = None,
        is_org_wide: bool = False,
        prefix: str = "",
        scopes: Collection[str] = BOT_SCOPES,
        now: Callable[[], float] = time,
        rate_limits: bool = False,
        ack_s: float = ACK_S,
        retry_s: float = 0.02,
        echoes: bool = False,
    ) -> None:
        self.signing_secret = signing_secret
        self._tokens = Tokens(bot_token, app_token, scopes)
        self._world = World(now, self._tokens, team_id, enterprise_id, is_org_wide=is_org_wide)
        self._people: dict[str, Person] = {}
        log, changed = CallLog(Call), self._world.changed
        self.sockets = Sockets(self.app_id, log, changed, ack_s=ack_s, address=lambda: self._address("link", "ws"))
        self.http = SignedHttp(signing_secret, log, now, ack_s=ack_s)
        self._api = Api(
            self._world,
            log,
            RateLimits(now) if rate_limits else None,
            upload_address=lambda file_id: self._address(f"upload/{file_id}"),
            open_connection=self.sockets.ticket,
            posted=self._echo if echoes else lambda channel_id, ts: None,
        )
        self._office = Office(self.sockets, self.http, changed, retry_s=retry_s)
        responses = Responses(self._world, lambda key: self._address(f"respond/{key}"))
        answers = Answers(self._world, responses, log)
        self._stage = Stage(self._world, self._office, Payloads(self._world), responses, answers)
        doors = Doors(self._api, self._tokens, self.sockets, responses, prefix)
        self._listener = Listener(doors.answer, body_bytes=BODY_BYTES)
        self._prefix = prefix

    def _echo(self, channel_id: str, ts: str) -> None:
        channel = self._world.channels[channel_id]
        post = channel.find(ts)
        if post is not None:
            self._stage.tell_message(channel, self._stage.payloads.message(channel, post))

    def _address(self, path: str, scheme: str = "http") -> str:
        # Behind a proxy the platform's own addresses are of another host than ours.
        return self._listener.address(path, scheme, *(["localhost"] if self._prefix else []))

    async def __aenter__(self) -> Self:
        await self._listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._office.close()
        await self.http.close()
        await self._listener.close()

    # What the app is given.

    @property
    def base_url(self) -> str:
        """What slack_sdk takes as `base_url`."""
        return self._listener.address(f"{self._prefix}api/")

    @property
    def bot_token(self) -> str:
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        return self._tokens.app

    @property
    def team_id(self) -> str:
        return self._world.team_id

    @property
    def app_id(self) -> str:
        return self._world.app_id

    @property
    def bot(self) -> Account:
        """The app as a member; `<@{bot.id}>` mentions it."""
        return self._world.bot

    # People and places.

    def person(
        self,
        name: str,
        *,
        guest: bool = False,
        stranger: bool = False,
        bot: bool = False,
        member_id: str = "",
        team_id: str = "",
    ) -> Person:
        """Somebody of the workspace, in all its channels; the same name is the same person.

        With a `team_id` it is somebody of another workspace of the organization; a `stranger` is of none that is ours.
        """
        if name not in self._people:
            account = Account(
                member_id or self._world.next_id("U"),
                name,
                "T0ELSEWHERE" if stranger else team_id or self.team_id,
                is_bot=bot,
                is_restricted=guest,
                is_stranger=stranger,
            )
            self._world.accounts[account.id] = account
            self._people[name] = Person(self._stage, account)
            for channel in self._world.channels.values():
                if channel.kind != "im":
                    channel.members.add(account.id)
        return self._people[name]

    def channel(self, name: str, *, private: bool = False) -> Channel:
        """A channel that the app was invited to, and everybody; the same name is the same channel."""
        for channel in self._world.channels.values():
            if channel.kind != "im" and channel.name == name:
                return channel
        made = Channel(self._world.next_id("C"), name, "group" if private else "channel", self._world.changed)
        made.members.update(person.id for person in self._people.values())
        self._world.channels[made.id] = made
        return made

    # What happened.

    @property
    def channels(self) -> list[Channel]:
        """Every channel that there is, direct ones too."""
        return list(self._world.channels.values())

    @property
    def files(self) -> list[File]:
        """What was uploaded to the end."""
        return self._world.files.finished

    @property
    def calls(self) -> list[Call]:
        """Every call, in the order of arrival; `upload` and `response_url` are among them."""
        return self._api.log.calls

    def calls_of(self, method: str) -> list[Call]:
        return self._api.log.of(method)

    @property
    def violations(self) -> list[Violation]:
        """What the app should never have sent; a test ends with none."""
        return self._api.log.violations

    @property
    def deliveries(self) -> list[Delivery]:
        """What the app was told, or is about to be, in the order in which it happened."""
        return self._office.all

    async def delivered(self) -> None:
        """Wait until nothing is owed to the app any more."""
        await self.wait_for(lambda: all(one.done.is_set() for one in self.deliveries))

    async def connected(self, count: int = 1) -> None:
        """Wait until the app has so many connections open."""
        await self.wait_for(lambda: len(self.sockets.open) >= count)

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = PATIENCE_S) -> T:
        """Wait until `predicate` gives something true, and return it, or raise `NotSeen`."""
        await self._world.changed.until(predicate, timeout_s)
        value = predicate()
        if not value:
            raise NotSeen(f"it did not happen within {timeout_s:g} s\n{self.picture()}")
        return value

    def picture(self) -> str:
        """All channels, the last calls and the violations, for a person to read."""
        lines = [channel.picture() for channel in self.channels]
        lines += [f"call {one.method} -> {one.status} {one.error}".rstrip() for one in self.calls[-12:]]
        lines += [f"violation {one.method}: {one.reason}" for one in self.violations]
        return "\n".join(lines)

    # What goes wrong.

    def fail(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        channel: Channel | str | None = None,
        times: int | None = 1,
    ) -> Rule:
        """Order a fault for the next `times` calls that match; None is for ever.

        `method` may be `upload` (the bytes of a file) or `response_url` besides those of the Web API.
        """
        channel_id = channel.id if isinstance(channel, Channel) else channel
        return self._api.faults.order(fault, method, channel_id, times)

    def heal(self) -> None:
        """Take every order for faults back."""
        self._api.faults.clear()

    def deliver_thrice(self, events: int = 1) -> None:
        """The next events come three times, though they are acknowledged."""
        self._office.thrice += events

    async def deliver_again(self, delivery: Delivery) -> Delivery:
        """Hand over the same once more, as where the acknowledgement was lost; returns when that is over."""
        again = self._office.send(delivery.again())
        await again.done.wait()
        return again

    async def deliver_to(self, url: str) -> None:
        """Deliver over signed HTTP from now on. Raises `ValueError` where the address does not say the challenge."""
        await self.http.verify(url)

    async def replay(self, delivery: Delivery) -> int:
        """Send the very request again that was sent over HTTP; returns the status of the answer, 0 without one."""
        return await self.http.replay(delivery)

    def tamper(self, tamper: Tamper, times: int = 1) -> None:
        """Spoil the signature of the next requests over HTTP."""
        self.http.tampers.extend([tamper] * times)

    async def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to go, as the platform does every few hours; the app opens others."""
        await self.sockets.disconnect(reason)

    async def stop_listening(self) -> None:
        """Cut every connection; from now on connections are refused."""
        await self._listener.shut()

    async def start_listening(self) -> None:
        """Listen again, on the same port."""
        await self._listener.open()

    def revoke_token(self, error: str = "token_revoked") -> None:
        """Every call with the bot token is answered `error` (`account_inactive` where the app was removed)."""
        self._tokens.dead[self._tokens.bot] = error

    async def revoke_app_token(self) -> None:
        """Socket Mode is over: connections are told so, and no other can be opened."""
        self._tokens.dead[self._tokens.app] = "token_revoked"
        await self.sockets.disconnect("link_disabled")

    def rotate_token(self, bot_token: str) -> None:
        """The old bot token is dead, the new one is right."""
        self.revoke_token()
        self._tokens.bot = bot_token

    def take_scope(self, *scopes: str) -> None:
        """The app is installed anew without these scopes."""
        self._tokens.scopes.difference_update(scopes)
