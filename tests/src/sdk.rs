//! A stand-in for the host that WeChat's JS-SDK comes from.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The host whose place it takes.
pub(crate) const SDK_HOST: &str = "res.wx.qq.com";
/// What the page asks that host for.
const REQUEST: &str = "GET /open/js/jweixin-1.6.0.js HTTP/1.1\r\n";
/// What it gets instead.
const SCRIPT: &str = include_str!("sdk/jweixin.js");

/// Serves the JS-SDK by HTTPS, with a certificate made on the spot; stops when dropped.
#[derive(Debug)]
pub struct SdkHost {
    pub(crate) port: u16,
    task: JoinHandle<()>,
}

impl SdkHost {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { port, task: tokio::spawn(serve(listener, acceptor())) }
    }
}

impl Drop for SdkHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor() -> TlsAcceptor {
    wxgate_egress::install_crypto_provider();
    let made = rcgen::generate_simple_self_signed([SDK_HOST.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((connection, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Browsers open connections to have them, and hang up on them.
            let _ = answer(connection, &acceptor).await;
        });
    }
}

/// Reads one request and answers it.
async fn answer(connection: TcpStream, acceptor: &TlsAcceptor) -> io::Result<()> {
    let mut stream = BufReader::new(acceptor.accept(connection).await?);
    let (mut request, mut header) = (String::new(), String::new());
    stream.read_line(&mut request).await?;
    // The empty line behind the headers has two bytes.
    while stream.read_line(&mut header).await? > 2 {
        header.clear();
    }
    let (status, body) = if request == REQUEST { ("200 OK", SCRIPT) } else { ("404 Not Found", "") };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/javascript\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
