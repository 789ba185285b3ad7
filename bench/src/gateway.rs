//! Starts a gateway for one measurement: its processes, in a temporary folder, with an app and a client.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::credentials::Credentials;
use crate::pairing::Pairing;
use crate::usage::Usage;

/// How long a process may take to listen, or to leave when asked to.
const PATIENCE: Duration = Duration::from_mins(1);
/// How much of a process's log is shown when it fails (bytes from the end).
const LOG_SHOWN: usize = 2000;

/// A running gateway. Its processes are killed and its folder is deleted when it is dropped.
#[derive(Debug)]
pub struct Gateway {
    // Dropped first: the processes must be gone before their folder is.
    processes: Vec<(&'static str, Child)>,
    binary: PathBuf,
    settings: Vec<(&'static str, String)>,
    folder: TempDir,
    /// The intake's `host:port`.
    pub intake: String,
}

impl Gateway {
    /// Migrates, starts every process of the pairing, and adds an app and a client. WeChat is at
    /// `world`, and callbacks to 127.0.0.1 are allowed.
    ///
    /// # Errors
    /// When a command fails or the intake does not listen within a minute; the log's end is in the text.
    pub async fn start(
        binary: &Path,
        pairing: &Pairing,
        world: SocketAddr,
        known: &Credentials,
    ) -> Result<Self> {
        let binary =
            binary.canonicalize().with_context(|| format!("there is no program {}", binary.display()))?;
        let intake = free_address().await?.to_string();
        let mut settings = pairing.settings();
        settings.extend([
            ("WXGATE_LISTEN", intake.clone()),
            ("WXGATE_ADMIN_LISTEN", "none".into()),
            ("WXGATE_WECHAT_API_BASE", format!("http://{world}")),
            ("WXGATE_CALLBACK_ALLOW", "127.0.0.1/32".into()),
        ]);
        let mut gateway =
            Self { processes: Vec::new(), binary, settings, folder: tempfile::tempdir()?, intake };
        if pairing.needs_migration() {
            gateway.run(&["migrate"]).await?;
        }
        for role in pairing.roles() {
            gateway.start_role(role)?;
        }
        gateway.wait_for_intake().await?;
        gateway.add(known).await?;
        Ok(gateway)
    }

    /// Starts the process of one role.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn start_role(&mut self, role: &'static str) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log_of(role))?;
        let child = self
            .command(&[role])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start wxgate {role}"))?;
        self.processes.push((role, child));
        Ok(())
    }

    /// Asks the process of one role to leave (SIGTERM), and waits for it.
    ///
    /// # Errors
    /// When it does not run, or takes longer than a minute.
    pub async fn stop_role(&mut self, role: &str) -> Result<()> {
        let running = self.processes.iter().position(|(name, _)| *name == role);
        let (_, mut child) =
            self.processes.remove(running.with_context(|| format!("no wxgate {role} runs"))?);
        let pid = child.id().with_context(|| format!("wxgate {role} has ended by itself"))?;
        // The shell's own `kill`: a program of that name is not on every machine.
        let asked =
            Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid.to_string()]).status().await?;
        ensure!(asked.success(), "cannot signal wxgate {role}");
        timeout(PATIENCE, child.wait()).await.with_context(|| format!("wxgate {role} does not leave"))??;
        Ok(())
    }

    /// Starts one more intake, known as `name`: where it listens.
    ///
    /// # Errors
    /// When the program cannot be run, or does not listen within a minute.
    pub async fn start_another(&mut self, command: &'static str, name: &'static str) -> Result<String> {
        let address = free_address().await?.to_string();
        let log = File::options().create(true).append(true).open(self.log_of(name))?;
        let mut process = self.command(&[command]);
        let process = process.env("WXGATE_LISTEN", &address).stdout(log.try_clone()?).stderr(log);
        self.processes.push((name, process.spawn().with_context(|| format!("cannot start {name}"))?));
        self.wait_for(&address).await?;
        Ok(address)
    }

    /// From now on, commands and processes are those of this program.
    ///
    /// # Errors
    /// When there is none.
    pub fn use_binary(&mut self, binary: &Path) -> Result<()> {
        self.binary =
            binary.canonicalize().with_context(|| format!("there is no program {}", binary.display()))?;
        Ok(())
    }

    /// What each process has used so far.
    ///
    /// # Errors
    /// When one has ended.
    pub fn usage(&self) -> Result<Vec<(&'static str, Usage)>> {
        self.processes
            .iter()
            .map(|(role, child)| {
                let pid =
                    child.id().with_context(|| format!("wxgate {role} has ended: {}", self.log_end(role)))?;
                Usage::of(pid).map(|usage| (*role, usage))
            })
            .collect()
    }

    /// Adds an app and a client.
    ///
    /// # Errors
    /// When either command fails.
    pub async fn add(&self, known: &Credentials) -> Result<()> {
        self.run(&["app", "add", "--app-id", &known.app_id, "--secret", "bench-app-secret"]).await?;
        let client = ["client", "add", "--code", &known.client_code, "--secret", &known.client_secret];
        let may = ["--app-id", &known.app_id, "--callback-secret", &known.callback_secret, "--allow", "*"];
        self.run(&[client, may].concat()).await
    }

    /// Runs a command of the gateway to its end.
    ///
    /// # Errors
    /// When it fails, in its own words.
    pub async fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = self.command(arguments).output().await?;
        let what = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        ensure!(
            output.status.success(),
            "wxgate {what} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WXGATE_"))
        {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Where the embedded store keeps its jobs.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/wxgate.db")
    }

    /// Waits until the intake listens.
    ///
    /// # Errors
    /// When it ends, or does not listen within a minute.
    pub async fn wait_for_intake(&mut self) -> Result<()> {
        let intake = self.intake.clone();
        self.wait_for(&intake).await
    }

    async fn wait_for(&mut self, address: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).await.is_err() {
            self.check_processes()?;
            ensure!(
                Instant::now() < deadline,
                "the intake does not listen: {}",
                self.log_end(self.processes[0].0)
            );
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn check_processes(&mut self) -> Result<()> {
        for index in 0..self.processes.len() {
            let (role, child) = &mut self.processes[index];
            let (role, ended) = (*role, child.try_wait()?);
            if let Some(status) = ended {
                bail!("wxgate {role} ended with {status}: {}", self.log_end(role));
            }
        }
        Ok(())
    }

    fn log_of(&self, role: &str) -> PathBuf {
        self.folder.path().join(format!("{role}.log"))
    }

    fn log_end(&self, role: &str) -> String {
        let log = fs::read(self.log_of(role)).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_SHOWN)..]).into_owned()
    }
}

/// An address of this machine nobody listens on now.
async fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
