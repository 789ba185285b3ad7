//! Figures in rows, each beside what it is to be, what it was before, and what bounds it: as text for people.
//! Which figures there are is said by [`report`](crate::report) and [`scale`](crate::scale).

use std::fmt;

use serde::Serialize;

/// Rows about one thing.
#[derive(Clone, Debug)]
pub struct Table {
    /// What they are about; one title in all runs, since figures of former runs are found by it.
    pub title: String,
    /// In the order in which they are read.
    pub rows: Vec<Row>,
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in the history, the same in all runs.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// What it is counted in.
    pub unit: Unit,
    /// What was measured.
    pub value: f64,
    /// What it is to be, where that was said.
    pub goal: Option<Goal>,
    /// What bounds it or stands near it, in words.
    pub beside: String,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// How many in a second.
    PerSecond,
    /// Milliseconds of waiting.
    Milliseconds,
    /// Milliseconds of processor time: far smaller ones.
    CpuMilliseconds,
    /// MiB of memory.
    Mebibytes,
    /// How many times something else.
    Times,
}

/// What a figure is to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// The first or more, and if possible the second.
    AtLeastAndBetter(f64, f64),
    /// This or less.
    AtMost(f64),
}

impl Unit {
    /// A value for people.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Count | Self::PerSecond | Self::Mebibytes => grouped(value),
            Self::Milliseconds => format!("{value:.1}"),
            Self::CpuMilliseconds => format!("{value:.3}"),
            Self::Times => format!("{value:.2}"),
        }
    }

    /// A target, which is a round number.
    fn show_target(self, value: f64) -> String {
        match self {
            Self::Milliseconds => format!("{value}"),
            other => other.show(value),
        }
    }
}

impl Goal {
    /// Where the figure is to be at least, or at most.
    #[must_use]
    pub fn target(self) -> f64 {
        match self {
            Self::AtLeast(target) | Self::AtLeastAndBetter(target, _) | Self::AtMost(target) => target,
        }
    }

    /// Whether `value` is what it is to be.
    #[must_use]
    pub fn is_reached(self, value: f64) -> bool {
        match self {
            Self::AtLeast(target) | Self::AtLeastAndBetter(target, _) => value >= target,
            Self::AtMost(target) => value <= target,
        }
    }

    /// For people, in the unit of its figure.
    #[must_use]
    pub fn show(self, unit: Unit) -> String {
        let show = |value| unit.show_target(value);
        match self {
            Self::AtLeast(target) => format!("≥ {}", show(target)),
            Self::AtLeastAndBetter(target, better) => format!("≥ {} ({})", show(target), show(better)),
            Self::AtMost(target) => format!("≤ {}", show(target)),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        match self {
            Self::AtLeastAndBetter(_, better) if value >= better => "beyond",
            goal if goal.is_reached(value) => "yes",
            _ => "no",
        }
    }
}

impl Row {
    /// A figure without a goal.
    #[must_use]
    pub fn new(key: impl Into<String>, label: impl Into<String>, unit: Unit, value: f64) -> Self {
        Self { key: key.into(), label: label.into(), unit, value, goal: None, beside: String::new() }
    }

    /// The same, with what it is to be.
    #[must_use]
    pub fn to_be(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// The same, with what stands near it.
    #[must_use]
    pub fn beside(self, beside: impl Into<String>) -> Self {
        Self { beside: beside.into(), ..self }
    }
}

impl Table {
    /// Writes it at most 120 columns wide. `before` tells what a key's figure was in a former run.
    ///
    /// # Errors
    /// When nothing more can be written.
    pub fn write(&self, f: &mut fmt::Formatter<'_>, before: impl Fn(&str) -> Option<f64>) -> fmt::Result {
        line(f, &self.title, ["measured", "target", "reached", "before"], "beside it")?;
        for row in &self.rows {
            let measured = row.unit.show(row.value);
            let target = row.goal.map(|goal| goal.show(row.unit)).unwrap_or_default();
            let reached = row.goal.map(|goal| goal.verdict(row.value)).unwrap_or_default();
            let before = before(&row.key).map(|value| row.unit.show(value)).unwrap_or_default();
            line(f, &row.label, [&measured, &target, reached, &before], &row.beside)?;
        }
        writeln!(f)
    }
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, cells: [&str; 4], beside: &str) -> fmt::Result {
    let [measured, target, reached, before] = cells;
    let line = format!("{label:<42}{measured:>10}{target:>18}{reached:>9}{before:>10}   {beside}");
    writeln!(f, "{}", line.trim_end())
}

/// A whole number, its thousands set apart.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown(Table);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write(f, |key| (key == "jobs").then_some(1_234.0))
        }
    }

    #[test]
    fn a_row_stands_beside_its_target_and_what_it_was() {
        let rows = vec![
            Row::new("jobs", "jobs/s end to end", Unit::PerSecond, 6_000.4)
                .to_be(Goal::AtLeastAndBetter(5_500.0, 8_000.0))
                .beside("RabbitMQ's confirms 22,600"),
            Row::new("p99", "accept p99 (ms)", Unit::Milliseconds, 25.04).to_be(Goal::AtMost(25.0)),
            Row::new("cpu", "processor time (ms)", Unit::CpuMilliseconds, 0.25),
        ];
        let text = Shown(Table { title: "a pairing".into(), rows }).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("a pairing   ") && lines[0].ends_with("beside it"), "{text}");
        for cell in ["6,000 ", "≥ 5,500 (8,000) ", " yes ", " 1,234 ", "   RabbitMQ's confirms 22,600"] {
            assert!(lines[1].contains(cell), "{cell}: {text}");
        }
        assert!(lines[2].contains("≤ 25 ") && lines[2].contains(" no"), "{text}");
        assert!(lines[3].ends_with(" 0.250"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= 120), "{text}");
    }

    #[test]
    fn goals_say_whether_they_are_reached() {
        assert_eq!(Goal::AtLeastAndBetter(5.0, 8.0).verdict(4.9), "no");
        assert_eq!(Goal::AtLeastAndBetter(5.0, 8.0).verdict(8.0), "beyond");
        assert_eq!(Goal::AtLeast(5.0).verdict(5.0), "yes");
        assert!(Goal::AtMost(5.0).is_reached(5.0) && !Goal::AtMost(5.0).is_reached(5.1));
    }

    #[test]
    fn thousands_are_set_apart() {
        let shown = [0.4, 999.6, 12_345.0, 1_000_000.0].map(grouped);
        assert_eq!(shown, ["0", "1,000", "12,345", "1,000,000"]);
    }
}
