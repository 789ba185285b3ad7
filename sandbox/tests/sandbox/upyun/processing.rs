//! Tasks, their results and their notifies.

use reqwest::Method;
use serde_json::{Value, json};
use wxgate_sandbox::{Control, UpyunChange, UpyunFilter, UpyunTask};

use super::{code, to_mp3};
use crate::play::{LIMIT, Play};
use crate::receiver::{Answer, Receiver};

const AMR: &[u8] = include_bytes!("../../../samples/voice.amr");
const MP3: &[u8] = include_bytes!("../../../samples/voice.mp3");

/// The only task, once it is over.
async fn ended(play: &Play) -> UpyunTask {
    let over = |control: &Control| tasks(control).iter().any(|task| task.result.is_some());
    assert!(play.control().until(LIMIT, over).await);
    tasks(&play.control()).remove(0)
}

fn tasks(control: &Control) -> Vec<UpyunTask> {
    control.upyun_tasks(&UpyunFilter::default()).entries
}

fn without_ffmpeg(play: &Play) {
    let change = UpyunChange { ffmpeg: Some(false), ..UpyunChange::default() };
    play.control().change_upyun(change).unwrap();
}

/// What a question about one task is answered.
async fn told(play: &Play, question: &str, id: &str) -> Value {
    let told = play.got(&format!("/{question}/?service=sandbox&task_ids={id}")).await.json();
    told["tasks"][id].clone()
}

#[tokio::test]
async fn voice_becomes_an_mp3_and_the_notify_says_where() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.put("/sandbox/voice/1.amr", AMR).await;
    let ids = play.submit("/voice/1.amr", &receiver.notify_url(), &to_mp3("/voice/1.mp3")).await;

    let post = receiver.next().await;
    let notify: Value = serde_json::from_str(&post.body).unwrap();
    assert!(post.is_signed_by_upyun(), "{post:?}");
    assert_eq!(post.headers["content-type"], "application/json");
    assert_eq!((&notify["task_id"], &notify["status_code"]), (&json!(ids[0]), &json!(200)), "{notify}");
    assert_eq!(notify["path"], json!(["/voice/1.mp3"]));
    assert_eq!(notify["info"]["streams"][0]["codec"], "mp3");
    let seconds = notify["info"]["format"]["duration"].as_f64().unwrap();
    assert!((seconds / 5.0 - 1.0).abs() < 0.05, "{seconds} s of 5 s");
    assert_eq!(
        (told(&play, "status", &ids[0]).await, told(&play, "result", &ids[0]).await),
        (json!(100), notify)
    );
    let public = play.hear(play.upyun_bare(Method::GET, "/public/sandbox/voice/1.mp3")).await;
    assert_eq!((public.content_type.as_str(), &public.body[..3]), ("audio/mpeg", b"ID3".as_slice()));
    assert_eq!(play.control().upyun().conversions, 1);
}

#[tokio::test]
async fn without_ffmpeg_the_sample_is_answered_with_the_mp3_that_is_shipped() {
    let play = Play::start();
    without_ffmpeg(&play);
    play.put("/sandbox/1.amr", AMR).await;
    play.submit("/1.amr", "", &to_mp3("/1.mp3")).await;
    assert_eq!(ended(&play).await.progress, Some(100));
    assert_eq!(play.control().upyun_object("/1.mp3").unwrap(), MP3);
}

#[tokio::test]
async fn without_ffmpeg_anything_else_fails_and_says_why() {
    let play = Play::start();
    without_ffmpeg(&play);
    play.put("/sandbox/1.amr", [AMR, AMR].concat()).await;
    play.submit("/1.amr", "", &to_mp3("/1.mp3")).await;
    let result = ended(&play).await.result.unwrap();
    assert_eq!(result["status_code"], 500);
    assert!(result["description"].as_str().unwrap().contains("no ffmpeg"), "{result}");
    assert_eq!(play.control().upyun().conversions, 0);
}

