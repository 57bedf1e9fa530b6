"""A bot that is past: it shows what it is handed, and does nothing."""

from bot_integration import BotController, Command, CommandResult, Outcome, Ping, Refused
from bot_integration.commands import Preview


class PastBot(BotController):
    """Refuses at once, whatever the clock of the replay says meanwhile."""

    async def execute(self, command: Command) -> CommandResult:
        """Refused, but for a ping."""
        if isinstance(command, Ping):
            return await super().execute(command)
        return CommandResult(command_id=command.id, outcome=Outcome.REFUSED, message=self._why())

    async def preview(self, command: Command) -> Preview | None:
        """Refused, so that nobody is asked whether they mean it."""
        raise Refused(self._why())

    def _why(self) -> str:
        return f"{self.name} is a replay: this is past, and nothing can be done about it."
