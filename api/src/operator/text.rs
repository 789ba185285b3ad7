//! Prometheus' text format, for numbers that are not counted here but asked for when they are shown.

use std::fmt::Write as _;

/// Families of numbers, one after the other.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// A family that may go up and down. It is named although it may have no numbers at the moment.
    pub(super) fn gauge<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        labels: [&str; N],
        rows: impl IntoIterator<Item = ([String; N], f64)>,
    ) {
        self.family(name, help, "gauge", labels, rows);
    }

    /// A family that only goes up.
    pub(super) fn counter<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        labels: [&str; N],
        rows: impl IntoIterator<Item = ([String; N], f64)>,
    ) {
        self.family(name, help, "counter", labels, rows);
    }

    /// All that was written.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn family<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        kind: &str,
        labels: [&str; N],
        rows: impl IntoIterator<Item = ([String; N], f64)>,
    ) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (values, number) in rows {
            self.0.push_str(name);
            for (place, (label, value)) in labels.iter().zip(&values).enumerate() {
                let before = if place == 0 { '{' } else { ',' };
                let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(value));
            }
            let after = if N == 0 { "" } else { "}" };
            let _ = writeln!(self.0, "{after} {number}");
        }
    }
}

/// One number without labels.
pub(super) fn only(number: f64) -> [([String; 0], f64); 1] {
    [([], number)]
}

/// A count, which becomes inexact beyond 2^53 only.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_its_type_and_its_rows() {
        let mut text = Text::default();
        text.gauge("a", "All a", [], only(1.5));
        text.counter("b_total", "All b", ["x", "y"], [(["1".to_owned(), "\"\\\n".to_owned()], float(7))]);
        text.gauge("c", "No c", ["x"], []);
        let expected = "# HELP a All a\n# TYPE a gauge\na 1.5\n\
                        # HELP b_total All b\n# TYPE b_total counter\nb_total{x=\"1\",y=\"\\\"\\\\\\n\"} 7\n\
                        # HELP c No c\n# TYPE c gauge\n";
        assert_eq!(text.finish(), expected);
    }
}
