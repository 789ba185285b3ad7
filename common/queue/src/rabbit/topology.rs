//! What must exist on the broker, and its declaration. Declaring again what exists changes nothing.
//!
//! One direct exchange routes by kind to one quorum queue per kind. What a worker rejects, or what
//! was delivered in vain too often, goes through a fanout exchange to the queue of dead letters.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ExchangeKind};
use wxgate_job::Kind;

/// Messages in one queue, each with up to 64 ids: more than workers can have waiting before they
/// find the rest in the store, and small enough to replicate and recover in a moment.
const MAX_LENGTH: i64 = 10_000;

/// Deliveries of one message before it becomes a dead letter. 20 is what RabbitMQ 4 assumes;
/// before that there was no limit, so it is spelled out.
const DELIVERY_LIMIT: i64 = 20;

/// Names on the broker.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    exchange: ShortString,
    dead: ShortString,
    queues: Vec<Queue>,
}

/// One kind's queue.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) name: ShortString,
    routing_key: ShortString,
}

impl Topology {
    /// `None` when a name is too long for AMQP.
    pub(super) fn new(prefix: &str, kinds: &[Kind]) -> Option<Self> {
        let queue = |kind: &Kind| {
            Some(Queue {
                name: ShortString::try_new(format!("{prefix}.jobs.{kind}")).ok()?,
                routing_key: routing_key(kind)?,
            })
        };
        Some(Self {
            exchange: ShortString::try_new(format!("{prefix}.jobs")).ok()?,
            dead: ShortString::try_new(format!("{prefix}.dead")).ok()?,
            queues: kinds.iter().map(queue).collect::<Option<_>>()?,
        })
    }

    /// Where doorbells are published.
    pub(super) fn exchange(&self) -> ShortString {
        self.exchange.clone()
    }

    /// Where doorbells are consumed.
    pub(super) fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// Makes sure that all of it exists.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        // Dead letters first: a queue must not run before there is somewhere to send them.
        declare_exchange(channel, &self.dead, ExchangeKind::Fanout).await?;
        declare_queue(channel, &self.dead, dead_letter_arguments()).await?;
        bind(channel, &self.dead, &self.dead, &ShortString::default()).await?;
        declare_exchange(channel, &self.exchange, ExchangeKind::Direct).await?;
        for queue in &self.queues {
            declare_queue(channel, &queue.name, self.job_arguments()).await?;
            bind(channel, &queue.name, &self.exchange, &queue.routing_key).await?;
        }
        Ok(())
    }

    /// Dead letters move at most once unless the strategy says otherwise, and that strategy
    /// requires `reject-publish`, which is also what tells the bell that a queue is full.
    fn job_arguments(&self) -> FieldTable {
        let mut arguments = quorum_queue();
        arguments.insert("x-overflow".into(), text("reject-publish"));
        arguments.insert("x-dead-letter-exchange".into(), text(self.dead.as_str()));
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-delivery-limit".into(), DELIVERY_LIMIT.into());
        arguments
    }
}

/// The routing key of a kind is its name; `None` when that is too long for AMQP.
pub(super) fn routing_key(kind: &Kind) -> Option<ShortString> {
    ShortString::try_new(kind.as_str()).ok()
}

/// Full, it lets go of its oldest letters: were it to refuse new ones, they would fill the queues
/// that they come from.
fn dead_letter_arguments() -> FieldTable {
    let mut arguments = quorum_queue();
    arguments.insert("x-overflow".into(), text("drop-head"));
    arguments
}

fn quorum_queue() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-max-length".into(), MAX_LENGTH.into());
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

async fn declare_exchange(channel: &Channel, name: &ShortString, kind: ExchangeKind) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(name.clone(), kind, options, FieldTable::default()).await
}

async fn declare_queue(channel: &Channel, name: &ShortString, arguments: FieldTable) -> lapin::Result<()> {
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.clone(), options, arguments).await?;
    Ok(())
}

async fn bind(
    channel: &Channel,
    queue: &ShortString,
    exchange: &ShortString,
    routing_key: &ShortString,
) -> lapin::Result<()> {
    channel
        .queue_bind(
            queue.clone(),
            exchange.clone(),
            routing_key.clone(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// RabbitMQ 4 drops what was delivered 20 times when there is nowhere to send it, and a dead letter
    /// moves at most once unless both strategy and overflow are as here.
    #[test]
    fn a_queue_of_jobs_is_replicated_and_loses_no_dead_letter() {
        let topology = Topology::new("wxgate", &[Kind::named("async_send_tpl")]).unwrap();
        let arguments = topology.job_arguments();
        for (name, value) in [
            ("x-queue-type", "quorum"),
            ("x-overflow", "reject-publish"),
            ("x-dead-letter-exchange", "wxgate.dead"),
            ("x-dead-letter-strategy", "at-least-once"),
        ] {
            assert_eq!(arguments.inner().get(name), Some(&text(value)), "{name}");
        }
        assert_eq!(arguments.inner().get("x-delivery-limit"), Some(&AMQPValue::LongLongInt(DELIVERY_LIMIT)));
    }
}
