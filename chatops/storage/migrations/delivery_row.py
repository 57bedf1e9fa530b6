"""A row of `deliveries` as the functions of several migrations are handed it. Never changed: they have run."""

ROW = """
    id uuid, kind text, severity text, lane smallint, platform text, room text, card text, payload jsonb,
    created_at timestamptz, command_id uuid, in_place boolean, hangs_on text, ends boolean, file text,
    claimed_by uuid"""

#: Of a row that waits for a moment, that moment: indexed so, and asked for so.
WAITS_UNTIL = "CASE WHEN state = 'pending' AND not_before > created_at THEN not_before END"
