-- As the version with migration 0004 wrote it: never edited.
INSERT INTO tallies (minute, series, kind, count) VALUES (28333333, 'accepted', 'async_send_tpl', 5);
