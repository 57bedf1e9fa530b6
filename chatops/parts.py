"""The parts of a desk, joined."""

from dataclasses import dataclass

from chatops.alerting.alerting import Alerting
from chatops.alerting.drills import Drills
from chatops.asking.approving import Approving
from chatops.asking.gateway import Gateway
from chatops.asking.late import LateEnds
from chatops.asking.settling import Settling
from chatops.forms import Forms
from chatops.habits import Habits
from chatops.herald import Herald
from chatops.membership.admission import Admission
from chatops.membership.roster import Roster
from chatops.outbox import Outbox
from chatops.personal import Personal
from chatops.pinned import PinnedStatus
from chatops.preferences import Preferences
from chatops.recording.following import Following
from chatops.reports.telling import Reports
from chatops.steward import Steward
from chatops.storage.deliveries import Deliveries
from chatops.storage.history import PostgresHistory
from chatops.storage.lasting_ledger import LastingLedger
from chatops.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that answers people."""

    gateway: Gateway
    outbox: Outbox
    settling: Settling
    late: LateEnds
    ledger: LastingLedger
    deliveries: Deliveries
    preferences: Preferences
    herald: Herald
    status: PinnedStatus
    roster: Roster
    admission: Admission
    approving: Approving
    vocabulary: Vocabulary
    desired: Steward
    alerting: Alerting
    drills: Drills
    personal: Personal
    habits: Habits
    reports: Reports
    history: PostgresHistory
    recording: Following
    forms: Forms

    async def load(self) -> None:
        """Take in what people and rooms have said and chosen. Raises `DatabaseAway`."""
        await self.preferences.load()
        await self.personal.load()
        await self.roster.load()
        await self.alerting.load()
