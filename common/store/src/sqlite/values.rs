//! Many rows in one statement, as `VALUES (?, ?), (?, ?), …`.
//!
//! Batches are cut into a few fixed sizes, so that the statements stay few and are prepared once.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

/// Sizes of the pieces, largest first. With 13 columns the largest has 832 parameters, far below
/// SQLite's 32766.
const PIECES: [usize; 4] = [64, 16, 4, 1];

/// The rows in pieces of the fixed sizes, in order.
pub(super) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = PIECES.into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

/// A statement with a list of rows in its middle. Only question marks are added to the constant text.
pub(super) fn statement(before: &'static str, rows: usize, columns: usize, after: &'static str) -> SqlStr {
    let row = format!("({})", vec!["?"; columns].join(", "));
    let mut sql = String::with_capacity(before.len() + rows * (row.len() + 2) + after.len());
    sql.push_str(before);
    for number in 0..rows {
        // Writing into a String cannot fail.
        let _ = write!(sql, "{}{row}", if number == 0 { " " } else { ", " });
    }
    sql.push_str(after);
    AssertSqlSafe(sql).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_cut_into_few_sizes_and_nothing_is_lost() {
        let rows: Vec<u32> = (0..87).collect();
        let sizes: Vec<usize> = pieces(&rows).map(<[u32]>::len).collect();
        assert_eq!(sizes, [64, 16, 4, 1, 1, 1]);
        assert_eq!(pieces(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<u32>(&[]).count(), 0);
    }

    #[test]
    fn rows_stand_between_the_constant_parts() {
        let sql = statement("INSERT INTO t VALUES", 2, 3, " RETURNING id");
        assert_eq!(sql.as_str(), "INSERT INTO t VALUES (?, ?, ?), (?, ?, ?) RETURNING id");
    }
}
