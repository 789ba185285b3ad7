//! `wxgate check`: one line for each thing that must be right, and what to do where it is not.
//! Changes nothing.

mod apps;
mod platforms;
mod store;
mod upstream;
mod upyun;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use wxgate_settings::{Settings, SettingsError};

use crate::output::{Output, Shown, sentence};

/// What to check.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Ask WeChat about each platform and each enabled app as well; retires no token in use.
    #[arg(long)]
    apps: bool,
}

/// Checks everything that the settings name.
///
/// # Errors
/// When anything is wrong.
pub(crate) async fn run(settings: &Settings, args: &CheckArgs, output: Output) -> anyhow::Result<()> {
    let mut findings = vec![Finding::new("settings", Ok("all known and usable".to_owned()))];
    findings.extend(store::findings(settings).await);
    findings.push(Finding::new("WeChat", upstream::wechat(settings).await));
    findings.extend(upyun::finding(settings).await);
    if args.apps {
        findings.extend(apps::findings(settings).await);
    }
    report(findings, output)
}

/// Checks nothing else when the settings are wrong.
///
/// # Errors
/// Always.
pub(crate) fn report_settings(error: &SettingsError, output: Output) -> anyhow::Result<()> {
    let wrong = |problem: &String| Finding::new("settings", Err(anyhow::anyhow!(problem.clone())));
    report(error.problems().iter().map(wrong).collect(), output)
}

fn report(findings: Vec<Finding>, output: Output) -> anyhow::Result<()> {
    let wrong = findings.iter().filter(|finding| !finding.ok).count();
    let report = Report { ok: wrong == 0, findings };
    output.show(&report)?;
    if wrong > 0 {
        bail!("{wrong} of {} checks failed", report.findings.len());
    }
    Ok(())
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    findings: Vec<Finding>,
}

/// What one check found.
#[derive(Debug, Serialize)]
struct Finding {
    subject: String,
    ok: bool,
    message: String,
}

impl Finding {
    fn new(subject: impl Into<String>, result: anyhow::Result<String>) -> Self {
        let ok = result.is_ok();
        Self { subject: subject.into(), ok, message: result.unwrap_or_else(|error| sentence(&error)) }
    }
}

impl Shown for Report {
    fn text(&self) -> String {
        let line = |finding: &Finding| {
            let verdict = if finding.ok { "ok   " } else { "WRONG" };
            format!("{verdict}  {}: {}\n", finding.subject, finding.message)
        };
        self.findings.iter().map(line).collect()
    }
}
