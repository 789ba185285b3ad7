//! Conversions.

use serde_json::json;
use wxgate_upyun::testing::Fault;
use wxgate_upyun::{Progress, Task, UpyunError};

use crate::support::{ample, path, world};

const TASK: &str = "35f0148d414a688a275bf915ba7cebb2";

fn to_mp3() -> Task {
    Task {
        source: path("/voice/1.amr"),
        kind: "audio",
        avopts: "/f/mp3",
        save_as: path("/voice/1.mp3"),
        notify_url: "http://gw.example/upyun/notify".to_owned(),
    }
}

#[tokio::test]
async fn a_submitted_task_has_the_name_that_upyun_gave_it() {
    let (fake, upyun) = world().await;
    let task = upyun.submit(&to_mp3(), ample()).await.unwrap();
    assert_eq!(task.to_string(), format!("{:032x}", 1));
    let request = fake.requests("POST /pretreatment/").remove(0);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(request.header("content-md5").is_some());
}

#[tokio::test]
async fn progress_is_asked_for_by_bucket_and_task() {
    let (fake, upyun) = world().await;
    let task = TASK.parse().unwrap();
    assert_eq!(upyun.status(&task, ample()).await.unwrap(), Progress::Unknown);
    for (told, progress) in
        [(Some(20), Progress::Underway(20)), (Some(100), Progress::Done), (Some(-1), Progress::Failed)]
    {
        fake.tell(TASK, told, None, false);
        assert_eq!(upyun.status(&task, ample()).await.unwrap(), progress);
    }
    assert_eq!(fake.requests(&format!("GET /status/?service=bucket&task_ids={TASK}")).len(), 4);
}

#[tokio::test]
async fn a_result_is_read_in_both_shapes() {
    let (fake, upyun) = world().await;
    let task = TASK.parse().unwrap();
    let record = json!({
        "path": ["/voice/1.mp3"], "status_code": 200, "service": "bucket", "description": "OK",
        "task_id": TASK, "signature": "6301d2d6b3735c66", "timestamp": 1_472_010_905,
    });
    for bare in [true, false] {
        fake.tell(TASK, Some(100), Some(record.clone()), bare);
        let result = upyun.result(&task, ample()).await.unwrap().unwrap();
        assert_eq!(
            (result.status_code, result.path, result.task_id),
            (200, vec!["/voice/1.mp3".into()], TASK.into())
        );
    }
}

#[tokio::test]
async fn a_result_that_upyun_does_not_have_is_none() {
    let (fake, upyun) = world().await;
    let task = TASK.parse().unwrap();
    assert_eq!(upyun.result(&task, ample()).await.unwrap(), None);
    for answer in [r#"{"tasks":{}}"#, "{}", &format!(r#"{{"{TASK}":null}}"#)] {
        fake.fail_next(Fault::Answer(200, answer.to_owned().leak()));
        assert_eq!(upyun.result(&task, ample()).await.unwrap(), None, "{answer}");
    }
}

#[tokio::test]
async fn answers_that_do_not_say_what_they_should_are_unreadable() {
    let (fake, upyun) = world().await;
    for answer in ["", "<html>", "[]", r#"["a b"]"#, "{}", "null"] {
        fake.fail_next(Fault::Answer(200, answer));
        let submitted = upyun.submit(&to_mp3(), ample()).await;
        assert!(matches!(submitted, Err(UpyunError::Unreadable)), "{answer}: {submitted:?}");
    }
    fake.fail_next(Fault::Answer(200, "[]"));
    let status = upyun.status(&TASK.parse().unwrap(), ample()).await;
    assert!(matches!(status, Err(UpyunError::Unreadable)), "{status:?}");
}
