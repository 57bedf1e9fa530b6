"""The settings of Slack: its tokens, how what people say reaches us, and where its API is."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from chatops.settings.address import Address
from chatops.settings.faults import fault, told
from chatops.settings.secret import NOT_GIVEN, FileOfSecret, OptionalSecret, Secret
from chatops.settings.section import Section
from chatops.settings.values import ListenAddress, SlackApiUrl

PUBLIC_SLACK_API = "https://slack.com/api/"


#: What a token is by how it begins (docs.slack.dev/authentication/tokens), and where it belongs.
_KINDS = {
    "xoxb-": "is a bot token, which belongs in slack.bot_token",
    "xapp-": "is an app-level token, which belongs in slack.app_token",
    "xoxp-": "is the token of a person, and the desk speaks as the app",
    "xoxe": "is a token that expires, since Token Rotation is on",
}


def _bot_token(value: SecretStr) -> SecretStr:
    where = "api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token"
    return _token(value, "xoxb-", "does not look like a bot token of Slack", where)


def _app_token(value: SecretStr | None) -> SecretStr | None:
    where = "api.slack.com/apps, your app, Basic Information, App-Level Tokens, with the scope connections:write"
    what = "does not look like an app-level token of Slack"
    return None if value is None else _token(value, "xapp-", what, where)


def _token(value: SecretStr, begins: str, what: str, where: str) -> SecretStr:
    given = value.get_secret_value()
    if not given.startswith(begins):
        other = next((is_what for kind, is_what in _KINDS.items() if given.startswith(kind)), what)
        raise fault(other, f"the right one begins with {begins}: {where}")
    return value


def _some_way_in(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    if "app_token" not in info.data:
        raise told()
    if value is None and info.data["app_token"] is None:
        raise fault(
            "is missing, and so is app_token",
            "app_token_file for Socket Mode, which needs no address; or signing_secret_file and listen for HTTP",
        )
    return value


def _with_its_secret(value: Address | None, info: ValidationInfo) -> Address | None:
    if "signing_secret" not in info.data:
        raise told()
    has_secret = info.data["signing_secret"] is not None
    if value is None and has_secret:
        raise fault("is missing", "HOST:PORT, as in 127.0.0.1:3000, that what Slack calls leads to")
    if value is not None and not has_secret:
        raise fault("is given without signing_secret", "leave it out: by Socket Mode nothing listens")
    return value


class SlackSettings(Section):
    """The app on Slack: by HTTP with `signing_secret` and `listen`, otherwise by Socket Mode with `app_token`."""

    bot_token_file: FileOfSecret = None
    bot_token: Annotated[Secret, AfterValidator(_bot_token)] = Field(NOT_GIVEN, description="xoxb-…, as Slack gave it")
    app_token_file: FileOfSecret = None
    app_token: Annotated[OptionalSecret, AfterValidator(_app_token)] = Field(
        None, description="xapp-…, with the scope connections:write"
    )
    signing_secret_file: FileOfSecret = None
    signing_secret: Annotated[OptionalSecret, AfterValidator(_some_way_in)] = Field(
        None, description="of the app's Basic Information"
    )
    listen: Annotated[ListenAddress | None, AfterValidator(_with_its_secret)] = Field(
        None, description="HOST:PORT, as in 127.0.0.1:3000"
    )
    #: GovSlack has its own, and so may a proxy.
    base_url: SlackApiUrl = Field(
        PUBLIC_SLACK_API, description="http(s)://HOST/api/; leave it out unless you use GovSlack or a proxy of your own"
    )

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """What must not show anywhere."""
        return tuple(one for one in (self.bot_token, self.app_token, self.signing_secret) if one is not None)

    def reread_tokens(self) -> tuple[str, str | None]:
        """The bot token and the app token as their files say them now. Raises `ValueError` with what is wrong there."""
        bot = self.bot_token if self.bot_token_file is None else _bot_token(self.bot_token_file.read_again())
        app = self.app_token if self.app_token_file is None else _app_token(self.app_token_file.read_again())
        return bot.get_secret_value(), None if app is None else app.get_secret_value()
