"""How long Slack is kept waiting."""

from dataclasses import dataclass


@dataclass(slots=True)
class Within:
    """In seconds, each below the three that Slack waits (contract, limits.interaction.ack_s and
    limits.view.trigger_id_valid_s). Looked up whenever something comes.
    """

    #: What is not stored by then is not confirmed: it comes again, or stays with whoever sent it.
    stored_s: float = 2.5
    #: Of a trigger's time some has passed when it comes.
    opened_s: float = 2.5
    #: Somebody is typing.
    suggested_s: float = 1.5
