//! A whole gateway, its simulated surroundings included.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use wxgate_sandbox::{
    APP_ID, APP_SECRET, Control, Options, Running, Sandbox, UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD,
};
use wxgate_secret::Keyring;
use wxgate_signing::WebhookSecret;

use crate::{Caller, Database, Pairing, Process, Receiver, Servers, wxgate};

/// The client that every gateway knows.
pub const CLIENT: &str = "shop";
/// Its secret.
pub const SECRET: &str = "shop-secret";

/// How long a process may take to listen.
const START: Duration = Duration::from_secs(30);

/// What a gateway is to be like.
#[derive(Clone, Debug)]
pub struct Plan {
    pairing: Pairing,
    settings: Vec<(String, String)>,
    app: Vec<String>,
    client: Vec<String>,
    workers: usize,
    upyun: bool,
    watched: bool,
}

impl Plan {
    /// The usual one.
    pub fn new(pairing: Pairing) -> Self {
        let (settings, app, client) = (Vec::new(), Vec::new(), Vec::new());
        Self { pairing, settings, app, client, workers: 1, upyun: false, watched: false }
    }

    /// With one more setting.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// With the app set up in a special way, by an option of `wxgate app add` and its value.
    pub fn app(mut self, option: &str, value: &str) -> Self {
        self.app.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// With the client set up in a special way, by an option of `wxgate client add` and its value.
    pub fn client(mut self, option: &str, value: &str) -> Self {
        self.client.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// With this many worker processes. The embedded pairing has one process whatever is asked.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// With media at the simulated Upyun rather than on this machine.
    pub fn upyun(mut self) -> Self {
        self.upyun = true;
        self
    }

    /// With a listener for operators in each process.
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }

    /// Brings it up: sandbox, receiver, database, processes, the sandbox's app and one client.
    pub async fn start(self) -> Gateway {
        Gateway::start(self).await
    }
}

/// A gateway of real processes. What it was made of goes when it is dropped; [`Gateway::end`] also
/// removes its database.
#[derive(Debug)]
pub struct Gateway {
    /// Which pairing this is.
    pub pairing: Pairing,
    /// The first client.
    pub caller: Caller,
    /// The simulated WeChat.
    pub wechat: Control,
    /// Where callbacks go.
    pub receiver: Receiver,
    /// The intake processes; with the embedded pairing also the worker.
    pub intakes: Vec<Process>,
    /// The worker processes of the second pairing.
    pub workers: Vec<Process>,
    /// The jobs' database.
    pub database: Database,
    /// The test servers of the second pairing.
    pub servers: Option<Servers>,
    /// Signs callbacks.
    pub callback_secret: String,
    /// Where operators reach each process, if they do.
    pub admin: Vec<String>,
    watched: bool,
    environment: Vec<(String, String)>,
    sandbox: Running,
    folder: TempDir,
}

impl Gateway {
    async fn start(plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let upyun_listen = plan.upyun.then_some(listen);
        let sandbox = Sandbox::start(Options { listen, upyun_listen, ..Options::default() }).unwrap();
        let servers = match plan.pairing {
            Pairing::Embedded => None,
            Pairing::Servers => Some(Servers::take().await),
        };
        let database = match &servers {
            None => Database::Sqlite(folder.path().join("data/wxgate.db")),
            Some(servers) => Database::create(&servers.postgres).await,
        };
        let address = free_address();
        let environment = environment(&plan, address, &sandbox, &database, servers.as_ref());
        let mut gateway = Self {
            pairing: plan.pairing,
            caller: Caller::new("", CLIENT, SECRET),
            wechat: sandbox.control(),
            receiver: Receiver::start(),
            intakes: Vec::new(),
            workers: Vec::new(),
            database,
            servers,
            callback_secret: WebhookSecret::generate().to_text().expose().to_owned(),
            admin: Vec::new(),
            watched: plan.watched,
            environment,
            sandbox,
            folder,
        };
        gateway.set_up(&plan);
        gateway.start_intake_at(address).await;
        gateway.caller = Caller::new(&format!("http://{address}"), CLIENT, SECRET);
        for _ in 0..plan.workers {
            gateway.start_worker();
        }
        gateway
    }

    fn set_up(&self, plan: &Plan) {
        self.run(&["migrate"]);
        let mut add_app = vec!["app", "add", "--app-id", APP_ID, "--secret", APP_SECRET];
        add_app.extend(plan.app.iter().map(String::as_str));
        self.run(&add_app);
        let client: Vec<&str> = plan.client.iter().map(String::as_str).collect();
        self.add_client(CLIENT, APP_ID, &client);
    }

    /// Adds a client of this app whose secret is its code and `-secret`, and that may call everything.
    pub fn add_client(&self, code: &str, app: &str, more: &[&str]) -> Caller {
        let secret = format!("{code}-secret");
        let mut arguments =
            vec!["client", "add", "--code", code, "--secret", &secret, "--app-id", app, "--allow", "*"];
        arguments.extend(["--callback-secret", &self.callback_secret]);
        arguments.extend_from_slice(more);
        self.run(&arguments);
        Caller::new(&self.caller.base, code, &secret)
    }

    /// Starts one more intake and answers its address once it listens.
    pub async fn start_intake(&mut self) -> SocketAddr {
        let address = free_address();
        self.start_intake_at(address).await;
        address
    }

