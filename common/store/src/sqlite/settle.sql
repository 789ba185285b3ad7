)
UPDATE jobs
SET state = input.state,
    worker = NULL,
    updated_at = input.now,
    due_at = input.now + input.due_in,
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
WHERE jobs.id = input.id AND +jobs.worker = input.worker AND jobs.claim = input.claim AND +jobs.state = 'running'
RETURNING jobs.id