#[tokio::test]
async fn a_task_that_cannot_be_done_fails_with_its_code() {
    let play = Play::start();
    play.put("/sandbox/noise.amr", "this is no sound").await;
    play.put("/sandbox/1.amr", AMR).await;
    let task = |avopts: &str| json!([{"type": "audio", "avopts": avopts, "save_as": "/x.mp3"}]);
    let cases = [
        ("/none.amr", task("/f/mp3"), 404),
        ("/noise.amr", task("/f/mp3"), 500),
        ("/1.amr", task("/f/mp3/ac/9"), 400),
        ("/1.amr", task("/f/flac"), 400),
        ("/1.amr", json!([{"type": "thumbnail", "save_as": "/x.mp3"}]), 400),
    ];
    for (source, task, expected) in cases {
        let receiver = Receiver::start();
        let ids = play.submit(source, &receiver.notify_url(), &task).await;
        let notify: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
        // Where there is no ffmpeg, noise fails as well.
        assert_eq!(notify["status_code"], expected, "{source} {task}");
        assert_eq!(told(&play, "status", &ids[0]).await, json!(-1));
    }
    assert!(play.control().upyun_object("/x.mp3").is_none());
}

#[tokio::test]
async fn several_tasks_of_one_source_are_done_and_a_name_is_made_up_where_none_is_given() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.put("/sandbox/1.amr", AMR).await;
    let tasks = json!([{"type": "audio", "avopts": "/f/mp3"}, {"type": "video", "avopts": "/f/mp3/ac/2"}]);
    assert_eq!(play.submit("1.amr", &receiver.notify_url(), &tasks).await.len(), 2);
    for _ in 0..2 {
        let notify: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
        let path = notify["path"][0].as_str().unwrap();
        let name = path.strip_prefix("/1.amr-").and_then(|name| name.strip_suffix(".mp3"));
        assert_eq!(name.map(str::len), Some(8), "{notify}");
        assert!(play.control().upyun_object(path).is_some());
    }
}

#[tokio::test]
async fn a_notify_that_is_not_taken_comes_again() {
    let play = Play::start();
    play.hurry_notifies(3);
    let receiver = Receiver::start();
    receiver.answers([Answer::Status(500), Answer::Status(302)]);
    play.submit("/none.amr", &receiver.notify_url(), &to_mp3("/x.mp3")).await;
    for _ in 0..3 {
        assert!(receiver.next().await.is_signed_by_upyun());
    }
    let posted = |control: &Control| control.upyun_notifies(&UpyunFilter::default()).total == 3;
    assert!(play.control().until(LIMIT, posted).await);
    let log = play.control().upyun_notifies(&UpyunFilter::default()).entries;
    let answers: Vec<_> = log.iter().map(|notify| (notify.attempt, notify.answered)).collect();
    assert_eq!(answers, [(1, Some(500)), (2, Some(302)), (3, Some(200))]);
}

#[tokio::test]
async fn a_notify_that_is_never_taken_is_given_up() {
    let play = Play::start();
    play.hurry_notifies(2);
    let receiver = Receiver::start();
    receiver.answers(std::iter::repeat_with(|| Answer::Status(503)).take(9));
    play.submit("/none.amr", &receiver.notify_url(), &to_mp3("/x.mp3")).await;
    let posts = |control: &Control| control.upyun_notifies(&UpyunFilter::default()).total;
    assert!(play.control().until(LIMIT, |control| posts(control) == 2).await);
    let shown = play.hear(play.get("/_sandbox/upyun/notifies?limit=1")).await.json();
    assert_eq!((&shown["total"], &shown["notifies"][0]["answered"]), (&json!(2), &json!(503)));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_when_it_is_handed_in() {
    let play = Play::start();
    let task = to_mp3("/x.mp3");
    let many = Value::from(vec![task[0].clone(); 11]);
    for (notify_url, tasks, expected) in [
        ("ftp://x/", &task, 40_010_002),
        ("", &many, 40_010_003),
        ("", &json!([]), 40_010_003),
        ("", &json!({}), 40_010_033),
        ("", &json!([{"avopts": "/f/mp3"}]), 40_010_001),
    ] {
        assert_eq!(code(&play.submitting("/1.amr", notify_url, tasks).await), expected, "{tasks}");
    }
    for (form, expected) in [
        ("service=other&source=a&tasks=W10=", 40_100_012),
        ("source=a&tasks=W10=", 40_010_001),
        ("service=sandbox&source=a&tasks=!!", 40_010_033),
        ("service=sandbox&source=a&tasks=W10=&app_name=compress", 40_011_050),
    ] {
        let refused = play.hear(play.upyun(Method::POST, "/pretreatment").body(form)).await;
        assert_eq!(code(&refused), expected, "{form}");
    }
    let ids = vec!["x"; 21].join(",");
    let many = play.got(&format!("/result?service=sandbox&task_ids={ids}")).await;
    assert_eq!(code(&many), 40_010_029);
    assert_eq!(tasks(&play.control()), []);
}
