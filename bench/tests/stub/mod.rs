//! A gateway in miniature: accepts, sends to WeChat, calls back, and errs on request. Its HTTP is
//! actix-web's and reqwest's, so that the load tool's own is proven against what gateways use.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use wxgate_bench::signature::{authcode, decode_form};

/// What goes wrong with every fourth request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    Refuse,
    NoMessage,
    MessageTwice,
    NoCallback,
    CallbackTwice,
    OtherId,
    WrongSecret,
    Failure,
}

/// What the stub serves and whom it talks to.
#[derive(Clone, Debug)]
pub struct Stub {
    pub wechat: SocketAddr,
    pub client_secret: String,
    pub callback_secret: String,
    pub fault: Fault,
    /// Jobs wait until this file is there: a worker's sign.
    pub worker: Option<PathBuf>,
}

struct Running {
    stub: Stub,
    http: reqwest::Client,
    ids: AtomicU64,
}

/// Serves on `listener` until the runtime it is called in ends.
pub fn start(stub: Stub, listener: TcpListener) -> SocketAddr {
    // A second test in this process finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let running = web::Data::from(Arc::new(Running { stub, http, ids: AtomicU64::new(1) }));
    let server = HttpServer::new(move || {
        let sends = web::post().to(accept);
        App::new().app_data(running.clone()).route("/weixinapi/async_send_tpl", sends)
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

async fn accept(
    running: web::Data<Running>,
    query: web::Query<HashMap<String, String>>,
    body: web::Bytes,
) -> HttpResponse {
    let parameters = decode_form(&body).unwrap();
    if query["authcode"] != authcode(&parameters, &running.stub.client_secret) {
        return refuse(103, "mismatch");
    }
    let parameters: HashMap<String, String> = parameters.into_iter().collect();
    let number: u64 = parameters["callback_url"].rsplit('/').next().unwrap().parse().unwrap();
    let fault = if number.is_multiple_of(4) { running.stub.fault } else { Fault::None };
    if fault == Fault::Refuse {
        return refuse(429, "too many");
    }
    let id = running.ids.fetch_add(1, Ordering::Relaxed);
    actix_web::rt::spawn(async move { running.deliver(id, &parameters, fault).await });
    HttpResponse::Ok().json(serde_json::json!({"retcode": 200, "data": id, "msg": ""}))
}

fn refuse(retcode: u16, msg: &str) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"retcode": retcode, "data": null, "msg": msg}))
}

impl Running {
    async fn deliver(&self, id: u64, parameters: &HashMap<String, String>, fault: Fault) {
        while self.stub.worker.as_ref().is_some_and(|worker| !worker.exists()) {
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..match fault {
            Fault::NoMessage => 0,
            Fault::MessageTwice => 2,
            _ => 1,
        } {
            self.message(&parameters["tpl_data"]).await;
        }
        for _ in 0..match fault {
            Fault::NoCallback => 0,
            Fault::CallbackTwice => 2,
            _ => 1,
        } {
            self.call_back(id, &parameters["callback_url"], fault).await;
        }
    }

    async fn message(&self, tpl_data: &str) {
        let url = format!("http://{}/cgi-bin/message/template/send?access_token=T", self.stub.wechat);
        self.post(url, tpl_data.to_owned()).await;
    }

    async fn call_back(&self, id: u64, url: &str, fault: Fault) {
        let told = if fault == Fault::OtherId { id + 1_000_000 } else { id }.to_string();
        let state = if fault == Fault::Failure { "failed" } else { "succeeded" };
        let secret = if fault == Fault::WrongSecret { "another" } else { &self.stub.callback_secret };
        let form = [("job_id", told.as_str()), ("send_id", &told), ("state", state), ("errmsg", "ok")];
        let body = form.map(|(name, value)| format!("{name}={value}")).join("&");
        let url = format!("{url}?authcode={}", authcode(&form, secret));
        self.post(url, body).await;
    }

    /// A test that is over takes its surroundings with it: what then fails is nobody's loss.
    async fn post(&self, url: String, body: String) {
        if let Ok(answer) = self.http.post(url).body(body).send().await {
            assert!(answer.status().is_success());
        }
    }
}
