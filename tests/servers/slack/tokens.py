"""The tokens of the app, and what each may do."""

from collections.abc import Collection

from tests.servers.slack.errors import ApiError
from tests.servers.slack.methods import Method

#: All that the product asks for; a test may take some away.
BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "pins:read",
    "pins:write",
    "reactions:write",
    "users:read",
)
_OF_KIND = {"channel": "channels:", "group": "groups:", "im": "im:", "mpim": "mpim:"}


class Tokens:
    """A bot token for the Web API; an app token for Socket Mode alone."""

    def __init__(self, bot: str, app: str, scopes: Collection[str]) -> None:
        if not bot.startswith("xoxb-") or not app.startswith("xapp-"):
            raise ValueError("a bot token begins with xoxb-, an app token with xapp-")
        self.bot = bot
        self.app = app
        self.scopes = set(scopes)
        self.app_scopes = {"connections:write"}
        #: Tokens that were good once, and what they are answered now.
        self.dead: dict[str, str] = {}

    def admit(self, token: str, method: Method, kind: str | None) -> None:
        """Raise `ApiError` where the token may not call `method` (in a channel of `kind`)."""
        if not token:
            raise ApiError("not_authed")
        if token in self.dead:
            raise ApiError(self.dead[token])
        if token not in (self.bot, self.app):
            raise ApiError("invalid_auth")
        if token != (self.bot if method.token == "bot" else self.app):
            raise ApiError("not_allowed_token_type")
        held = self.scopes if method.token == "bot" else self.app_scopes
        needed = _needed(method.scopes, kind)
        if needed and not held.intersection(needed):
            raise ApiError("missing_scope", {"needed": ",".join(needed), "provided": ",".join(sorted(held))})

    def provided(self, token: str) -> str:
        """What the platform tells in a header of every answer."""
        return ",".join(sorted(self.app_scopes if token == self.app else self.scopes))


def _needed(scopes: tuple[str, ...], kind: str | None) -> tuple[str, ...]:
    if len(scopes) <= 1 or kind is None:
        return scopes
    return tuple(scope for scope in scopes if scope.startswith(_OF_KIND[kind]))
