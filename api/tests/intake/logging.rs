//! What is logged, and what never is.

use std::io;
use std::sync::OnceLock;

use parking_lot::Mutex;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::request::Request;
use crate::support::TestGateway;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that this test program logs is kept, at every level.
pub fn capture() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(|| Writer)
            .init();
    });
}

pub fn logged(text: &str) -> bool {
    String::from_utf8_lossy(&LOG.lock()).contains(text)
}

#[tokio::test]
async fn a_request_is_logged_without_its_values() {
    let gateway = TestGateway::start().await;
    let message = r#"{"touser":"oPrivateOpenId","template_id":"t","data":"private text"}"#;
    let request = Request::send().with("tpl_data", message).with("client_code", "other-shop");
    gateway.accepted(&request).await;
    gateway.refused(&request.clone().with("client_secret", "sent-along-secret"), 400, "client_secret").await;
    gateway.send(&request.clone().with("client_secret", "sent-along-secret").get()).await;
    gateway.refused(&request.clone().with("send_at", "private-value"), 400, "send_at").await;

    assert!(logged("interface=\"async_send_tpl\" client=\"other-shop\" job="));
    assert!(logged(" retcode=200 elapsed_us="));
    assert!(logged("request.refused"));
    let authcode = request.signature().to_string();
    for private in ["oPrivateOpenId", "private text", "private-value", "sent-along-secret", &authcode] {
        assert!(!logged(private), "{private}");
    }
}
