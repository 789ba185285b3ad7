//! A gateway with everything around it, every line between two parties led over a [`Link`].

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use wxgate_sandbox::Running;
use wxgate_secret::Keyring;
use wxgate_signing::WebhookSecret;
use wxgate_tests::{Caller, Database, Pairing, Servers};

use crate::books::Books;
use crate::disk::Disk;
use crate::link::Link;
use crate::party::{Line, Party};
use crate::receivers::Receivers;
use crate::role::{Make, Role};
use crate::wechat;

/// How long a gateway may take to listen, and to know what operators told it.
const START: Duration = Duration::from_mins(1);
/// The ports that processes listen on. Below those that Linux gives to outgoing connections, which
/// might else take one while its process is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Who sends requests, for which app, and what is to happen to what is in doubt.
pub const CLIENTS: [(&str, &str, &str); 4] = [
    ("faults-a", wechat::APPS[0], "resend"),
    ("faults-b", wechat::APPS[1], "resend"),
    ("faults-c", wechat::APPS[0], "fail"),
    ("faults-d", wechat::APPS[1], "fail"),
];

/// A gateway under trial. What it was made of goes when it is dropped.
#[derive(Debug)]
pub struct Site {
    /// The gateway's processes.
    pub roles: BTreeMap<Party, Role>,
    /// The lines between all parties.
    pub links: BTreeMap<Line, Link>,
    /// The database, seen from outside.
    pub books: Books,
    /// PostgreSQL and RabbitMQ, where there are any.
    pub servers: Option<Servers>,
    /// Those who get callbacks.
    pub receivers: Receivers,
    /// WeChat.
    pub wechat: Running,
    /// The embedded store's disk, where one could be mounted.
    pub disk: Option<Disk>,
    key: String,
    kept_up: JoinSet<()>,
    folder: TempDir,
}

impl Site {
    /// Brings it all up: the simulated WeChat with users for so many requests, receivers, database,
    /// processes, apps and clients.
    ///
    /// # Errors
    /// When a part does not start, or does not come up within a minute.
    pub async fn start(binary: &Path, pairing: Pairing, requests: u64) -> Result<Self> {
        let binary = binary.canonicalize().with_context(|| format!("no program {}", binary.display()))?;
        let folder = tempfile::tempdir()?;
        let store = folder.path().join("store");
        std::fs::create_dir(&store)?;
        let disk = match pairing {
            Pairing::Embedded => Disk::mount(&store).ok(),
            Pairing::Servers => None,
        };
        let servers = match pairing {
            Pairing::Embedded => None,
            Pairing::Servers => Some(Servers::take().await),
        };
        let database = match &servers {
            None => Database::Sqlite(store.join("data/wxgate.db")),
            Some(servers) => Database::create(&servers.postgres).await,
        };
        let mut site = Self {
            roles: BTreeMap::new(),
            links: BTreeMap::new(),
            books: Books(database),
            servers,
            receivers: Receivers::start()?,
            wechat: wechat::start(requests)?,
            disk,
            key: Keyring::generate_key().expose().to_owned(),
            kept_up: JoinSet::new(),
            folder,
        };
        let listens = free_addresses(Party::processes(pairing));
        site.lay_lines(pairing, &listens).await?;
        site.set_up(&binary)?;
        site.start_processes(&binary, &listens);
        site.wait_until_ready().await?;
        Ok(site)
    }

    async fn lay_lines(&mut self, pairing: Pairing, listens: &BTreeMap<Party, SocketAddr>) -> Result<()> {
        for line in Line::all(pairing) {
            let target = match line.to {
                Party::Postgres => self.postgres()?,
                Party::RabbitMq => self.rabbitmq()?,
                Party::WeChat => self.wechat.address(),
                Party::Receiver(_) => self.receivers.address(),
                process => *listens.get(&process).context("a line to nobody")?,
            };
            self.links.insert(line, Link::start(target).await?);
        }
        Ok(())
    }

