"""Arguments that the platform knows and we do not want."""

from collections.abc import Mapping

#: Known to the platform, and not for us: to send one is a breach.
NOT_FOR_US: Mapping[str, str] = {
    "as_user": "as_user is of old",
    "link_names": "link_names lets text mention people",
    "parse": "parse lets text mention people",
    "attachments": "attachments are of old: send blocks",
    "unfurled_attachments": "attachments are of old: send blocks",
    "current_draft_last_updated_ts": "an app has no drafts",
    "username": "this test server plays no other names for the app",
    "icon_url": "this test server plays no other faces for the app",
    "icon_emoji": "this test server plays no other faces for the app",
    "markdown_text": "this test server does not play markdown_text",
    "interactivity_pointer": "this test server does not play interactivity_pointer",
    "snippet_type": "this test server does not play snippets",
    "file_comment": "file comments are no more",
    "file_ids": "this test server does not change the files of a message",
}

#: slack_bolt adds it to every call of its context's client; the platform takes it without a word.
SWALLOWED = frozenset({"team_id"})
