"""Takes secrets out of what is stored of bots: they write texts and names as they like."""

from dataclasses import replace
from functools import cache

from bot_integration import Snapshot
from chatops.history.rows import Batch, Head
from chatops.money.facts import OpenLeg, Origin, Sample, Trade, TradeLeg
from chatops.redactor import Redactor


def cleaned(batch: Batch, redact: Redactor) -> Batch:
    """The batch without secrets. The name that the settings give a bot stays as it is."""

    @cache
    def of(origin: Origin) -> Origin:
        return Origin(
            origin.bot,
            redact(origin.position),
            redact(origin.asset),
            redact(origin.strategy),
            redact(origin.lane),
            redact(origin.venue),
        )

    def leg(one: TradeLeg) -> TradeLeg:
        return replace(one, venue=redact(one.venue), instrument=redact(one.instrument), side=redact(one.side))

    def trade(one: Trade) -> Trade:
        legs = tuple(map(leg, one.legs))
        return replace(one, id=redact(one.id), of=of(one.of), reason=redact(one.reason), legs=legs)

    def sample(one: Sample) -> Sample:
        return replace(one, legs=tuple(OpenLeg(of(held.of), held.unrealized) for held in one.legs))

    head = batch.head
    return replace(
        batch,
        head=Head(head.session_id, head.seq, _snapshot(head.snapshot, redact), redact.value(head.known)),
        runs=tuple(replace(one, strategy=redact(one.strategy), version=redact(one.version)) for one in batch.runs),
        kept=tuple(replace(one, snapshot=_snapshot(one.snapshot, redact)) for one in batch.kept),
        happened=tuple(
            replace(one, category=redact(one.category), message=redact(one.message), position=redact(one.position))
            for one in batch.happened
        ),
        bookings=tuple(replace(one, of=of(one.of)) for one in batch.bookings),
        payments=tuple(replace(one, of=of(one.of)) for one in batch.payments),
        trades=tuple(map(trade, batch.trades)),
        samples=tuple(map(sample, batch.samples)),
        transfers=tuple(replace(one, reason=redact(one.reason)) for one in batch.transfers),
        measured=tuple(one._replace(subject=redact(one.subject)) for one in batch.measured),
    )


def _snapshot(snapshot: Snapshot, redact: Redactor) -> Snapshot:
    # The redactor knows how a secret is written in JSON: hardly any snapshot is taken apart.
    said = snapshot.model_dump_json()
    if redact(said) == said:
        return snapshot
    whole = snapshot.model_dump(mode="python")
    return Snapshot.model_validate({**redact.value(whole), "bot": snapshot.bot})
