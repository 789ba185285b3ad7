//! Going through what an index has of each key, one row a key, without touching the other rows.

use std::sync::LazyLock;

/// A statement for the first row among `rows` (a condition) after a key, whose columns are bound as `$1`, `$2`, …; what
/// stands under one key is ordered by `then`.
///
/// One branch for each column, since SQLite goes through all rows of the key itself to come to the ones after it when
/// asked for `(a, b) > ($1, $2)`.
pub(super) fn after_key(columns: &str, rows: &str, key: &[&str], then: Option<&str>) -> String {
    let branches: Vec<String> = (0..key.len())
        .rev()
        .map(|differs| {
            let mut conditions: Vec<String> =
                (0..differs).map(|same| format!("{} = ${}", key[same], same + 1)).collect();
            conditions.push(format!("{} > ${}", key[differs], differs + 1));
            let conditions = conditions.join(" AND ");
            let order = key[differs..].iter().copied().chain(then).collect::<Vec<_>>().join(", ");
            format!(
                "SELECT * FROM (
                     SELECT {columns} FROM jobs WHERE {rows} AND {conditions} ORDER BY {order} LIMIT 1)"
            )
        })
        .collect();
    format!("{} ORDER BY {} LIMIT 1", branches.join(" UNION ALL "), key.join(", "))
}

/// The lane after `$1`, `$2`, `$3` that has unfinished jobs which nobody holds, when its first is due, and `$4`.
pub(super) static NEXT_LANE: LazyLock<String> = LazyLock::new(|| {
    after_key(
        "client_code, app_id, kind, due_at, $4 AS now",
        "state IN ('queued', 'waiting')",
        &["client_code", "app_id", "kind"],
        Some("due_at"),
    )
});

/// The newest failed job of the cause after `$1`, `$2`, `$3`, `$4`.
pub(super) static NEXT_CAUSE: LazyLock<String> = LazyLock::new(|| {
    let key = ["error_code", "cause", "app_id", "kind"];
    format!(
        "SELECT error_code, cause AS errcode, app_id, kind, id, updated_at, error_errcode, error_message
         FROM jobs WHERE id = (
             SELECT newest.id FROM ({}) AS next CROSS JOIN jobs AS newest
             WHERE newest.state = 'failed' AND newest.error_code = next.error_code AND newest.cause = next.cause
               AND newest.app_id = next.app_id AND newest.kind = next.kind
             ORDER BY newest.id DESC LIMIT 1)",
        after_key(&key.join(", "), "state = 'failed'", &key, None)
    )
});
