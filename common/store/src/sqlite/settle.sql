)
UPDATE jobs
SET state = input.state,
    worker = NULL,
    updated_at = input.now,
    -- News that came while the attempt was looking for it: the next one is due at once.
    due_at = input.now + CASE WHEN input.state = 'waiting' AND jobs.report_claim = jobs.claim AND jobs.awaited = input.awaited
                         THEN 0 ELSE input.due_in END,
    report = CASE WHEN input.state <> 'waiting' OR jobs.report_claim = jobs.claim AND jobs.awaited = input.awaited THEN jobs.report END,
    awaited = coalesce(input.awaited, jobs.awaited),
    deadline_at = CASE WHEN input.state = 'waiting' THEN max(jobs.deadline_at, input.now + input.due_in)
                       ELSE jobs.deadline_at END,
    -- What the upstream has taken in time cannot be too late any more.
    expires = jobs.expires AND input.state <> 'waiting',
    attempts = iif(input.counts, jobs.attempts, jobs.attempts - 1),
    ambiguous_at = input.ambiguous_at,
    result = input.result,
    msgid = input.msgid,
    error_code = input.error_code,
    error_errcode = input.error_errcode,
    error_message = input.error_message,
    history = jobs.history || input.history
FROM input
-- The fencing token: whoever lost the claim changes nothing. The plus signs keep SQLite from going through all
-- jobs of the worker instead of straight to each id.
WHERE jobs.id = input.id AND jobs.claim = input.claim AND +jobs.worker = ? AND +jobs.state = 'running'
