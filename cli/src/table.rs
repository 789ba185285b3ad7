//! Tables that fit a terminal: columns as wide as they need, some of them cut when the whole would
//! exceed [`WIDTH`].

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a terminal that a table fits into.
const WIDTH: usize = 100;

/// Between two columns.
const GAP: usize = 2;

/// No column is cut below this, so that what it holds can still be told apart.
const LEAST: usize = 8;

/// Says that a cell was cut.
const CUT: char = '…';

/// Rows of cells under a heading.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    cut: Vec<bool>,
}

impl Table {
    /// A table with these headings and no rows. The columns headed by `cut` are cut where room is
    /// short.
    pub(crate) fn new<const N: usize>(headings: [&str; N], cut: &[&str]) -> Self {
        Self {
            cut: headings.map(|heading| cut.contains(&heading)).to_vec(),
            rows: vec![headings.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row of as many cells as there are headings.
    pub(crate) fn add<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| clean(&cell)).to_vec());
    }

    /// The lines, the heading first; `if_empty` when there are no rows.
    pub(crate) fn text(&self, if_empty: &str) -> String {
        if self.rows.len() == 1 {
            return if_empty.to_owned();
        }
        let widths = self.widths();
        self.rows.iter().map(|row| line(row, &widths)).collect::<Vec<_>>().join("\n")
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widest = |column: usize| self.rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..columns).map(widest).collect();
        while widths.iter().sum::<usize>() + GAP * columns.saturating_sub(1) > WIDTH {
            let cut = widths.iter_mut().zip(&self.cut).filter(|(_, cut)| **cut);
            match cut.map(|(width, _)| width).max() {
                Some(widest) if *widest > LEAST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

/// A line for each label and what it stands for.
pub(crate) fn labelled(rows: Vec<(&str, String)>) -> String {
    let width = rows.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let line = |(label, text): (&str, String)| format!("{}  {}", fitted(label, width), clean(&text));
    rows.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What came from outside must neither break a line nor steer the terminal.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, &width)| fitted(cell, width)).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

/// The text cut or filled up to `width` columns.
fn fitted(text: &str, width: usize) -> String {
    let mut fitted = if text.width() > width { shortened(text, width) } else { text.to_owned() };
    fitted.extend(std::iter::repeat_n(' ', width.saturating_sub(fitted.width())));
    fitted
}

fn shortened(text: &str, width: usize) -> String {
    let mut room = width.saturating_sub(1);
    let fits = |letter: &char| {
        let wide = letter.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    };
    text.chars().take_while(fits).chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["ID", "STATE", "WHY"], &[]);
        table.add(["1".into(), "failed".into(), String::new()]);
        table.add(["1234".into(), "queued".into(), "x".into()]);
        assert_eq!(table.text(""), "ID    STATE   WHY\n1     failed\n1234  queued  x");
    }

    #[test]
    fn what_exceeds_the_terminal_is_cut_where_it_may_be() {
        let mut table = Table::new(["ID", "WHY", "WHO"], &["WHY", "WHO"]);
        let id = "4711".repeat(10);
        table.add([id.clone(), "余额不足 ".repeat(30), "short".into()]);
        let text = table.text("");
        let row = text.lines().last().unwrap_or_default();
        assert!(row.starts_with(&format!("{id}  余额不足 ")) && row.contains(CUT), "{row}");
        assert!(row.ends_with("  short") && row.width() == WIDTH, "{row}");
    }

    #[test]
    fn what_must_not_be_cut_is_whole_even_when_it_does_not_fit() {
        let mut table = Table::new(["ID", "WHY"], &["WHY"]);
        table.add(["4".repeat(WIDTH), "because of this".into()]);
        assert!(table.text("").ends_with(&format!("{}  because…", "4".repeat(WIDTH))));
    }

    #[test]
    fn a_control_character_reaches_no_terminal() {
        let mut table = Table::new(["WHY"], &[]);
        table.add(["a\u{1b}[31m\nb".into()]);
        assert_eq!(table.text(""), "WHY\na [31m b");
    }

    #[test]
    fn labels_line_up() {
        assert_eq!(labelled(vec![("id", "1".into()), ("state", "a\nb".into())]), "id     1\nstate  a b");
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(Table::new(["ID"], &[]).text("no jobs"), "no jobs");
    }
}
