//! What an operator may give, what he gets, and what he is told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use wxgate_settings::{Lang, LogFormat, Pairing, Role, SETTINGS, Setting, Settings, SettingsError};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const POSTGRES: (&str, &str) = ("WXGATE_DATABASE_URL", "postgres://user:canary@db:5432/wx?password=canary");
const AMQP: (&str, &str) = ("WXGATE_AMQP_URL", "amqps://user:canary@mq/%2f");

fn load(environment: &[(&str, &str)], file: Option<&str>) -> Result<Settings, SettingsError> {
    Settings::load(environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())), file)
}

fn loaded(environment: &[(&str, &str)]) -> Settings {
    load(environment, None).unwrap()
}

/// The one problem with these settings.
#[track_caller]
fn problem(environment: &[(&str, &str)], file: Option<&str>) -> String {
    let error = load(environment, file).unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
    error.to_string()
}

#[test]
fn nothing_needs_to_be_set() {
    let settings = loaded(&[]);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:8080");
    assert!(matches!(&settings.pairing, Pairing::Embedded { path } if path == Path::new("data/wxgate.db")));
    assert_eq!(settings.pairing.data_dir(), PathBuf::from("data"));
    assert_eq!((settings.concurrency, settings.sync_wait), (512, Duration::from_secs(20)));
    assert_eq!(settings.retention, Duration::from_hours(720));
    assert_eq!(settings.wechat.api.join("/cgi-bin/token"), "https://api.weixin.qq.com/cgi-bin/token");
    assert!(
        settings.secret_key.is_none() && settings.admin_token.is_none() && settings.upyun.account.is_none()
    );
    assert_eq!((settings.log.filter.as_str(), settings.log.format), ("info", LogFormat::Human));
    assert_eq!(settings.lang, None);
}

#[test]
fn the_environment_goes_over_the_file() {
    let file = "listen = '0.0.0.0:9000'\nconcurrency = 16\nlang = 'zh'\n";
    let settings = load(&[("WXGATE_CONCURRENCY", "32"), ("PATH", "/bin")], Some(file)).unwrap();
    assert_eq!((settings.concurrency, settings.lang), (32, Some(Lang::Zh)));
    assert_eq!(settings.public_url.as_str(), "http://0.0.0.0:9000");
}

#[test]
fn an_empty_variable_counts_as_not_given() {
    let file = "concurrency = 16";
    let settings = load(&[("WXGATE_CONCURRENCY", ""), ("WXGATE_AMQP_URL", "")], Some(file)).unwrap();
    assert_eq!(settings.concurrency, 16);
}

#[test]
fn the_console_of_a_worker_has_another_default_port() {
    let shown = |settings: &Settings, role| settings.admin_address(role).map(|address| address.to_string());
    let default = loaded(&[]);
    assert_eq!(shown(&default, Role::Intake).as_deref(), Some("127.0.0.1:8081"));
    assert_eq!(shown(&default, Role::Worker).as_deref(), Some("127.0.0.1:8082"));
    let given = loaded(&[("WXGATE_ADMIN_LISTEN", "[::1]:7000")]);
    assert_eq!(shown(&given, Role::Worker).as_deref(), Some("[::1]:7000"));
    assert_eq!(shown(&loaded(&[("WXGATE_ADMIN_LISTEN", "none")]), Role::Intake), None);
}

#[test]
fn sqlite_paths_are_taken_as_written() {
    for (url, path, data_dir) in [
        ("sqlite://data/wx.db", "data/wx.db", "data"),
        ("sqlite:///var/lib/wx/wx.db", "/var/lib/wx/wx.db", "/var/lib/wx"),
        ("sqlite://wx.db", "wx.db", "."),
    ] {
        let pairing = loaded(&[("WXGATE_DATABASE_URL", url)]).pairing;
        assert!(matches!(&pairing, Pairing::Embedded { path: found } if found == Path::new(path)), "{url}");
        assert_eq!(pairing.data_dir(), PathBuf::from(data_dir), "{url}");
    }
}

#[test]
fn postgres_goes_with_rabbitmq_and_a_key() {
    let settings = loaded(&[POSTGRES, AMQP, ("WXGATE_SECRET_KEY", KEY)]);
    let Pairing::Servers { postgres, amqp } = &settings.pairing else { panic!("{:?}", settings.pairing) };
    assert_eq!((postgres.expose(), amqp.expose()), (POSTGRES.1, AMQP.1));
    assert_eq!(
        (postgres.to_string().as_str(), amqp.to_string().as_str()),
        ("postgres://db:5432/wx", "amqps://mq/%2f")
    );
    assert_eq!(settings.pairing.data_dir(), PathBuf::from("data"));
}

