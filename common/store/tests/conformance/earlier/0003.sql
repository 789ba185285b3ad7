-- As the version with migration 0003 wrote it: never edited.
INSERT INTO replays (client_code, authcode, fingerprint, job_id, answer, created_at, turn, held_until, lapsed)
VALUES ('shop', unhex('0102030405060708090a0b0c0d0e0f10'), unhex('1112131415161718191a1b1c1d1e1f20'), NULL,
        '{"data":{"errcode":0,"errmsg":"ok"}}', 4102444800000, 1, NULL, false);
INSERT INTO short_links (id, client_code, out_id, target, created_at, visits)
VALUES ('0123456789abcdef0123456789abcdef', 'shop', 'o-1', 'https://shop.example/', 1700000000000, 3);
INSERT INTO springboards (key, client_code, app_id, purpose, created_at)
VALUES ('00000000000000000000000000000001', 'shop', 'wx1',
        '{"purpose":"login","redirect_uri":"https://shop.example/","oauth_type":"oauth_snsapi_base","bind":false}',
        4102444800000);
