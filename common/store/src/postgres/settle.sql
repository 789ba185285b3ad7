WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
input AS MATERIALIZED (
    SELECT *
    FROM unnest($2::bigint[], $3::int[], $4::text[], $5::bigint[], $6::boolean[], $7::bigint[], $8::text[],
                $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[],
                $16::text[], $17::boolean[])
        AS settlement (id, claim, state, due_in, counts, ambiguous_at, result, msgid, awaited, error_code,
                       error_errcode, error_message, history, callback_url, endpoint, callback_claimed)
),
settled AS (
    UPDATE jobs
    SET state = input.state,
        worker = NULL,
        updated_at = now,
        -- News that came while the attempt was looking for it: the next one is due at once.
        due_at = now + CASE WHEN input.state = 'waiting' AND jobs.report_claim = jobs.claim AND jobs.awaited = input.awaited
                       THEN 0 ELSE input.due_in END,
        report = CASE WHEN input.state <> 'waiting' OR jobs.report_claim = jobs.claim AND jobs.awaited = input.awaited THEN jobs.report END,
        awaited = coalesce(input.awaited, jobs.awaited),
        deadline_at = CASE WHEN input.state = 'waiting' THEN greatest(jobs.deadline_at, now + input.due_in)
                           ELSE jobs.deadline_at END,
        -- What the upstream has taken in time cannot be too late any more.
        expires = jobs.expires AND input.state <> 'waiting',
        attempts = CASE WHEN input.counts THEN jobs.attempts ELSE jobs.attempts - 1 END,
        ambiguous_at = input.ambiguous_at,
        result = input.result,
        msgid = input.msgid,
        error_code = input.error_code,
        error_errcode = input.error_errcode,
        error_message = input.error_message,
        history = jobs.history || input.history
    FROM input, clock
    -- The fencing token: whoever lost the claim changes nothing. Only a running job has a worker; were that said
    -- here, each settlement would be looked for among all the jobs that the worker holds.
    WHERE jobs.id = input.id AND jobs.worker = $1 AND jobs.claim = input.claim
    RETURNING jobs.id
),
called AS (
    INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at, attempts, worker, claim)
    SELECT id, claim, callback_url, endpoint,
           CASE WHEN callback_claimed THEN 'running' ELSE 'queued' END, now, now, now,
           callback_claimed::int, CASE WHEN callback_claimed THEN $1 END, callback_claimed::int
    FROM settled JOIN input USING (id), clock
    WHERE callback_url IS NOT NULL
)
SELECT id FROM settled
