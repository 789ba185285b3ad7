//! A client that signs.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::multipart;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wxgate_secret::Secret;
use wxgate_signing::{Form, md5};

/// What the gateway answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `retcode`.
    pub retcode: i64,
    /// `data`.
    pub data: Value,
    /// `msg`.
    pub msg: String,
}

impl Answer {
    async fn read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        let body: Value =
            serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{status}, {error}: {body:?}"));
        let object = body.as_object().unwrap();
        assert!(object.len() == 3, "always all three fields, and no others: {body}");
        Ok(Self {
            status,
            retcode: body["retcode"].as_i64().unwrap(),
            data: body["data"].clone(),
            msg: body["msg"].as_str().unwrap().to_owned(),
        })
    }
}

/// A caller with its code and secret.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The gateway's address.
    pub base: String,
    /// `client_code`.
    pub code: String,
    /// `client_secret`.
    pub secret: String,
    http: reqwest::Client,
}

/// A request, signed and ready to be sent any number of times.
#[derive(Clone, Debug)]
pub struct Signed {
    interface: String,
    authcode: String,
    body: String,
}

impl Signed {
    /// The same request under another authcode.
    pub fn with_authcode(self, authcode: &str) -> Self {
        Self { authcode: authcode.to_owned(), ..self }
    }
}

impl Caller {
    /// A caller of the gateway at `base`.
    pub fn new(base: &str, code: &str, secret: &str) -> Self {
        wxgate_egress::install_crypto_provider();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: base.to_owned(), code: code.to_owned(), secret: secret.to_owned(), http }
    }

    /// The same caller at another intake.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Signs a request as the document says. Each gets a `nonce` of its own, so that two requests
    /// of one second differ.
    pub fn sign(&self, interface: &str, params: &[(&str, &str)]) -> Signed {
        let nonce = format!("{:016x}", rand::random::<u64>());
        let mut all = vec![("nonce", nonce.as_str())];
        all.extend_from_slice(params);
        self.sign_at(interface, &all, unix_seconds())
    }

    /// Signs a request made at this time, of these parameters and no others.
    pub fn sign_at(&self, interface: &str, params: &[(&str, &str)], req_time: u64) -> Signed {
        let req_time = req_time.to_string();
        let mut all = vec![("client_code", self.code.as_str()), ("req_time", &req_time)];
        all.extend_from_slice(params);
        let authcode = md5::authcode(all.iter().copied(), &Secret::new(self.secret.as_str())).to_string();
        let body =
            all.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&");
        Signed { interface: interface.to_owned(), authcode, body }
    }

    /// Sends a signed request.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(&self, signed: &Signed) -> Result<Answer, reqwest::Error> {
        self.send_with(signed, &[]).await
    }

    /// Sends a signed request with more headers.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send_with(
        &self,
        signed: &Signed,
        headers: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let url = format!("{}/weixinapi/{}?authcode={}", self.base, signed.interface, signed.authcode);
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.body(signed.body.clone()).send().await?).await
    }

    /// Signs a request that brings a file, and sends it.
    pub async fn upload(&self, interface: &str, params: &[(&str, &str)], file: &[u8]) -> Answer {
        let hash = hex::encode(Sha256::digest(file));
        let signed = self.sign(interface, &[params, &[("file_sha256", &hash)]].concat());
        let texts = Form::parse(signed.body.as_bytes()).unwrap();
        let texts = texts
            .pairs()
            .fold(multipart::Form::new(), |form, (name, value)| form.text(name.to_owned(), value.to_owned()));
        let form = texts.part("media", multipart::Part::bytes(file.to_vec()).file_name("file"));
        let url = format!("{}/weixinapi/{interface}?authcode={}", self.base, signed.authcode);
        Answer::read(self.http.post(url).multipart(form).send().await.unwrap()).await.unwrap()
    }

    /// Signs and sends.
    pub async fn call(&self, interface: &str, params: &[(&str, &str)]) -> Answer {
        self.send(&self.sign(interface, params)).await.unwrap()
    }

    /// Waits until a change made by an operator has reached the gateway: two seconds are its right.
    /// Asked is for a job that cannot be, so nothing comes of it.
    pub async fn wait_until_known(&self) {
        let began = Instant::now();
        while self.call("get_job_status", &[("job_id", "1")]).await.retcode == 104 {
            assert!(began.elapsed() < Duration::from_secs(5), "the client is still unknown");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a template message to this user and expects it to be accepted.
    pub async fn message(&self, openid: &str, more: &[(&str, &str)]) -> i64 {
        let body = template(openid);
        let mut params = vec![("tpl_data", body.as_str())];
        params.extend_from_slice(more);
        let answer = self.call("async_send_tpl", &params).await;
        assert_eq!((answer.status, answer.retcode), (200, 200), "{answer:?}");
        answer.data.as_i64().unwrap()
    }

    /// The job's status now.
    pub async fn status(&self, job: i64) -> Value {
        let answer = self.call("get_job_status", &[("job_id", &job.to_string())]).await;
        assert_eq!(answer.retcode, 200, "{answer:?}");
        answer.data
    }

    /// The job's status once it is final. Fails after a minute.
    pub async fn finished(&self, job: i64) -> Value {
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            let params = [("job_id", job.to_string()), ("wait", "10".to_owned())];
            let params: Vec<(&str, &str)> =
                params.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = self.call("get_job_status", &params).await;
            assert_eq!(answer.retcode, 200, "{answer:?}");
            if is_final(&answer.data) {
                return answer.data;
            }
            // Where too many wait already, one is answered at once.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("job {job} did not end within a minute: {}", self.status(job).await);
    }

    /// The job's status once it is another one than `known`.
    pub async fn changed(&self, job: i64, known: &str) -> Value {
        let job_id = job.to_string();
        for _ in 0..6 {
            let params = [("job_id", job_id.as_str()), ("wait", "10"), ("known_state", known)];
            let answer = self.call("get_job_status", &params).await;
            if answer.data["state"] != known {
                return answer.data;
            }
        }
        panic!("job {job} stayed {known} for a minute");
    }
}

/// A message as WeChat's template send takes it.
pub fn template(openid: &str) -> String {
    let data = json!({ "thing1": { "value": "咖啡" }, "time2": { "value": "2026年1月1日 12:00" } });
    json!({ "touser": openid, "template_id": wxgate_sandbox::TEMPLATE_ID, "data": data }).to_string()
}

fn is_final(status: &Value) -> bool {
    matches!(status["state"].as_str(), Some("succeeded" | "failed" | "cancelled"))
}

fn escape(value: &str) -> String {
    let escaped = value.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

/// Now, as requests tell it.
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