    /// Tells the gateway its apps and clients, as an operator does.
    fn set_up(&self, binary: &Path) -> Result<()> {
        let environment = self.environment(None);
        let operate = |arguments: &[&str]| self.operate(binary, &environment, arguments);
        operate(&["migrate"])?;
        for app in wechat::APPS {
            operate(&["app", "add", "--app-id", app, "--secret", wechat::APP_SECRET])?;
        }
        let callback_secret = WebhookSecret::generate().to_text();
        for (code, app, ambiguous) in CLIENTS {
            let secret = secret_of(code);
            let client = ["client", "add", "--code", code, "--secret", &secret, "--app-id", app];
            let more = ["--allow", "*", "--ambiguous", ambiguous];
            operate(&[&client[..], &more, &["--callback-secret", callback_secret.expose()]].concat())?;
        }
        Ok(())
    }

    fn operate(&self, binary: &Path, environment: &[(String, String)], arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(binary);
        command.args(arguments).env_clear().envs(environment.iter().cloned());
        let output = command.current_dir(self.folder.path()).output()?;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "wxgate {arguments:?}: {complaint}");
        Ok(())
    }

    fn start_processes(&mut self, binary: &Path, listens: &BTreeMap<Party, SocketAddr>) {
        for (party, listen) in listens {
            let Some(command) = party.command() else { continue };
            let mut environment = self.environment(Some(*party));
            environment.push(("WXGATE_LISTEN".to_owned(), listen.to_string()));
            let (binary, folder) = (binary.to_owned(), self.folder.path().to_owned());
            let role = Role::new(*party, Make { binary, command, environment, folder });
            role.start();
            self.kept_up.spawn(role.clone().keep_up());
            self.roles.insert(*party, role);
        }
    }

    /// The variables of a process, or of an operator, who is on no line.
    fn environment(&self, party: Option<Party>) -> Vec<(String, String)> {
        let link = |to| party.and_then(|from| self.links.get(&Line { from, to })).map(Link::address);
        let wechat = format!("http://{}", link(Party::WeChat).unwrap_or(self.wechat.address()));
        let mut environment = vec![
            ("WXGATE_DATABASE_URL", over(&self.books.0.url(), link(Party::Postgres))),
            ("WXGATE_ADMIN_LISTEN", "none".to_owned()),
            ("WXGATE_WECHAT_API_BASE", wechat),
            ("WXGATE_CALLBACK_ALLOW", "127.0.0.1/32".to_owned()),
            ("WXGATE_LOG", "info,wxgate_worker=debug,lapin=off".to_owned()),
        ];
        if let Some(servers) = &self.servers {
            environment.push(("WXGATE_AMQP_URL", over(&servers.amqp, link(Party::RabbitMq))));
            environment.push(("WXGATE_SECRET_KEY", self.key.clone()));
        }
        environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn postgres(&self) -> Result<SocketAddr> {
        let servers = self.servers.as_ref().context("a pairing without servers")?;
        address_in(&servers.postgres)
    }

    fn rabbitmq(&self) -> Result<SocketAddr> {
        let servers = self.servers.as_ref().context("a pairing without servers")?;
        address_in(&servers.amqp)
    }

    /// Waits until every intake knows every client.
    async fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START;
        for base in self.entrances() {
            for caller in callers() {
                while !knows(&caller.at(&base)).await {
                    ensure!(Instant::now() < deadline, "{base} does not come up: {}", self.last_words());
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
        Ok(())
    }

    /// Has this done to PostgreSQL; whether there is one.
    pub async fn database(&self, verb: &'static str) -> bool {
        let Some(servers) = &self.servers else { return false };
        servers.database(verb).await;
        true
    }

    /// Has this done to RabbitMQ; whether there is one.
    pub async fn broker(&self, verb: &'static str) -> bool {
        let Some(servers) = &self.servers else { return false };
        servers.broker(verb).await;
        true
    }

    /// Where requests can be sent to: the line to each intake.
    #[must_use]
    pub fn entrances(&self) -> Vec<String> {
        let lines = self.links.iter().filter(|(line, _)| line.to.is_intake());
        lines.map(|(_, link)| format!("http://{}", link.address())).collect()
    }

    /// The address of each receiver of callbacks, as callers give it.
    #[must_use]
    pub fn callback_addresses(&self) -> Vec<String> {
        let lines = self.links.iter().filter_map(|(line, link)| match line.to {
            Party::Receiver(number) => Some(format!("http://{}/{number}", link.address())),
            _ => None,
        });
        lines.collect()
    }

    /// Logs that tell of a panic.
    #[must_use]
    pub fn panics(&self) -> Vec<String> {
        let lines =
            self.logs().into_iter().flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| line.contains("panicked at")).collect()
    }

    /// The ends of all logs, for whoever wonders why something did not come up.
    fn last_words(&self) -> String {
        let ends =
            self.logs().into_iter().map(|log| log.lines().rev().take(3).collect::<Vec<_>>().join("\n"));
        ends.collect::<Vec<_>>().join("\n")
    }

    fn logs(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let paths = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "log"));
        paths
            .filter_map(|path| std::fs::read(path).ok())
            .map(|log| String::from_utf8_lossy(&log).into())
            .collect()
    }

    /// Keeps the logs, for whoever wants to know more of a run.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep_logs(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        for file in std::fs::read_dir(self.folder.path())? {
            let path = file?.path();
            if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|e| e == "log")) {
                std::fs::copy(&path, folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Ends the processes and removes the database.
    pub async fn end(mut self) {
        self.kept_up.shutdown().await;
        for role in self.roles.values() {
            role.kill();
        }
        self.books.0.drop().await;
    }
}

/// Those who send requests; to be sent [`Caller::at`] an entrance.
#[must_use]
pub fn callers() -> Vec<Caller> {
    CLIENTS.iter().map(|(code, ..)| Caller::new("", code, &secret_of(code))).collect()
}

/// The client that sends request `number`: its code, its app, and what it wants done in doubt.
#[must_use]
pub fn client_of(number: u64) -> (&'static str, &'static str, &'static str) {
    *pick(&CLIENTS, number)
}

/// One of them in turn.
pub(crate) fn pick<T>(of: &[T], number: u64) -> &T {
    let index = usize::try_from(number).unwrap_or_default() % of.len();
    &of[index]
}

fn secret_of(code: &str) -> String {
    format!("{code}-secret")
}

/// Whether the gateway answers and knows this caller. Asked is for a job that cannot be.
async fn knows(caller: &Caller) -> bool {
    let answer = caller.send(&caller.sign("get_job_status", &[("job_id", "1")])).await;
    answer.is_ok_and(|answer| answer.retcode == 404)
}

/// An address of 127.0.0.1 for each, that nobody listens on now.
fn free_addresses(parties: Vec<Party>) -> BTreeMap<Party, SocketAddr> {
    let from = rand::random_range(PORTS);
    let ports = (from..PORTS.end).chain(PORTS.start..from);
    let addresses = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let free = addresses.filter(|address| TcpListener::bind(address).is_ok());
    parties.into_iter().zip(free).collect()
}

/// The host and port of a server's URL.
fn address_in(url: &str) -> Result<SocketAddr> {
    let rest = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
    let (address, _) = rest.split_once('/').context("a URL without a path")?;
    address.parse().with_context(|| format!("no address: {address}"))
}

/// The same URL by way of a link.
fn over(url: &str, link: Option<SocketAddr>) -> String {
    match (link, address_in(url)) {
        (Some(link), Ok(address)) => url.replacen(&address.to_string(), &link.to_string(), 1),
        _ => url.to_owned(),
    }
}
