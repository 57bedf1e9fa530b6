"""The settings of Telegram: its token, where its Bot API is, and whether it calls us."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from chatops.settings.address import Address
from chatops.settings.faults import fault, told
from chatops.settings.secret import NOT_GIVEN, FileOfSecret, OptionalSecret, Secret
from chatops.settings.section import Section
from chatops.settings.values import (
    TELEGRAM_TOKEN,
    WEBHOOK_SECRET,
    WEBHOOK_URL,
    ApiUrl,
    ListenAddress,
    checked_telegram_token,
)

PUBLIC_BOT_API = "https://api.telegram.org/bot"


def _called_over_tls(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and not value.startswith("https:") and info.data.get("base_url") == PUBLIC_BOT_API:
        raise fault("is not https", "Telegram calls nothing else, unless base_url is a Bot API server of your own")
    return value


def _secret_with_its_webhook(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    if "webhook_url" not in info.data:
        raise told()
    if info.data["webhook_url"] is None and value is not None:
        raise fault("is given without webhook_url", "leave it out, or set webhook_url to what Telegram calls")
    if info.data["webhook_url"] is not None and value is None:
        raise fault(
            "is missing",
            "give webhook_secret_file, the path of a file that holds it, or webhook_secret itself: "
            "without it anybody could speak as Telegram",
        )
    return value


class TelegramSettings(Section):
    """The bot on Telegram."""

    token_file: FileOfSecret = None
    token: Annotated[Secret, TELEGRAM_TOKEN] = Field(NOT_GIVEN, description="the token that @BotFather gave")
    #: The token follows it directly.
    base_url: ApiUrl = Field(
        PUBLIC_BOT_API, description="http(s)://HOST/bot; leave it out unless you run a Bot API server of your own"
    )
    #: None: the desk polls.
    webhook_url: Annotated[str | None, WEBHOOK_URL, AfterValidator(_called_over_tls)] = Field(
        None, description="https://HOST/PATH that leads to webhook_listen; leave it out for the desk to poll"
    )
    webhook_listen: ListenAddress = Field(Address("127.0.0.1", 8443), description="HOST:PORT, as in 127.0.0.1:8443")
    webhook_secret_file: FileOfSecret = None
    webhook_secret: Annotated[OptionalSecret, WEBHOOK_SECRET, AfterValidator(_secret_with_its_webhook)] = Field(
        None, description="1 to 256 of A-Z, a-z, 0-9, _ and -, made up by you"
    )

    def reread_token(self) -> str:
        """The token as its file says it now. Raises `ValueError` with what is wrong there."""
        if self.token_file is None:
            return self.token.get_secret_value()
        return checked_telegram_token(self.token_file.read_again()).get_secret_value()