    async fn start_intake_at(&mut self, address: SocketAddr) {
        let process = self.intake_at(address).await;
        self.intakes.push(process);
    }

    async fn intake_at(&mut self, address: SocketAddr) -> Process {
        let command = match self.pairing {
            Pairing::Embedded => "serve",
            Pairing::Servers => "api",
        };
        let mut environment = self.environment_of_process();
        environment.push(("WXGATE_LISTEN".to_owned(), address.to_string()));
        let mut process = Process::start(command, &environment, self.folder.path());
        listening(address, &mut process).await;
        process
    }

    /// Starts the first intake anew, at its old address, after it was killed.
    pub async fn restart_intake(&mut self) {
        let address = self.caller.base.strip_prefix("http://").unwrap().parse().unwrap();
        self.intakes[0] = self.intake_at(address).await;
    }

    /// Starts one more worker; the embedded pairing has its worker in the intake.
    pub fn start_worker(&mut self) {
        if self.pairing == Pairing::Servers {
            let environment = self.environment_of_process();
            self.workers.push(Process::start("worker", &environment, self.folder.path()));
        }
    }

    fn environment_of_process(&mut self) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        if self.watched {
            let admin = free_address();
            environment.push(("WXGATE_ADMIN_LISTEN".to_owned(), admin.to_string()));
            self.admin.push(format!("http://{admin}"));
        }
        environment
    }

    /// The process that does the jobs.
    pub fn worker(&mut self) -> &mut Process {
        match self.pairing {
            Pairing::Embedded => &mut self.intakes[0],
            Pairing::Servers => &mut self.workers[0],
        }
    }

    /// Brings the killed process that did the jobs back.
    pub async fn restart_worker(&mut self) {
        match self.pairing {
            Pairing::Embedded => self.restart_intake().await,
            Pairing::Servers => {
                self.workers.remove(0);
                self.start_worker();
            }
        }
    }

    /// Runs an operator's command and answers what it printed as JSON.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let (success, output, errors) = self.try_run(arguments);
        assert!(success, "wxgate {arguments:?}: {errors}");
        serde_json::from_str(&output).unwrap_or(Value::Null)
    }

    /// Runs an operator's command: whether it succeeded, what it printed, what it complained of.
    pub fn try_run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = Command::new(wxgate())
            .args(arguments)
            .arg("--json")
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    /// The simulated WeChat's address.
    pub fn wechat_url(&self) -> String {
        self.sandbox.url()
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The variables that its processes get.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Processes started from now on, and commands, have this setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The value of a setting that processes get.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let found = self.environment.iter().rfind(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The receiver's address for callbacks.
    pub fn callback_url(&self) -> String {
        format!("{}/hook", self.receiver.url)
    }

    /// Ends the processes and removes the database.
    pub async fn end(mut self) {
        self.workers.clear();
        self.intakes.clear();
        self.database.drop().await;
    }
}

fn environment(
    plan: &Plan,
    address: SocketAddr,
    sandbox: &Running,
    database: &Database,
    servers: Option<&Servers>,
) -> Vec<(String, String)> {
    let mut environment = vec![
        ("WXGATE_DATABASE_URL", database.url()),
        ("WXGATE_ADMIN_LISTEN", "none".to_owned()),
        ("WXGATE_PUBLIC_URL", format!("http://{address}")),
        ("WXGATE_WECHAT_API_BASE", sandbox.url()),
        ("WXGATE_WECHAT_MP_BASE", sandbox.url()),
        ("WXGATE_WECHAT_OPEN_BASE", sandbox.url()),
        // Where ffmpeg is.
        ("PATH", std::env::var("PATH").unwrap()),
        ("WXGATE_CALLBACK_ALLOW", "127.0.0.1/32".to_owned()),
        ("WXGATE_LOG", "info,wxgate_worker=debug,lapin=off".to_owned()),
    ];
    if let Some(servers) = servers {
        environment.push(("WXGATE_AMQP_URL", servers.amqp.clone()));
        environment.push(("WXGATE_SECRET_KEY", Keyring::generate_key().expose().to_owned()));
    }
    if let Some(upyun) = sandbox.upyun_url() {
        environment.extend([
            ("WXGATE_UPYUN_PUBLIC_BASE", format!("{upyun}/public/{UPYUN_BUCKET}")),
            ("WXGATE_UPYUN_API_BASE", upyun.clone()),
            ("WXGATE_UPYUN_PROCESS_BASE", upyun),
            ("WXGATE_UPYUN_BUCKET", UPYUN_BUCKET.to_owned()),
            ("WXGATE_UPYUN_OPERATOR", UPYUN_OPERATOR.to_owned()),
            ("WXGATE_UPYUN_PASSWORD", UPYUN_PASSWORD.to_owned()),
        ]);
    }
    let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value));
    environment.chain(plan.settings.iter().cloned()).collect()
}

/// An address that nobody listens on. It is below the ports of which the kernel gives one to whoever asks for any (from
/// 32768 on, `ip_local_port_range`): another server of the tests could be given this one before our process listens.
fn free_address() -> SocketAddr {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::random()));
    loop {
        let port = 10_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Waits until something listens there.
async fn listening(address: SocketAddr, process: &mut Process) {
    let connected = tokio::time::timeout(START, async {
        while TcpStream::connect(address).await.is_err() {
            assert!(!process.has_ended(), "it ended: {}", process.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(connected.await.is_ok(), "nothing listens on {address}: {}", process.log());
}
