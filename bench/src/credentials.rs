//! The names and secrets of one run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What the load is signed with, known to the gateway. Made up for each run.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The app's id.
    pub app_id: String,
    /// The client's code.
    pub client_code: String,
    /// Signs requests.
    pub client_secret: String,
    /// Signs callbacks.
    pub callback_secret: String,
}

impl Credentials {
    /// Unlike those of any other run, so that a database can be used again.
    #[must_use]
    pub fn generate() -> Self {
        let run: u64 = rand::random();
        Self {
            app_id: format!("wx{run:016x}"),
            client_code: format!("bench{run:016x}"),
            client_secret: hex::encode(rand::random::<[u8; 16]>()),
            callback_secret: format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>())),
        }
    }

    /// Another app and client with the same secrets, since one receiver checks all callbacks.
    #[must_use]
    pub fn another(&self) -> Self {
        let Self { app_id, client_code, .. } = Self::generate();
        Self { app_id, client_code, ..self.clone() }
    }
}
