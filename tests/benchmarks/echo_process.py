"""The baseline: a bare python-telegram-bot that repeats what it is told, as it installs.

`python -m tests.benchmarks.echo_process BASE_URL TOKEN`
"""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """As in the library's own example."""
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


def main(base_url: str, token: str) -> None:
    """Answer until we are terminated."""
    application = Application.builder().token(token).base_url(base_url).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
