//! What the parts of this machine do alone, measured in the same run: the ceilings under which a gateway works.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, ensure};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, ConnectionProperties};
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::interval;

use crate::figures::{Latency, per_second};
use crate::http::Connection;
use crate::pairing::Pairing;
use crate::table::{Row, Table, Unit};

/// How long each is measured.
const TIME: Duration = Duration::from_secs(3);
/// How long the broker is measured under light load.
const LIGHT_TIME: Duration = Duration::from_secs(2);
/// What is written, inserted or published each time: as much as a request brings (bytes).
const SIZE: usize = 600;
/// A page of the disk (bytes), the least that is flushed.
const PAGE: usize = 4096;
/// Where messages go, deleted afterwards.
const QUEUE: &str = "wxgate-bench.ceiling";
/// Survives a restart (AMQP 0-9-1, basic class).
const PERSISTENT: u8 = 2;

/// Rates are per second.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Ceilings {
    /// Requests that a bare actix-web answers to this load tool.
    pub answers: f64,
    /// Flushes of one page to the disk, one after the other.
    pub flushes: f64,
    /// Rows that PostgreSQL inserts, each in a transaction of its own.
    pub inserts: Option<f64>,
    /// Messages that RabbitMQ confirms on a quorum queue.
    pub confirms: Option<f64>,
    /// From when a message is published on a quorum queue to its delivery, under light load.
    pub delivery: Option<Latency>,
}

impl Ceilings {
    /// Measures with as many connections, and for the light load as many requests a second, as the load has.
    /// Servers where a pairing has them.
    ///
    /// # Errors
    /// When a part cannot be had.
    pub async fn measure(pairings: &[Pairing], connections: usize, rate: u32) -> Result<Self> {
        let mut ceilings = Self {
            answers: answers(connections).await.context("bare actix-web")?,
            flushes: spawn_blocking(flushes).await?.context("flushes")?,
            ..Self::default()
        };
        for pairing in pairings {
            if let Pairing::Servers { postgres, amqp } = pairing {
                ceilings.inserts = Some(inserts(postgres, connections).await.context("pgbench")?);
                ceilings.confirms = Some(confirms(amqp, connections).await.context("RabbitMQ's confirms")?);
                ceilings.delivery = Some(delivery(amqp, rate).await.context("RabbitMQ's deliveries")?);
            }
        }
        Ok(ceilings)
    }

    /// For the report.
    #[must_use]
    pub fn table(&self) -> Table {
        let rate = |key: &str, label: &str, per_s: Option<f64>| {
            per_s.map(|per_s| Row::new(key, label, Unit::PerSecond, per_s))
        };
        let wait = |key: &str, label: &str, part: fn(&Latency) -> f64| {
            self.delivery.as_ref().map(|delivery| Row::new(key, label, Unit::Milliseconds, part(delivery)))
        };
        let rows = [
            rate("actix_answers_per_s", "bare actix-web, answers/s", Some(self.answers)),
            rate("flushes_per_s", "disk, flushes of one page/s", Some(self.flushes)),
            rate("postgres_inserts_per_s", "PostgreSQL, inserts each committed/s", self.inserts),
            rate("rabbitmq_confirms_per_s", "RabbitMQ, confirms of a quorum queue/s", self.confirms),
            wait("rabbitmq_delivery_p50_ms", "  light load, publish to deliver p50 (ms)", |it| it.p50_ms),
            wait("rabbitmq_delivery_p99_ms", "  light load, publish to deliver p99 (ms)", |it| it.p99_ms),
        ];
        Table { title: "parts alone".into(), rows: rows.into_iter().flatten().collect() }
    }
}

async fn answers(connections: usize) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // The body is read, as a gateway must: a connection with an unread one is closed.
    let app = || App::new().default_service(web::to(|_: web::Bytes| async { HttpResponse::Ok().body("{}") }));
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let request =
        format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: {SIZE}\r\n\r\n{}", "x".repeat(SIZE));

    let began = Instant::now();
    let mut asking = JoinSet::new();
    for _ in 0..connections {
        let (stream, request) = (TcpStream::connect(address).await?, request.clone());
        asking.spawn(async move {
            let (mut connection, mut answers) = (Connection::new(stream)?, 0);
            while began.elapsed() < TIME {
                connection.write(request.as_bytes()).await?;
                connection.read().await?.context("the server has closed")?;
                answers += 1;
            }
            Ok::<usize, anyhow::Error>(answers)
        });
    }
    let mut all = 0;
    while let Some(answers) = asking.join_next().await {
        all += answers??;
    }
    let rate = per_second(all, began.elapsed());
    handle.stop(false).await;
    serving.await??;
    Ok(rate)
}

fn flushes() -> Result<f64> {
    let mut file: File = tempfile::tempfile()?;
    let (began, mut flushes) = (Instant::now(), 0);
    while began.elapsed() < TIME {
        file.write_all(&[1; PAGE])?;
        file.sync_data()?;
        flushes += 1;
    }
    Ok(per_second(flushes, began.elapsed()))
}

