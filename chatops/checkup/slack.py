"""Whether the app on Slack is ours, may do what the desk needs, and can be handed what people say."""

from aiohttp import ClientSession

from chatops.adapters.slack.manifest import APP_SCOPE, COMMAND, SCOPES
from chatops.checkup.bot_api import Silence
from chatops.checkup.findings import Finding, Level
from chatops.checkup.slack_api import Said, SlackApi
from chatops.checkup.slack_home import check_home
from chatops.checkup.slack_pages import Pages
from chatops.checkup.slack_rooms import Us, check_room
from chatops.settings import PUBLIC_SLACK_API, Settings, SlackSettings
from chatops.settings.values import is_loopback

AREA = "slack"
#: What a refusal of a token says of it (contract, errors of auth.test and apps.connections.open).
_REVOKED = frozenset({"account_inactive", "token_expired", "token_revoked"})
_WRONG_KIND = "not_allowed_token_type"


async def check_slack(settings: Settings) -> list[Finding]:
    """Ask who the bot token is, what it may do, whether the way in is open, and then for every room."""
    slack = settings.slack
    if slack is None:
        return []
    pages = Pages.beside(slack.base_url)
    found = _judge_address(slack.base_url)
    async with ClientSession() as session:
        api = SlackApi(session, slack.base_url, slack.bot_token.get_secret_value())
        try:
            answer = await api.ask("auth.test")
            if not answer.ok:
                return [*found, _refused(answer, "bot_token", pages.bot_token)]
            found += _judge_bot(answer, pages)
            found += await _judge_way(session, slack, pages)
            found += await check_home(api, settings, pages)
            us = Us(str(answer.told.get("user") or "quarterdeck"), pages)
            for room in settings.rooms:
                if room.platform == AREA:
                    found += await check_room(api, room, us)
        except Silence as error:
            found.append(_silent(error, slack.base_url))
    return found


def _judge_address(base_url: str) -> list[Finding]:
    if base_url.startswith("https:") or is_loopback(base_url):
        return []
    what = "slack.base_url is plain HTTP to another machine: whoever is on the way reads the tokens"
    return [Finding(AREA, Level.WARNING, what, "Give the proxy TLS, or have it run on this machine.")]


def _silent(error: Silence, base_url: str) -> Finding:
    todo = "See that this machine reaches it"
    if base_url != PUBLIC_SLACK_API:
        todo += ", and that slack.base_url is right: what the name of a method follows, which mostly ends in /api/"
    return Finding(AREA, Level.ERROR, f"Slack cannot be reached: {error}", f"{todo}.")


def _refused(answer: Said, token: str, where: str) -> Finding:
    if answer.error == "ratelimited":
        return Finding(AREA, Level.WARNING, f"whether {token} works is not known: asked too often", "In a minute.")
    match answer.error:
        case error if error in _REVOKED:
            why = "install the app again, or make a new one, and put it"
        case error if error == _WRONG_KIND:
            why = "it is one of another kind; put the right one"
        case _:
            why = "put the whole of it, as it stands there,"
    return Finding(
        AREA,
        Level.ERROR,
        f"{token} is not accepted ({answer.error})",
        f"{where}: {why} in slack.{token}_file.",
    )


def _judge_bot(answer: Said, pages: Pages) -> list[Finding]:
    name, team = answer.told.get("user", "?"), answer.told.get("team", "?")
    found = [Finding(AREA, Level.OK, f"bot_token is that of {name} in {team}")]
    if answer.told.get("is_enterprise_install") is True:
        what = "the app was installed on a whole organization, and a desk is on one workspace: run would hear nobody"
        todo = f"{pages.of('Org Level Apps')}: opt out; then Install App, Install to Workspace."
        return [Finding(AREA, Level.ERROR, what, todo)]
    if not answer.scopes:
        what = "which scopes the app has is not told: something on the way takes the header X-OAuth-Scopes out"
        return [*found, Finding(AREA, Level.WARNING, what, f"Compare them with the manifest: {pages.scopes}")]
    found += [
        Finding(AREA, Level.ERROR, f"the scope {scope} is missing: it is for {SCOPES[scope]}", pages.scopes)
        for scope in SCOPES
        if scope not in answer.scopes
    ]
    return found


async def _judge_way(session: ClientSession, slack: SlackSettings, pages: Pages) -> list[Finding]:
    manifest = pages.of("App Manifest")
    if slack.listen is not None:
        what = f"Slack calls, and that has to come to {slack.listen}: nobody can tell from here whether it does"
        todo = (
            f"{pages.of('Event Subscriptions')}: the Request URL says Verified while the desk runs; so have "
            f"Interactivity & Shortcuts, and {COMMAND} under Slash Commands. Where it does not: the signing secret "
            "stands under Basic Information, App Credentials."
        )
        return [Finding(AREA, Level.OK, what, todo)]
    assert slack.app_token is not None
    app = SlackApi(session, slack.base_url, slack.app_token.get_secret_value())
    # It makes an address that is good once, and that nobody uses.
    answer = await app.ask("apps.connections.open")
    if answer.ok:
        todo = (
            f"Where words or clicks do nothing all the same, compare {manifest} with `quarterdeck slack manifest`: "
            "Socket Mode, Event Subscriptions and Interactivity have to be on, which Slack tells nobody."
        )
        return [Finding(AREA, Level.OK, "app_token opens sockets", todo)]
    if answer.error == "ratelimited":
        return [Finding(AREA, Level.WARNING, "whether app_token opens sockets is not known: asked too often", "Later.")]
    if answer.error == "missing_scope":
        what = f"app_token lacks the scope {APP_SCOPE}: without it nobody is heard"
        return [Finding(AREA, Level.ERROR, what, f"{pages.app_tokens}: generate one with {APP_SCOPE}.")]
    return [_refused(answer, "app_token", pages.app_tokens)]
