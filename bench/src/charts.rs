//! Which of a report's figures are drawn, and beside what.

use crate::measurement::Measurement;
use crate::peers::{PEERS, Peer};
use crate::plot::{self, Bar, Chart, Column, Kind};
use crate::report::Report;
use crate::table::{Goal, Unit};

/// A picture of the report: a column for each pairing.
#[must_use]
pub fn draw(report: &Report) -> String {
    let columns = report.measurements.iter().map(|measurement| Column {
        title: measurement.pairing.clone(),
        charts: charts(report, measurement),
    });
    let revision = report.stamp.commit.as_deref().unwrap_or("unknown");
    let note = format!("{}, revision {revision}: {}", report.stamp.at, report.stamp.place());
    plot::draw(
        "wxgate: measured, targets, the machine's parts alone, and peers",
        &note,
        &columns.collect::<Vec<_>>(),
    )
}

fn charts(report: &Report, measurement: &Measurement) -> Vec<Chart> {
    let Measurement { goals, full, light, .. } = measurement;
    let alone = &report.ceilings;
    let servers = measurement.servers_alone(alone);
    let delivery = servers.and_then(|alone| alone.delivery);
    let flushes = servers.is_none().then_some(alone.flushes);
    let inserts = servers.and_then(|alone| alone.inserts);
    let confirms = servers.and_then(|alone| alone.confirms);

    let rates = Bars(Unit::PerSecond);
    let (milliseconds, memory) = (Unit::Milliseconds, Unit::Mebibytes);
    let accepted = measurement.accept_only.map(|it| it.accepted_per_s);
    vec![
        Chart {
            title: "jobs a second, end to end",
            bars: [
                rates.own("full load", Some(full.end_to_end_per_s), goals.end_to_end_per_s),
                rates.alone("RabbitMQ, confirms", confirms),
                rates.alone("disk, flushes", flushes),
                rates.peers(|peer| Some(peer.end_to_end_per_s)),
            ]
            .concat(),
        },
        Chart {
            title: "requests accepted a second, workers stopped",
            bars: [
                rates.own("accepted", accepted, goals.accepted_per_s),
                rates.alone("PostgreSQL, inserts", inserts),
                rates.alone("bare actix-web, answers", Some(alone.answers)),
            ]
            .concat(),
        },
        Chart {
            title: "full load: until a request is accepted, p99 (ms)",
            bars: [
                Bars(milliseconds).own("accept", Some(full.accept.p99_ms), goals.accept_p99_ms),
                Bars(milliseconds).peers(|peer| peer.accept_p99_ms),
            ]
            .concat(),
        },
        Chart {
            title: "light load: from request to callback, p50 (ms)",
            bars: [
                Bars(milliseconds).own("end to end", Some(light.end_to_end.p50_ms), goals.light_p50_ms),
                Bars(milliseconds).alone("RabbitMQ, publish to deliver", delivery.map(|it| it.p50_ms)),
                Bars(milliseconds).peers(|peer| peer.light_p50_ms),
            ]
            .concat(),
        },
        Chart {
            title: "light load: from request to callback, p99 (ms)",
            bars: [
                Bars(milliseconds).own("end to end", Some(light.end_to_end.p99_ms), goals.light_p99_ms),
                Bars(milliseconds).alone("RabbitMQ, publish to deliver", delivery.map(|it| it.p99_ms)),
                Bars(milliseconds).peers(|peer| peer.light_p99_ms),
            ]
            .concat(),
        },
        Chart {
            title: "memory of all processes, peak (MiB)",
            bars: [
                Bars(memory).own("wxgate", Some(measurement.peak_mib()), goals.memory_mib),
                Bars(memory).peers(|peer| peer.memory_mib),
            ]
            .concat(),
        },
    ]
}

/// Bars in one unit.
struct Bars(Unit);

impl Bars {
    /// What was measured, where it was, and its goal.
    fn own(&self, label: &'static str, measured: Option<f64>, goal: Goal) -> Vec<Bar> {
        let measured = measured.map(|value| self.bar(label, value, Kind::Measured));
        let shown = goal.show(self.0);
        let target = Bar { shown, ..self.bar("target", goal.target(), Kind::Target) };
        measured.into_iter().chain([target]).collect()
    }

    fn alone(&self, label: &'static str, value: Option<f64>) -> Vec<Bar> {
        value.map(|value| self.bar(label, value, Kind::Ceiling)).into_iter().collect()
    }

    /// Those of which it is known.
    fn peers(&self, figure: impl Fn(&Peer) -> Option<f64>) -> Vec<Bar> {
        PEERS.iter().filter_map(|peer| Some(self.bar(peer.name, figure(peer)?, Kind::Peer))).collect()
    }

    fn bar(&self, label: &'static str, value: f64, kind: Kind) -> Bar {
        Bar { label, value, shown: self.0.show(value), kind }
    }
}
