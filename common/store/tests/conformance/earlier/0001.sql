-- As the version with migration 0001 wrote it: never edited.
INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, callback_url, receipt, created_at, updated_at,
                  due_at, deadline_at, expires, attempts, ambiguous_at, worker, claim, result, error_code, error_errcode,
                  error_message, history)
VALUES
    (1, 'shop', 'wx1', 'async_send_tpl', 'queued', '{"touser":"o1","template_id":"t"}', 'o1', NULL, false,
     1700000000000, 1700000001000, 1700000002000, 4102444800000, false, 1, 1700000000500, NULL, 1, NULL, 'unanswered', NULL,
     'WeChat did not answer in time',
     '{"at":1700000000500,"took_ms":500,"outcome":"ambiguous","message":"WeChat did not answer in time"}
'),
    (2, 'shop', 'wx1', 'async_send_tpl', 'running', '{"touser":"o2","template_id":"t"}', 'o2', NULL, false,
     1700000000000, 1700000001000, 1700000000000, 4102444800000, false, 1, NULL, 77, 1, NULL, NULL, NULL, NULL, ''),
    (3, 'shop', 'wx1', 'async_send_tpl', 'succeeded', '{"touser":"o3","template_id":"t"}', 'o3', 'https://shop.example/hook',
     false, 1700000000000, 1700000001000, 1700000001000, 4102444800000, false, 1, NULL, NULL, 1,
     '{"errcode":0,"errmsg":"ok","msgid":"2500000000000000001","delivery":null}', NULL, NULL, NULL,
     '{"at":1700000000500,"took_ms":80,"outcome":"done"}
'),
    (4, 'shop', 'wx1', 'async_send_tpl', 'failed', '{"touser":"o4","template_id":"t"}', 'o4', NULL, false,
     1700000000000, 1700000001000, 1700000001000, 4102444800000, true, 1, NULL, NULL, 1, NULL, 'wechat', 40003,
     'invalid openid', '{"at":1700000000500,"took_ms":80,"outcome":"failed","code":40003,"message":"invalid openid"}
');
INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at, attempts, last_status, history)
VALUES (3, 1, 'https://shop.example/hook', 'https://shop.example', 'exhausted', 1700000001000, 1700000001000, 1700000001000,
        10, 500, '{"at":1700000001000,"took_ms":12,"outcome":"exhausted","code":500}
');
INSERT INTO gates (app_id, kind, reason, error_code, error_errcode, error_message, closed_at, next_probe_at)
VALUES ('wx9', '', 'suspended', 'wechat', 40125, 'invalid appsecret', 1700000000000, 1700000300000);
INSERT INTO clients (code, app_id, open, allow, callback_format, signing, on_ambiguity)
VALUES ('shop', 'wx1', true, 'async_send_tpl,cancel_job', 'form', 'both', 'resend');