#[test]
fn a_mixed_pairing_is_refused_with_what_to_do() {
    let without = problem(&[POSTGRES, ("WXGATE_SECRET_KEY", KEY)], None);
    assert!(without.starts_with("WXGATE_AMQP_URL must be given with Postgres"), "{without}");
    let with = problem(&[AMQP], None);
    assert!(with.starts_with("WXGATE_AMQP_URL must not be given with SQLite"), "{with}");
    let explicit = problem(&[("WXGATE_DATABASE_URL", "sqlite://x.db"), AMQP], None);
    assert!(explicit.starts_with("WXGATE_AMQP_URL must not be given with SQLite"), "{explicit}");
}

#[test]
fn postgres_without_a_key_is_refused() {
    let missing = problem(&[POSTGRES, AMQP], None);
    assert!(missing.starts_with("WXGATE_SECRET_KEY must be given with Postgres"), "{missing}");
}

#[test]
fn unknown_names_are_named_wherever_they_stand() {
    assert_eq!(problem(&[("WXGATE_LISTENN", "x")], None), "WXGATE_LISTENN is not a setting");
    assert_eq!(problem(&[("WXGATE_LISTENN", "")], None), "WXGATE_LISTENN is not a setting");
    assert_eq!(problem(&[], Some("listenn = 'x'")), "'listenn' in wxgate.toml is not a setting");
    assert_eq!(problem(&[], Some("[listen]\na = 1")), "'listen' in wxgate.toml must be a text or a number");
    assert_eq!(problem(&[], Some("WXGATE_LISTEN = 'x'")), "'WXGATE_LISTEN' in wxgate.toml is not a setting");
    assert_eq!(
        problem(&[("WXGATE_CONFIG", "/etc/wx.toml")], Some("a = 1")),
        "'a' in /etc/wx.toml is not a setting"
    );
}

#[test]
fn variables_of_others_and_of_the_tests_are_ignored() {
    assert!(
        load(
            &[("WXGATE_TEST_POSTGRES_URL", "x"), ("WXGATE_CONFIG", "x"), ("WX", "x"), ("listen", "x")],
            None
        )
        .is_ok()
    );
}

#[test]
fn every_unusable_value_is_named_with_what_would_do() {
    for (name, value) in [
        ("WXGATE_LISTEN", "8080"),
        ("WXGATE_LISTEN", "localhost:8080"),
        ("WXGATE_ADMIN_LISTEN", "off"),
        ("WXGATE_PUBLIC_URL", "gw.example"),
        ("WXGATE_CONCURRENCY", "0"),
        ("WXGATE_CONCURRENCY", "10001"),
        ("WXGATE_SYNC_WAIT_MS", "60001"),
        ("WXGATE_SYNC_WAIT_MS", "-1"),
        ("WXGATE_RETENTION_DAYS", "0"),
        ("WXGATE_RETENTION_DAYS", "3651"),
        ("WXGATE_CALLBACK_ALLOW", "10.0.0.0/8,localhost"),
        ("WXGATE_WECHAT_API_BASE", "ftp://x"),
        ("WXGATE_WECHAT_MP_BASE", "https://x/?a"),
        ("WXGATE_WECHAT_OPEN_BASE", "x"),
        ("WXGATE_UPYUN_API_BASE", "x"),
        ("WXGATE_UPYUN_PROCESS_BASE", "x"),
        ("WXGATE_UPYUN_PUBLIC_BASE", "x"),
        ("WXGATE_LOG", "info,=="),
        ("WXGATE_LOG_FORMAT", "xml"),
        ("WXGATE_LANG", "fr"),
    ] {
        let found = problem(&[(name, value)], None);
        assert!(found.starts_with(&format!("{name} is '{value}': it must ")), "{found}");
    }
}

#[test]
fn values_at_their_limits_are_taken() {
    for (name, value) in [
        ("WXGATE_CONCURRENCY", "1"),
        ("WXGATE_CONCURRENCY", "10000"),
        ("WXGATE_SYNC_WAIT_MS", "0"),
        ("WXGATE_SYNC_WAIT_MS", "60000"),
        ("WXGATE_RETENTION_DAYS", "1"),
        ("WXGATE_RETENTION_DAYS", "3650"),
    ] {
        assert!(load(&[(name, value)], None).is_ok(), "{name} {value}");
    }
}

