"""The pages on which the app's owner clicks, by where the API is."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_GOV = "slack-gov.com"


@dataclass(frozen=True, slots=True)
class Pages:
    """The settings of the app, of which `of` names a page."""

    site: str

    @classmethod
    def beside(cls, base_url: str) -> "Pages":
        """GovSlack has its own site; behind a proxy nobody knows which, and most are on Slack's own."""
        host = urlsplit(base_url).hostname or ""
        return cls(f"api.{_GOV}/apps" if host == _GOV or host.endswith(f".{_GOV}") else "api.slack.com/apps")

    def of(self, page: str) -> str:
        """Where that page is."""
        return f"{self.site}, your app, {page}"

    @property
    def scopes(self) -> str:
        """Where a scope is added."""
        return f"{self.of('OAuth & Permissions')}, Bot Token Scopes, Add an OAuth Scope; then Reinstall to Workspace."

    @property
    def bot_token(self) -> str:
        """Where the bot token stands."""
        return self.of("OAuth & Permissions, Bot User OAuth Token")

    @property
    def app_tokens(self) -> str:
        """Where app-level tokens are made."""
        return self.of("Basic Information, App-Level Tokens")
