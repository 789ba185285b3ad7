//! Voice converted by Upyun.

use std::time::Duration;

use wxgate_media::{Conversion, ConvertError, MediaType, UpyunConverter, VoiceConverter};
use wxgate_upyun::testing::{Fake, Fault};
use wxgate_upyun::{Notification, TaskResult};

use crate::support::{Data, STEM, ample, amr, stem};

/// The first task's name.
const TASK: &str = "00000000000000000000000000000001";

async fn converter() -> (Fake, UpyunConverter) {
    let fake = Fake::start().await;
    let upyun = fake.client(wxgate_egress::upstream_client(Duration::from_secs(2)).unwrap());
    (fake, UpyunConverter::new(upyun, "http://gw.test/upyun/notify".to_owned()))
}

async fn begin(converter: &UpyunConverter, media: MediaType) -> Result<Conversion, ConvertError> {
    let data = Data::new();
    converter.begin(&stem(), &data.spooled(&amr(1)).await, media, ample()).await
}

/// Begun, and ended by Upyun with this status.
async fn ended(status_code: u16) -> (Fake, Result<Conversion, ConvertError>) {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    fake.end(TASK, status_code);
    let looked = converter.look(&stem(), TASK, ample()).await;
    (fake, looked)
}

fn mp3() -> Conversion {
    Conversion::Done { url: format!("http://files.test/voice/{STEM}.mp3") }
}

fn underway(task: &str) -> Conversion {
    Conversion::Underway { task: task.to_owned() }
}

#[tokio::test]
async fn voice_is_put_into_the_bucket_and_converted_there() {
    let (fake, converter) = converter().await;

    assert_eq!(begin(&converter, MediaType::AMR).await.unwrap(), underway(TASK));

    assert_eq!(fake.file(&format!("/voice/{STEM}.amr")).unwrap(), amr(1));
    assert_eq!(fake.requests("PUT")[0].header("content-type"), Some("audio/amr"));
    let form = String::from_utf8(fake.requests("POST /pretreatment/").remove(0).body).unwrap();
    assert!(form.contains(&format!("source=%2Fvoice%2F{STEM}.amr&")), "{form}");
    assert!(form.contains("notify_url=http%3A%2F%2Fgw.test%2Fupyun%2Fnotify&"), "{form}");
}

#[tokio::test]
async fn a_conversion_is_under_way_until_upyun_says_that_it_is_done() {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    for progress in [None, Some(0), Some(99)] {
        fake.tell(TASK, progress, None, false);
        assert_eq!(converter.look(&stem(), TASK, ample()).await.unwrap(), underway(TASK));
    }
    fake.end(TASK, 200);
    assert_eq!(converter.look(&stem(), TASK, ample()).await.unwrap(), mp3());
}

#[tokio::test]
async fn begun_twice_it_leads_to_the_same_mp3() {
    let (fake, converter) = converter().await;
    assert_eq!(begin(&converter, MediaType::AMR).await.unwrap(), underway(TASK));
    let second = format!("{:032x}", 2);
    assert_eq!(begin(&converter, MediaType::AMR).await.unwrap(), underway(&second));
    fake.end(TASK, 200);
    fake.end(&second, 200);
    for task in [TASK, &second] {
        assert_eq!(converter.look(&stem(), task, ample()).await.unwrap(), mp3());
    }
}

#[tokio::test]
async fn what_is_done_is_not_begun_again() {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    fake.end(TASK, 200);
    assert_eq!(begin(&converter, MediaType::AMR).await.unwrap(), mp3());
    assert_eq!(fake.requests("POST /pretreatment/").len(), 1);
}

#[tokio::test]
async fn voice_that_is_mp3_already_needs_no_conversion() {
    let (fake, converter) = converter().await;
    assert_eq!(begin(&converter, MediaType::MP3).await.unwrap(), mp3());
    assert!(fake.file(&format!("/voice/{STEM}.mp3")).is_some() && fake.requests("POST").is_empty());
}

#[tokio::test]
async fn a_task_that_failed_is_a_permanent_failure_with_its_reason() {
    for (status, words) in [(400, "were not taken (400: words of Upyun)"), (500, "transcoding failed (500")] {
        let failed = ended(status).await.1.unwrap_err();
        assert!(failed.is_permanent() && !failed.must_begin_again());
        assert!(failed.to_string().contains(words), "{failed}");
    }
}

