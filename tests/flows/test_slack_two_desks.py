"""Two desks on one app: Slack hands each a part of what people do, and neither touches what is the other's."""

from pathlib import Path

from chatops.app import open_desk
from chatops.storage.database import Database
from tests.flows.test_slack import answer, server, settings
from tests.servers.slack import SlackServer

__all__ = ["server"]


async def test_a_press_that_comes_to_the_other_desk_does_nothing_and_says_so(
    server: SlackServer, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    ops, ada = server.channel("ops"), server.person("ada")
    async with Database.open(empty_url) as other:
        await other.migrate()
    folders = [tmp_path / name for name in ("first", "second")]
    first, second = (
        settings(server, url, folder, app_token=server.app_token)
        for url, folder in zip((database_url, empty_url), folders, strict=True)
    )
    async with open_desk(first, health=False):
        await server.connected()
        async with open_desk(second, health=False):
            await server.connected(2)
            here, there = server.sockets.open
            there.is_retiring = True
            await ada.slash(ops, "/deck pause entry")
            question = await answer(server, ops, "Pause entry on alpha?")
            here.is_retiring, there.is_retiring = True, False
            assert (await ada.click(ops, question, "Confirm")).is_acked
            await server.wait_for(lambda: [one for one in ada.sees(ops) if "I do not know that button" in one.words])
            here.is_retiring, there.is_retiring = False, True
            # Its card is as it was.
            assert (await ada.click(ops, question, "Confirm")).is_acked
            assert (await answer(server, ops, "Paused")).ts == question.ts