/// By PostgreSQL's own tool.
async fn inserts(postgres: &str, connections: usize) -> Result<f64> {
    let mut connection = PgConnection::connect(postgres).await?;
    sqlx::raw_sql(
        "CREATE TABLE bench_ceiling (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT)",
    )
    .execute(&mut connection)
    .await?;
    let mut script = tempfile::NamedTempFile::new()?;
    writeln!(script, "INSERT INTO bench_ceiling (body) VALUES (repeat('x', {SIZE}));")?;
    let output = Command::new(pgbench()?)
        .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "1"])
        .args(["--client", &connections.to_string(), "--time", &TIME.as_secs().to_string()])
        .arg("--file")
        .arg(script.path())
        .arg(postgres)
        .stdin(Stdio::null())
        .output()
        .await?;
    sqlx::raw_sql("DROP TABLE bench_ceiling").execute(&mut connection).await?;
    connection.close().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let told = String::from_utf8_lossy(&output.stdout);
    transactions(&told).with_context(|| format!("no rate in what it told: {told}"))
}

/// Where Debian has it: beside the server, or where commands are.
fn pgbench() -> Result<PathBuf> {
    let commands = std::env::var_os("PATH").unwrap_or_default();
    let beside_servers = glob("/usr/lib/postgresql").into_iter().map(|version| version.join("bin"));
    let folders = beside_servers.chain(std::env::split_paths(&commands).collect::<Vec<_>>());
    let mut programs = folders.map(|folder| folder.join("pgbench"));
    programs
        .find(|program| program.is_file())
        .context("there is no pgbench: it comes with PostgreSQL's server")
}

fn glob(folder: &str) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// The rate in pgbench's report.
fn transactions(told: &str) -> Option<f64> {
    told.lines().find_map(|line| line.strip_prefix("tps = "))?.split(' ').next()?.parse().ok()
}

async fn confirms(amqp: &str, under_way: usize) -> Result<f64> {
    let (connection, channel) = quorum_queue(amqp).await?;
    let began = Instant::now();
    let mut published: FuturesUnordered<_> = (0..under_way).map(|_| publish(&channel)).collect();
    let mut confirmed = 0;
    while let Some(confirm) = published.next().await {
        confirm?;
        confirmed += 1;
        if began.elapsed() < TIME {
            published.push(publish(&channel));
        }
    }
    let rate = per_second(confirmed, began.elapsed());
    drop_queue(&connection, &channel).await?;
    Ok(rate)
}

/// Messages one after the other, each acknowledged, as a light load has them.
async fn delivery(amqp: &str, rate: u32) -> Result<Latency> {
    let (connection, channel) = quorum_queue(amqp).await?;
    // A channel of its own for what is delivered, as a worker has.
    let consuming = connection.create_channel().await?;
    let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
    let mut deliveries = consuming.basic_consume(QUEUE.into(), "".into(), options, none).await?;
    let mut ticks = interval(Duration::from_secs(1) / rate.max(1));
    let (began, mut latencies) = (Instant::now(), Vec::new());
    while began.elapsed() < LIGHT_TIME {
        ticks.tick().await;
        let published = Instant::now();
        // The delivery may overtake the confirm, so neither waits for the other.
        let (confirmed, delivered) = tokio::join!(publish(&channel), async {
            let delivery = deliveries.next().await.context("the broker delivers nothing more")??;
            latencies.push(published.elapsed());
            Ok::<_, anyhow::Error>(delivery.ack(BasicAckOptions::default()).await?)
        });
        confirmed?;
        delivered?;
    }
    drop_queue(&connection, &channel).await?;
    Ok(Latency::of(latencies))
}

/// An empty queue such as the gateway's, and a channel that confirms.
async fn quorum_queue(amqp: &str) -> Result<(lapin::Connection, Channel)> {
    let connection = lapin::Connection::connect(amqp, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, arguments).await?;
    Ok((connection, channel))
}

async fn drop_queue(connection: &lapin::Connection, channel: &Channel) -> Result<()> {
    channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await?;
    Ok(connection.close(200, "done".into()).await?)
}

async fn publish(channel: &Channel) -> Result<()> {
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let confirm = channel.basic_publish("".into(), QUEUE.into(), options, &[b'x'; SIZE], properties).await?;
    ensure!(confirm.await?.is_ack(), "a message was refused");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::float_cmp,
        reason = "a test fails by panicking; the expected value is exact"
    )]

    use super::*;

    #[test]
    fn the_rate_is_read_from_pgbenchs_report() {
        let told = "number of transactions actually processed: 3\nlatency average = 2.9 ms\ntps = 21888.5 (without initial connection time)\n";
        assert_eq!(transactions(told), Some(21888.5));
        assert_eq!(transactions("pgbench: error"), None);
    }

    #[tokio::test]
    async fn a_machine_has_ceilings_without_servers() {
        let ceilings = Ceilings::measure(&[Pairing::Embedded], 2, 50).await.unwrap();
        assert!(ceilings.answers > 0.0 && ceilings.flushes > 0.0, "{ceilings:?}");
        assert!(ceilings.inserts.is_none() && ceilings.confirms.is_none() && ceilings.delivery.is_none());
        assert_eq!(ceilings.table().rows.len(), 2);
    }
}
