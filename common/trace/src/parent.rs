//! Spans that go on with a trace which began elsewhere.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header by which callers say which trace a request belongs to (W3C Trace Context).
pub const TRACEPARENT: &str = "traceparent";

/// Makes `span` go on with the trace of `former`, which may end before it. To be called before `span` has a
/// span inside it.
pub fn continues(span: &Span, former: &Span) {
    if !span.is_disabled() && !former.is_disabled() {
        // Without traces there is nothing to go on with.
        let _ = span.set_parent(former.context());
    }
}

/// Makes `span` go on with the trace that a caller's header `traceparent` names. What cannot be read
/// is no header. To be called before `span` has a span inside it, and only for callers who are known:
/// whoever names a trace decides where this one is kept, and whether it is kept at all.
pub fn continues_remote(span: &Span, traceparent: &str) {
    if span.is_disabled() {
        return;
    }
    let context = TraceContextPropagator::new().extract(&Header(traceparent));
    if context.span().span_context().is_valid() {
        let _ = span.set_parent(context);
    }
}

/// The one header that is looked for.
struct Header<'a>(&'a str);

impl Extractor for Header<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
