//! Draws bars as SVG: columns of small charts, each with a scale of its own. What they show is chosen in
//! [`charts`](crate::charts).

use std::fmt::{self, Display, Write};

/// All lengths are pixels.
const MARGIN: f64 = 24.0;
const COLUMN: f64 = 560.0;
const LABELS: f64 = 216.0;
/// Beside the longest bar, for its value.
const VALUES: f64 = 110.0;
const ROW: f64 = 20.0;
const BAR: f64 = 14.0;
/// Above a chart's first row.
const HEADING: f64 = 26.0;
const BETWEEN: f64 = 18.0;
/// Above the charts: the title, the note, and the legend.
const TOP: f64 = 112.0;

/// What a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was measured.
    Measured,
    /// What was to be measured.
    Target,
    /// What a part does alone.
    Ceiling,
    /// What others do.
    Peer,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Measured, Self::Target, Self::Ceiling, Self::Peer];

    fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Target => "target",
            Self::Ceiling => "a part alone",
            Self::Peer => "peers",
        }
    }

    fn look(self) -> &'static str {
        match self {
            Self::Measured => r##"fill="#1f6fb2""##,
            Self::Target => r##"fill="#ffffff" stroke="#1f6fb2" stroke-dasharray="4 2""##,
            Self::Ceiling => r##"fill="#a7b0b8""##,
            Self::Peer => r##"fill="#e0a458""##,
        }
    }
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Beside it, on the left.
    pub label: &'static str,
    /// How long it is, beside the others.
    pub value: f64,
    /// Beside it, on the right.
    pub shown: String,
    /// What it stands for.
    pub kind: Kind,
}

/// Bars that are to be compared.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What they count.
    pub title: &'static str,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// A column of charts under a heading.
#[derive(Clone, Debug)]
pub struct Column {
    /// The heading.
    pub title: String,
    /// From top to bottom.
    pub charts: Vec<Chart>,
}

/// The picture, with the columns side by side.
#[must_use]
pub fn draw(title: &str, note: &str, columns: &[Column]) -> String {
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut svg, title, note, columns);
    svg
}

fn write(svg: &mut String, title: &str, note: &str, columns: &[Column]) -> fmt::Result {
    let width = columns.iter().fold(MARGIN, |x, _| x + COLUMN + MARGIN);
    let height = columns.iter().map(Column::height).fold(0.0, f64::max) + TOP + MARGIN;
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#
    )?;
    writeln!(svg, r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##)?;
    text(svg, MARGIN, 30.0, r#"font-size="18" font-weight="bold""#, title)?;
    text(svg, MARGIN, 50.0, r##"fill="#555555""##, note)?;
    let mut x = MARGIN;
    for kind in Kind::ALL {
        writeln!(svg, r#"<rect x="{x}" y="62.5" width="20" height="{BAR}" {}/>"#, kind.look())?;
        text(svg, x + 26.0, 74.0, "", kind.name())?;
        x += 120.0;
    }
    let mut x = MARGIN;
    for column in columns {
        column.write(svg, x)?;
        x += COLUMN + MARGIN;
    }
    writeln!(svg, "</svg>")
}

impl Column {
    fn height(&self) -> f64 {
        self.charts.iter().map(|chart| chart.height() + BETWEEN).sum()
    }

    fn write(&self, svg: &mut String, x: f64) -> fmt::Result {
        text(svg, x, TOP, r#"font-size="15" font-weight="bold""#, &self.title)?;
        let mut y = TOP + BETWEEN;
        for chart in &self.charts {
            chart.write(svg, x, y)?;
            y += chart.height() + BETWEEN;
        }
        Ok(())
    }
}

impl Chart {
    fn height(&self) -> f64 {
        self.bars.iter().fold(HEADING, |height, _| height + ROW)
    }

    fn write(&self, svg: &mut String, x: f64, y: f64) -> fmt::Result {
        text(svg, x, y + 14.0, r#"font-weight="bold""#, self.title)?;
        let longest = self.bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
        let (left, room) = (x + LABELS, COLUMN - LABELS - VALUES);
        let mut y = y + HEADING;
        for Bar { label, value, shown, kind } in &self.bars {
            let length = room * (value / longest).clamp(0.0, 1.0);
            let base = y + 11.0;
            text(svg, left - 8.0, base, r#"text-anchor="end""#, label)?;
            writeln!(
                svg,
                r#"<rect x="{left}" y="{y}" width="{length:.1}" height="{BAR}" {}/>"#,
                kind.look()
            )?;
            text(svg, left + length + 6.0, base, "", shown)?;
            y += ROW;
        }
        Ok(())
    }
}

fn text(svg: &mut String, x: f64, y: f64, look: &str, text: &str) -> fmt::Result {
    writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" {look}>{}</text>"#, Escaped(text))
}

/// Text as XML has it.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> String {
        let bar = |label, value, kind| Bar { label, value, shown: value.to_string(), kind };
        let bars = vec![
            bar("half <&>", 50.0, Kind::Measured),
            bar("all", 100.0, Kind::Target),
            bar("nothing", 0.0, Kind::Peer),
        ];
        let column = |title: &str| Column {
            title: title.into(),
            charts: vec![Chart { title: "jobs/s", bars: bars.clone() }],
        };
        draw("a title", "a note", &[column("one"), column("two")])
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let svg = picture();
        let lengths = svg.lines().filter(|line| line.contains("height=\"14\"") && !line.contains("62.5"));
        let of = |line: &str| line.split("width=\"").nth(1)?.split('"').next()?.parse::<f64>().ok();
        let lengths: Vec<_> = lengths.filter_map(of).collect();
        assert_eq!(lengths, [117.0, 234.0, 0.0].repeat(2));
    }

    #[test]
    fn text_is_escaped_and_the_legend_is_whole() {
        let svg = picture();
        assert!(svg.contains(">half &lt;&amp;&gt;</text>"), "{svg}");
        for kind in Kind::ALL {
            assert!(svg.contains(&format!(">{}</text>", kind.name())), "{svg}");
        }
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    }

    #[test]
    fn columns_stand_side_by_side_within_the_picture() {
        let svg = picture();
        assert!(svg.contains(r#"width="1192" height="240""#), "{svg}");
        assert!(
            svg.contains(r#"<text x="24.0" y="112.0""#) && svg.contains(r#"<text x="608.0" y="112.0""#),
            "{svg}"
        );
    }
}