#[tokio::test]
async fn voice_that_upyun_does_not_find_is_handed_over_again() {
    let lost = ended(404).await.1.unwrap_err();
    assert!(matches!(lost, ConvertError::SourceMissing));
    assert!(!lost.is_permanent() && lost.must_begin_again());
}

#[tokio::test]
async fn a_result_that_upyun_keeps_no_longer_is_found_by_beginning_again() {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    fake.end(TASK, 200);
    fake.tell(TASK, Some(100), None, false);

    let lost = converter.look(&stem(), TASK, ample()).await.unwrap_err();

    assert!(matches!(lost, ConvertError::ResultMissing) && lost.must_begin_again());
    assert_eq!(begin(&converter, MediaType::AMR).await.unwrap(), mp3());
}

#[tokio::test]
async fn a_failure_without_a_record_is_permanent_too() {
    let (fake, converter) = converter().await;
    fake.tell(TASK, Some(-1), None, false);
    assert!(converter.look(&stem(), TASK, ample()).await.unwrap_err().is_permanent());
}

#[tokio::test]
async fn notification_and_polling_come_to_the_same() {
    for status_code in [200, 404, 500] {
        let (fake, looked) = ended(status_code).await;
        let upyun = fake.client(wxgate_egress::upstream_client(Duration::from_secs(2)).unwrap());
        let task = TASK.parse().unwrap();
        let notification: Notification = upyun.result(&task, ample()).await.unwrap().unwrap();
        let news = serde_json::to_string(&notification).unwrap();
        let told = UpyunConverter::new(upyun, String::new()).told(&stem(), TASK, &news, ample()).await;
        match (looked, told) {
            (Ok(looked), Ok(told)) => assert_eq!(looked, told),
            (Err(looked), Err(told)) => assert_eq!(looked.to_string(), told.to_string()),
            different => panic!("{different:?}"),
        }
    }
}

/// What Upyun's word of a success comes to when it names these files.
async fn told(converter: &UpyunConverter, path: &[&str]) -> Result<Conversion, ConvertError> {
    let (task_id, description, service) = (TASK.to_owned(), String::new(), String::new());
    let path = path.iter().map(|path| (*path).to_owned()).collect();
    let result = TaskResult { task_id, status_code: 200, description, path, service };
    converter.told(&stem(), TASK, &serde_json::to_string(&result).unwrap(), ample()).await
}

#[tokio::test]
async fn a_path_is_read_with_a_slash_in_front_and_without() {
    let (_fake, converter) = converter().await;
    for path in [format!("/voice/{STEM}.mp3"), format!("voice/{STEM}.mp3")] {
        assert_eq!(told(&converter, &[&path]).await.unwrap(), mp3());
    }
}

#[tokio::test]
async fn a_success_that_names_no_file_is_looked_for_where_the_file_was_to_go() {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    for path in [&[][..], &[""], &["/../x"]] {
        let missing = told(&converter, path).await.unwrap_err();
        assert!(matches!(missing, ConvertError::ResultMissing), "{missing:?}");
    }
    fake.end(TASK, 200);
    for path in [&[][..], &[""], &["/../x"]] {
        assert_eq!(told(&converter, path).await.unwrap(), mp3());
    }
}

#[tokio::test]
async fn news_that_cannot_be_read_is_made_up_for_by_looking() {
    let (fake, converter) = converter().await;
    begin(&converter, MediaType::AMR).await.unwrap();
    for end in [underway(TASK), mp3()] {
        assert_eq!(converter.told(&stem(), TASK, "{}", ample()).await.unwrap(), end);
        fake.end(TASK, 200);
    }
}

#[tokio::test]
async fn upyuns_own_trouble_is_tried_again_and_its_refusal_is_not() {
    let (fake, converter) = converter().await;
    for (fault, permanent) in
        [(Fault::Answer(503, ""), false), (Fault::Close, false), (Fault::Answer(400, "{}"), true)]
    {
        fake.fail_next(fault);
        assert_eq!(converter.look(&stem(), TASK, ample()).await.unwrap_err().is_permanent(), permanent);
    }
    let foreign = converter.look(&stem(), "not a task", ample()).await.unwrap_err();
    assert!(matches!(foreign, ConvertError::UnknownTask) && foreign.must_begin_again());
}
