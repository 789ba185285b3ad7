//! Traces: the gateway's spans, sent to a collector of OpenTelemetry's (OTLP over HTTP, protobuf).
//!
//! Nothing of this runs, and nothing is spent, unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set. That variable
//! and its like (`OTEL_SERVICE_NAME`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, …) are
//! OpenTelemetry's own, read by its library as its specification says.
//!
//! A span is an ordinary one of `tracing`, at its `debug` level. [`continues`] and [`continues_remote`]
//! are for spans that belong to a trace without being inside one of its spans.

mod parent;
mod sender;

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::registry::LookupSpan;

pub use parent::{TRACEPARENT, continues, continues_remote};

/// Where the collector is.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// What the gateway is called by collectors, unless [`SERVICE_NAME`] says otherwise.
const SERVICE: &str = "wxgate";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";

/// How long the last spans may take to be sent when the process ends.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// Why there are no traces although they are wanted.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] reqwest::Error),
    /// One of OpenTelemetry's variables cannot be used.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT or another of OpenTelemetry's variables cannot be used")]
    Exporter(#[source] ExporterBuildError),
}

/// Sends spans until it is ended.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// What the environment asks for; `None`: no traces. To be called on the Tokio runtime that sends them.
    ///
    /// # Errors
    /// [`TraceError`].
    pub fn wanted() -> Result<Option<Self>, TraceError> {
        if std::env::var_os(ENDPOINT).is_none_or(|endpoint| endpoint.is_empty()) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(sender::Sender::new(Handle::current()).map_err(TraceError::Tls)?)
            .build()
            .map_err(TraceError::Exporter)?;
        let mut resource = Resource::builder();
        if std::env::var_os(SERVICE_NAME).is_none() {
            resource = resource.with_service_name(SERVICE);
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self { provider }))
    }

    /// Takes the gateway's own spans; neither events nor what libraries do.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // A span begins when the first one inside it does, not when it is entered: which trace a request
            // belongs to is known only once its caller is. Nothing here asks OpenTelemetry what is current.
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(dynamic_filter_fn(|metadata, _| is_ours(metadata)).with_callsite_filter(
                |metadata| {
                    // Never 'always': after a log line that nobody wanted, a span that is not asked about
                    // again would be taken for unwanted, too (tracing-subscriber 0.3).
                    if is_ours(metadata) { Interest::sometimes() } else { Interest::never() }
                },
            ))
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn end(self) {
        let end = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_SPANS));
        if !matches!(end.await, Ok(Ok(()))) {
            tracing::debug!("traces.last_spans_lost");
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with(SERVICE)
}
