"""The platform's numbers, as the contract states them (docs.slack.dev)."""

import re

# A message.
MESSAGE_BLOCKS = 50
#: Longer text is cut in silence; who sends it has lost something.
MESSAGE_TEXT_CHARS = 40_000
#: What chat.update and chat.postEphemeral refuse as `msg_too_long`.
RECOMMENDED_TEXT_CHARS = 4_000
#: Undocumented; all text of all blocks together (slackapi/bolt-js issue 2509).
MESSAGE_BLOCKS_TOTAL_CHARS = 13_200
MARKDOWN_CHARS = 12_000
#: "Metadata exceeds size limit": the pages give no number.
METADATA_BYTES = 8_000

# A view.
VIEW_BLOCKS = 100
VIEW_TITLE_CHARS = 24
VIEW_SUBMIT_CHARS = 24
VIEW_CLOSE_CHARS = 24
PRIVATE_METADATA_CHARS = 3_000
CALLBACK_ID_CHARS = 255
VIEW_STACK = 3
VIEW_BYTES = 250_000
TRIGGER_S = 3

# Blocks.
BLOCK_ID_CHARS = 255
SECTION_TEXT_CHARS = 3_000
SECTION_FIELDS = 10
SECTION_FIELD_CHARS = 2_000
ACTIONS_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
HEADER_TEXT_CHARS = 150
IMAGE_ALT_CHARS = 2_000
IMAGE_TITLE_CHARS = 2_000
INPUT_LABEL_CHARS = 2_000
INPUT_HINT_CHARS = 2_000
TABLE_ROWS = 100
TABLE_CELLS = 20

# Elements and objects.
ACTION_ID_CHARS = 255
BUTTON_TEXT_CHARS = 75
BUTTON_VALUE_CHARS = 2_000
BUTTON_URL_CHARS = 3_000
BUTTON_STYLES = ("primary", "danger")
ACCESSIBILITY_CHARS = 75
SELECT_OPTIONS = 100
OPTION_GROUPS = 100
PLACEHOLDER_CHARS = 150
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10
INPUT_LENGTH = 3_000
CONFIRM_TITLE_CHARS = 100
CONFIRM_TEXT_CHARS = 300
CONFIRM_BUTTON_CHARS = 30
OPTION_TEXT_CHARS = 75
#: The pages say 150, the platform's own types 75: we stay with what both allow.
OPTION_VALUE_CHARS = 75
OPTION_DESCRIPTION_CHARS = 75
OPTION_URL_CHARS = 3_000
OPTION_GROUP_LABEL_CHARS = 75
TEXT_CHARS = 3_000

# Talking to the app.
ACK_S = 3.0
RESPONSE_URL_USES = 5
RESPONSE_URL_S = 1_800
SIGNATURE_WINDOW_S = 300
EVENT_RETRIES = 3
CONNECTIONS = 10

# Rates.
TIERS_PER_MINUTE = {"Tier1": 1, "Tier2": 20, "Tier3": 50, "Tier4": 100}
POSTS_PER_CHANNEL_PER_S = 1
#: "Short bursts are allowed": the platform gives no number.
POSTS_PER_CHANNEL_BURST = 3
#: "Several hundred messages per minute": the platform gives no number.
POSTS_PER_MINUTE = 300

# Files.
FILE_ALT_CHARS = 1_000
FILE_BYTES = 20 * 1024 * 1024

TIMESTAMP = re.compile(r"\d{1,10}(\.\d{1,6})?")
