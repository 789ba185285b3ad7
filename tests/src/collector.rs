//! A collector of traces that others' library reads.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

/// The collector; killed when dropped.
#[derive(Debug)]
pub struct Collector {
    child: Child,
    spans: Arc<Mutex<Vec<Value>>>,
    /// Where it listens.
    pub url: String,
}

impl Collector {
    /// Starts it on a free port of 127.0.0.1.
    pub fn start() -> Self {
        let python = std::env::var("WXGATE_TEST_PYTHON")
            .expect("WXGATE_TEST_PYTHON is not set: run the tests through scripts/test");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/otlp_collector.py");
        let mut child = Command::new(python).args(["-B", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("it says its port").unwrap();
        let spans = Arc::<Mutex<Vec<Value>>>::default();
        let seen = Arc::clone(&spans);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                seen.lock().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, spans, url: format!("http://127.0.0.1:{port}") }
    }

    /// The spans that came so far.
    pub fn spans(&self) -> Vec<Value> {
        self.spans.lock().clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Ended already, or now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
