-- As the version with migration 0002 wrote it: never edited.
INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, callback_url, receipt, created_at, updated_at,
                  due_at, deadline_at, expires, attempts, claim, result, awaited, report, report_claim, sharing, leader)
VALUES
    (11, 'shop', 'wx1', 'download_amr_to_mp3', 'waiting',
     '{"media_id":"m1","stem":"00112233445566778899aabbccddeeff"}', 'm1', 'https://shop.example/hook', false,
     1700000000000, 1700000001000, 4102444800000, 4102444800000, false, 1, 1, '{"task":"t1"}', 'upyun:t1', NULL, NULL,
     'shop/m1', NULL),
    (12, 'shop', 'wx1', 'download_amr_to_mp3', 'waiting',
     '{"media_id":"m0","stem":"00112233445566778899aabbccddeef0","original":true}', 'm0', NULL, false,
     1700000000000, 1700000001000, 1700000001000, 4102444800000, false, 0, 0, NULL, NULL,
     '{"succeeded":"{\"media_id\":\"m0\",\"file_url\":\"https://cdn.example/m0.mp3\"}"}', 0, NULL, 10);
INSERT INTO receipts (app_id, openid, msgid, delivery, received_at, look_at)
VALUES ('wx1', 'o3', 2500000000000000001, 'success', 4102444800000, NULL);
