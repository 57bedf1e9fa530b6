"""The platform's numbers, as core.telegram.org/bots/api states them."""

import re

#: Code points, counted after trimming; the least and the most.
MESSAGE_TEXT_CHARS = (1, 4096)
CAPTION_CHARS = (0, 1024)
MESSAGE_ENTITIES = 100
#: Of a quote in a reply.
QUOTE_CHARS = (0, 1024)

CALLBACK_DATA_BYTES = (1, 64)
COPY_TEXT_CHARS = (1, 256)
BUTTONS_TOTAL = 100
BUTTONS_PER_ROW = 8
CALLBACK_ANSWER_CHARS = (0, 200)

UPDATE_TTL_S = 86400
CALLBACK_QUERY_TTL_S = 150
GET_UPDATES_LIMIT = (1, 100)
GET_UPDATES_TIMEOUT_MAX_S = 50

COMMANDS = 100
COMMAND_PATTERN = re.compile(r"^[a-z0-9_]{1,32}$")
COMMAND_DESCRIPTION_CHARS = (1, 256)

WEBHOOK_SECRET_PATTERN = re.compile(r"^[A-Za-z0-9_-]{1,256}$")
WEBHOOK_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
WEBHOOK_MAX_CONNECTIONS = (1, 100)

PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_WIDTH_PLUS_HEIGHT = 10_000
PHOTO_RATIO = 20
FILE_BYTES = 50_000_000

#: The topic that every forum has; it is written to without a thread id.
GENERAL_TOPIC = 1
#: Who speaks for an anonymous admin, and for a channel in its discussion group.
ANONYMOUS_ADMIN = 1087968824
FAKE_CHANNEL = 136817688
#: A bot may delete what is younger (core.telegram.org/bots/api#deletemessage).
DELETE_WITHIN_S = 48 * 3600

RATE_OVERALL_PER_S = 30
RATE_PER_CHAT_PER_S = 1
#: "We may allow short bursts": the platform gives no number.
RATE_PER_CHAT_BURST = 3
RATE_PER_GROUP_PER_MINUTE = 20
