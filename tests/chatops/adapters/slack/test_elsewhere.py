"""Slack behind a proxy of one's own, in an organization, and with something left out when it was set up."""

import asyncio

import pytest

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.inquiry import Inquiry
from chatops.adapters.slack.line import Lost
from chatops.link import Away
from chatops.messages import Attachment, Message, Posting
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.storage.database import Database
from tests.chatops.adapters.slack.test_adapter import Desk, connected, does_all
from tests.servers.slack import SlackServer

#: The smallest picture that there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


class OfAnOrganization(Desk):
    """Ada has an id of the organization, and bo is of another workspace of it."""

    def __init__(self, server: SlackServer, database: Database, bo_stands_as: str) -> None:
        self.bo = server.person("bo", member_id="U0B0", team_id="T0SIBLING")
        self._bo_stands_as = bo_stands_as
        server.person("ada", member_id="W0ADA")
        super().__init__(server, database)

    @property
    def directory(self) -> Directory:
        return Directory(
            [
                Principal("ada", Role.ADMIN, frozenset({Identity("slack", "W0ADA")})),
                Principal("bo", Role.VIEWER, frozenset({Identity("slack", self._bo_stands_as)})),
            ]
        )


async def test_behind_a_proxy_every_call_goes_there_and_slacks_own_addresses_are_taken_as_they_are(
    database: Database,
) -> None:
    async with SlackServer(prefix="gov/slack/") as server:
        desk = Desk(server, database)
        async with connected(desk, "socket") as adapter:
            await desk.ada.say(desk.ada.direct, "status")
            await desk.hears(1)
            posting = Posting(Message("The day", (), attachment=Attachment("day.png", PNG, is_picture=True)))
            await adapter.send(Room("slack", desk.ops.id), posting)
            ((host,),) = [[one.request.host.partition(":")[0] for one in server.sockets.connections]]
        assert server.base_url.startswith("http://127.0.0.1:")
        assert server.base_url.endswith("/gov/slack/api/")
        assert host == "localhost"
        assert [file.title for file in server.files] == ["day.png"]
        assert {call.status for call in server.calls} == {200}
        assert server.violations == []


@pytest.mark.parametrize("bo_stands_as", ["T0SIBLING/U0B0", "E0ORG/T0SIBLING/U0B0"])
async def test_in_an_organization_everybody_is_one_and_the_same_whatever_they_do(
    database: Database, bo_stands_as: str
) -> None:
    async with SlackServer(enterprise_id="E0ORG") as server:
        desk = OfAnOrganization(server, database, bo_stands_as)
        async with connected(desk, "socket"):
            await does_all(desk.ada, desk.ops)
            ada = {one.sender.id for one in await desk.handles(4)}
            await does_all(desk.bo, desk.ops)
            bo = {one.sender.id for one in (await desk.handles(8))[4:]}
            await does_all(desk.eve, desk.ops)
            eve = {one.sender.id for one in (await desk.handles(12))[8:]}
    assert (ada, bo) == ({"W0ADA"}, {bo_stands_as})
    assert eve == {f"E0ORG/{server.team_id}/{desk.eve.id}"}


async def test_of_another_workspace_nobody_is_known_by_the_member_id_alone(database: Database) -> None:
    async with SlackServer(enterprise_id="E0ORG") as server:
        desk = OfAnOrganization(server, database, "U0B0")
        far = server.person("far", stranger=True)
        async with connected(desk, "socket"):
            await desk.bo.mention(desk.ops, "status")
            await far.mention(desk.ops, "status")
            came = await desk.handles(2)
    assert sorted(one.sender.id for one in came) == sorted(["T0SIBLING/U0B0", f"T0ELSEWHERE/{far.id}"])


async def test_an_app_of_a_whole_organization_hears_nobody_and_says_where_to_click(database: Database) -> None:
    async with SlackServer(enterprise_id="E0ORG", is_org_wide=True) as server:
        desk = Desk(server, database)
        async with desk.listening() as adapter, asyncio.timeout(30):
            while not desk.troubles:  # noqa: ASYNC110 - it is told by the adapter's own clock
                await asyncio.sleep(0.002)
            assert isinstance(adapter.state, Away)
        (trouble, *_) = desk.troubles
        assert "whole organization" in str(trouble)
        assert "Install App" in str(trouble)
        assert server.calls_of("apps.connections.open") == []


async def test_where_socket_mode_is_off_it_says_so_and_where_it_is_switched_on(database: Database) -> None:
    async with SlackServer() as server:
        server.sockets.is_off = True
        desk = Desk(server, database)
        async with desk.listening() as adapter, asyncio.timeout(30):
            while not desk.troubles:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.002)
            assert isinstance(adapter.state, Away)
        assert "Socket Mode is off" in str(desk.troubles[0])
        assert "your app, Socket Mode" in str(desk.troubles[0])


@pytest.mark.parametrize("token", ["xapp-1-another", "xoxb-1-test-token"])
async def test_an_app_token_that_opens_no_socket_is_named_as_that(token: str) -> None:
    async with SlackServer() as server, SlackApi(server.base_url, token) as app:
        with pytest.raises(Lost, match=r"slack\.app_token opens no socket: .*App-Level Tokens") as lost:
            await Inquiry(app, app).ticket()
        assert lost.value.to_mend
