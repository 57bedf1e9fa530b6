"""Whether people can open the App Home on Slack."""

import json

from chatops.checkup.findings import Finding, Level
from chatops.checkup.slack_api import SlackApi
from chatops.checkup.slack_pages import Pages
from chatops.settings import Settings

AREA = "slack"
#: A version of a page that there never was: what is shown stays as it is.
_NO_HASH = "0.never"
_VIEW = json.dumps(
    {
        "type": "home",
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Open it again.", "emoji": False}}],
    }
)
#: Slack looks at the page only where there is such a tab.
_ON = frozenset(["", "hash_conflict"])


async def check_home(api: SlackApi, settings: Settings, pages: Pages) -> list[Finding]:
    """Ask for somebody of the settings, in a way that changes nothing that they see. Raises `Silence`.

    Without anybody there nobody can tell: a page is always somebody's. Who never opened theirs is shown one that says
    so until they open it.
    """
    for person in settings.people:
        member = (person.slack or "").rpartition("/")[2]
        if not member or not (await api.ask("users.info", user=member)).ok:
            continue
        answer = await api.ask("views.publish", user_id=member, view=_VIEW, hash=_NO_HASH)
        if answer.error in _ON:
            return [Finding(AREA, Level.OK, "the Home tab is on")]
        if answer.error == "not_enabled":
            todo = f"{pages.of('App Home')}, Show Tabs: switch the Home Tab on."
            return [Finding(AREA, Level.WARNING, "the Home tab is off: nobody sees their page", todo)]
        return []
    return []
