"""The steps of an ask, appended at once."""

from chatops.storage.migrations.script import run_script

revision = "0005"
down_revision = "0004"

# As before, with one insert for all: measured, four fifths of the time for the three steps of a word that only reads.
APPEND = """
CREATE OR REPLACE FUNCTION append_command_events(steps jsonb) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
    head command_chain%ROWTYPE;
    hashes text[];
    count integer := jsonb_array_length(steps);
BEGIN
    SELECT * INTO STRICT head FROM command_chain FOR UPDATE;
    hashes[0] := head.hash;
    FOR place IN 1..count LOOP
        hashes[place] := encode(
            sha256(convert_to(hashes[place - 1] || (steps -> (place - 1) ->> 'canonical'), 'UTF8')), 'hex');
    END LOOP;
    INSERT INTO command_events (seq, command_id, at, step, by, data, prev_hash, hash)
    SELECT
        head.seq + place,
        (step ->> 'command_id')::uuid,
        (step ->> 'at')::timestamptz,
        step ->> 'step',
        step ->> 'by',
        (step ->> 'data')::json,
        hashes[place - 1],
        hashes[place]
    FROM jsonb_array_elements(steps) WITH ORDINALITY AS given (step, place);
    UPDATE command_chain SET seq = head.seq + count, hash = hashes[count];
    RETURN head.seq + count;
END
$body$;
"""


def upgrade() -> None:
    run_script(APPEND)
