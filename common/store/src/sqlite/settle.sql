UPDATE jobs
SET state = input.state,
    worker = NULL,
    updated_at = $3,
    due_at = $3 + input.due_in,
    attempts = iif(input.counts, jobs.attempts, jobs.attempts - 1),
    ambiguous_at = input.ambiguous_at,
    result = input.result,
    msgid = input.msgid,
    error_code = input.error_code,
    error_errcode = input.error_errcode,
    error_message = input.error_message,
    history = jobs.history || input.history
FROM (
    SELECT value ->> 'id' AS id, value ->> 'claim' AS claim, value ->> 'state' AS state,
           value ->> 'due_in' AS due_in, value ->> 'counts' AS counts, value ->> 'ambiguous_at' AS ambiguous_at,
           value ->> 'result' AS result, value ->> 'msgid' AS msgid, value ->> 'error_code' AS error_code,
           value ->> 'error_errcode' AS error_errcode, value ->> 'error_message' AS error_message,
           value ->> 'history' AS history
    FROM json_each($2)) AS input
-- The fencing token: whoever lost the claim changes nothing.
WHERE jobs.id = input.id AND jobs.worker = $1 AND jobs.claim = input.claim AND jobs.state = 'running'
RETURNING jobs.id