#[test]
fn unusable_secrets_are_named_but_not_shown() {
    for (name, value) in [
        ("WXGATE_DATABASE_URL", "mysql://user:canary@db/wx"),
        ("WXGATE_DATABASE_URL", "postgres://user:canary@db:port/wx"),
        ("WXGATE_DATABASE_URL", "sqlite://canary.db?mode=memory"),
        ("WXGATE_DATABASE_URL", "sqlite://"),
        ("WXGATE_DATABASE_URL", "sqlite://:memory:"),
        ("WXGATE_SECRET_KEY", "canary"),
        ("WXGATE_ADMIN_TOKEN", "canary-too-sho"),
        ("WXGATE_ADMIN_TOKEN", "canary with blanks in it"),
    ] {
        let found = problem(&[(name, value)], None);
        assert!(found.starts_with(&format!("{name} must ")) && !found.contains("canary"), "{found}");
    }
    let key = ("WXGATE_SECRET_KEY", KEY);
    let found = problem(&[POSTGRES, ("WXGATE_AMQP_URL", "http://u:canary@mq"), key], None);
    assert_eq!(found, "WXGATE_AMQP_URL must begin with amqp:// or amqps://");
}

#[test]
fn a_file_that_is_no_toml_is_told_by_line_without_quoting_it() {
    let found = problem(&[], Some("listen = '127.0.0.1:1'\nadmin_token = canary\n"));
    assert!(found.starts_with("wxgate.toml cannot be read, line 2: "), "{found}");
    assert!(!found.contains("canary"), "{found}");
}

#[test]
fn all_problems_are_told_at_once() {
    let environment =
        [("WXGATE_LISTEN", "x"), ("WXGATE_LANG", "x"), ("WXGATE_X", "x"), ("WXGATE_UPYUN_BUCKET", "b"), AMQP];
    let error = load(&environment, Some("log_format = 'x'\ny = 1")).unwrap_err().to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 7, "{error}");
    for name in
        ["WXGATE_LISTEN", "WXGATE_LANG", "WXGATE_X", "UPYUN_OPERATOR", "WXGATE_AMQP_URL", "log_format", "'y'"]
    {
        assert!(lines.iter().any(|line| line.contains(name)), "{name}: {error}");
    }
}

#[test]
fn upyun_needs_bucket_operator_and_password_together() {
    let all = [
        ("WXGATE_UPYUN_BUCKET", "shop-1"),
        ("WXGATE_UPYUN_OPERATOR", "op"),
        ("WXGATE_UPYUN_PASSWORD", "canary"),
    ];
    let account = loaded(&all).upyun.account.unwrap();
    assert_eq!((account.bucket.as_str(), account.operator.as_str()), ("shop-1", "op"));
    assert_eq!(
        (account.password.expose(), account.public.as_str()),
        ("canary", "https://shop-1.b0.upaiyun.com")
    );
    for left_out in 0..all.len() {
        let mut some = all.to_vec();
        let (name, _) = some.remove(left_out);
        assert!(problem(&some, None).ends_with(&format!(": {name} not given")));
    }
    assert!(
        problem(&[("WXGATE_UPYUN_BUCKET", "a/b"), all[1], all[2]], None)
            .starts_with("WXGATE_UPYUN_BUCKET is 'a/b'")
    );
}

#[test]
fn a_list_of_keys_is_kept_as_given() {
    let list = format!("{KEY},{}", KEY.to_uppercase());
    let settings = loaded(&[("WXGATE_SECRET_KEY", &list)]);
    assert_eq!(settings.secret_key.unwrap().expose(), list);
}

#[test]
fn debug_shows_no_secret() {
    let environment = [
        POSTGRES,
        AMQP,
        ("WXGATE_SECRET_KEY", KEY),
        ("WXGATE_ADMIN_TOKEN", "canary-0123456789"),
        ("WXGATE_UPYUN_BUCKET", "b"),
        ("WXGATE_UPYUN_OPERATOR", "op"),
        ("WXGATE_UPYUN_PASSWORD", "canary"),
    ];
    let shown = format!("{:#?}", loaded(&environment));
    assert!(!shown.contains("canary") && !shown.contains("0001020304"), "{shown}");
}

#[test]
fn everything_that_may_hold_a_secret_is_marked() {
    let marked = SETTINGS.iter().filter(|setting| setting.secret).map(Setting::key).collect::<Vec<_>>();
    assert_eq!(marked, ["database_url", "amqp_url", "secret_key", "admin_token", "upyun_password"]);
}
