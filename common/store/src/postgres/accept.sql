WITH input AS (
    SELECT *
    FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::bytea[], $10::text[], $11::bigint[], $12::bigint[], $13::boolean[])
        AS job (client_code, authcode, fingerprint, app_id, kind, payload, subject,
                request_id, request_digest, callback_url, send_at, expire_at, receipt)
),
clock AS MATERIALIZED (SELECT now_ms() AS now),
-- Two processes with the same key: the second waits here until the first has committed, then does nothing.
fresh AS (
    INSERT INTO replays (client_code, authcode, fingerprint, job_id, created_at)
    SELECT client_code, authcode, fingerprint, nextval('job_ids'), now
    FROM input, clock
    ON CONFLICT (client_code, authcode) DO NOTHING
    RETURNING client_code, authcode, job_id
),
stored AS (
    INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, request_id, request_digest,
                      callback_url, receipt, created_at, updated_at, due_at, deadline_at, expires)
    SELECT job_id, client_code, app_id, kind, 'queued', payload, subject, request_id, request_digest,
           callback_url, receipt, now, now, greatest(now, send_at),
           -- Jobs are tried for a day after they were due.
           coalesce(expire_at, greatest(now, send_at) + 86400000), expire_at IS NOT NULL
    FROM fresh JOIN input USING (client_code, authcode), clock
    ON CONFLICT (client_code, request_id) WHERE request_id IS NOT NULL DO NOTHING
    RETURNING id
)
SELECT client_code, authcode, job_id, stored.id IS NOT NULL AS stored
FROM fresh LEFT JOIN stored ON stored.id = fresh.job_id
