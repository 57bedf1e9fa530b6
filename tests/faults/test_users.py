"""`quarterdeck users` as a process, beside a desk that runs: who comes and goes by it does so at once."""

from chatops.guard.verifying import Whole
from chatops.storage.record import verify_record
from tests.codes import code_in
from tests.faults.desk import DeskFiles, log_of, wait_until_settled
from tests.faults.program import PATIENCE_S, outcome

_NO_PEOPLE = """
[[people]]
name = "ada"
role = "admin"
telegram = 111
"""


async def test_the_first_admin_comes_in_by_what_the_start_prints_and_goes_by_the_shell(desk: DeskFiles) -> None:
    desk.write("paper")
    settings = str(desk.settings)
    desk.settings.write_text(desk.settings.read_text().replace(_NO_PEOPLE, ""))
    eve, dan = desk.platform.person(666, "Eve"), desk.platform.person(777, "Dan")
    of_eve, of_dan = desk.platform.private(eve), desk.platform.private(dan)
    async with desk.gateway() as gateway:
        printed = code_in(gateway.said)
        assert "Nobody is admin of this desk yet" in gateway.said
        code, said = await outcome("users", "claim", "-c", settings)
        assert code == 0, said
        # The one that was asked for is the one that counts.
        await of_eve.say(eve, f"/claim {printed} eva")
        await of_eve.next_message("has expired", timeout_s=PATIENCE_S)
        await of_eve.say(eve, f"/claim {code_in(said)} eva")
        await of_eve.next_message("Welcome, eva: you are admin", timeout_s=PATIENCE_S)
        # Her menu follows.
        await desk.platform.wait_for(lambda: "revoke" in offered(desk, 666))
        code, said = await outcome("users", "claim", "-c", settings)
        assert (code, said) == (1, "There is an admin already. For another: quarterdeck users invite admin.\n")
        code, said = await outcome("users", "invite", "operator", "dan", "-c", settings)
        assert code == 0, said
        await of_dan.say(dan, f"/start {code_in(said)}")
        await of_dan.next_message("Welcome, dan: you are operator", timeout_s=PATIENCE_S)
        code, said = await outcome("users", "revoke", "eva", "-c", settings)
        assert (code, "only admin" in said) == (1, True), said
        code, said = await outcome("users", "role", "dan", "admin", "-c", settings)
        assert (code, said) == (0, "dan is admin now, and was operator.\n")
        code, said = await outcome("users", "revoke", "eva", "-c", settings)
        assert (code, said) == (0, "eva is a stranger now.\n")
        # The desk has heard of it: what a stranger is offered is what she is offered.
        await desk.platform.wait_for(lambda: not offered(desk, 666) & {"revoke", "status"})
        heard = len(of_eve.from_bot)
        await of_eve.say(eve, "/status")
        await of_dan.say(dan, "/users")
        await of_dan.next_message("1 person: 1 admin", timeout_s=PATIENCE_S)
        code, said = await outcome("users", "list", "-c", settings)
        assert (code, said.splitlines()[1:]) == (0, ["dan   admin  here  telegram:777"])
        async with desk.database() as database:
            await wait_until_settled(database)
            assert len(of_eve.from_bot) == heard
            rows = await log_of(database)
            assert [row["word"] for row in rows if row["platform"] == "shell"] == [
                *("claim", "claim", "invite", "revoke", "role", "revoke")
            ]
            # They were said at once, by two people: either may be handled first.
            both = sorted((row["word"], row["principal"]) for row in rows if row["word"] in ("?", "users"))
            assert both == [("?", None), ("users", "dan")]
            assert isinstance(await verify_record(database), Whole)
        gateway.terminate()
        assert await gateway.ends() == 0, gateway.said
        assert code_in(gateway.said) == printed
    async with desk.gateway() as again:
        assert "Nobody is admin" not in again.said


def offered(desk: DeskFiles, person: int) -> set[str]:
    """The words that a person's client offers in their private chat."""
    somebody = desk.platform.person(person, "Somebody")
    return {command["command"] for command in desk.platform.menu(desk.platform.private(somebody), somebody)}
