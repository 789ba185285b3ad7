//! Files.

use std::time::{Duration, SystemTime};

use reqwest::Body;
use wxgate_secret::Secret;
use wxgate_upyun::sign::{Signed, signature};
use wxgate_upyun::testing::Fault;
use wxgate_upyun::{Info, UpyunError};

use crate::support::{ABC_MD5, ample, path, put_abc, world};

#[tokio::test]
async fn a_file_is_put_looked_at_got_and_deleted() {
    let (fake, upyun) = world().await;

    put_abc(&upyun, "/a/中 文.txt").await.unwrap();
    assert_eq!(fake.file("/a/中 文.txt").unwrap(), b"abc");

    let info = upyun.head(&path("/a/中 文.txt"), ample()).await.unwrap().unwrap();
    let expected =
        Info { length: Some(3), content_type: Some("text/plain".into()), md5: Some(ABC_MD5.into()) };
    assert_eq!(info, expected);

    let mut file = upyun.get(&path("/a/中 文.txt"), ample()).await.unwrap().unwrap();
    assert_eq!((file.length(), file.content_type()), (Some(3), Some("text/plain".into())));
    assert_eq!(file.chunk().await.unwrap().unwrap(), "abc");
    assert_eq!(file.chunk().await.unwrap(), None);

    upyun.delete(&path("/a/中 文.txt"), ample()).await.unwrap();
    assert_eq!(fake.file("/a/中 文.txt"), None);
}

#[tokio::test]
async fn what_is_not_there_is_nothing_rather_than_an_error() {
    let (_fake, upyun) = world().await;
    assert_eq!(upyun.head(&path("/none"), ample()).await.unwrap(), None);
    assert!(upyun.get(&path("/none"), ample()).await.unwrap().is_none());
    upyun.delete(&path("/none"), ample()).await.unwrap();
}

#[tokio::test]
async fn a_streamed_body_goes_out_with_its_length_and_md5_and_never_in_chunks() {
    let (fake, upyun) = world().await;
    let pieces = futures_util::stream::iter(["a", "b", "c"].map(Ok::<_, std::io::Error>));

    let put = upyun.put(&path("/a.txt"), "text/plain", ABC_MD5, 3, Body::wrap_stream(pieces), ample()).await;

    put.unwrap();
    let request = fake.requests("PUT /bucket/a.txt").remove(0);
    assert_eq!(request.header("transfer-encoding"), None);
    assert_eq!((request.header("content-length"), request.header("content-md5")), (Some("3"), Some(ABC_MD5)));
    assert_eq!(fake.file("/a.txt").unwrap(), b"abc");
}

#[tokio::test]
async fn every_call_is_signed_for_what_stands_in_its_request_line_at_this_very_time() {
    let (fake, upyun) = world().await;
    put_abc(&upyun, "/a/中 文+~(x).txt").await.unwrap();

    let request = fake.requests("PUT /bucket/a/%E4%B8%AD%20%E6%96%87%2B~%28x%29.txt").remove(0);
    let date = request.header("date").unwrap();
    let signed = Signed { method: "PUT", uri: &request.uri, date, content_md5: Some(ABC_MD5) };
    let expected = format!("UPYUN operator:{}", signature(&Secret::new("CANARY"), signed));
    assert_eq!(request.header("authorization"), Some(expected.as_str()));
    let age = SystemTime::now().duration_since(httpdate::parse_http_date(date).unwrap()).unwrap();
    assert!(age < Duration::from_mins(1), "{date}");
}

#[tokio::test]
async fn a_body_that_ends_early_leaves_nothing_behind() {
    let (fake, upyun) = world().await;
    let pieces = futures_util::stream::iter([Ok("ab"), Err(std::io::Error::other("the file is gone"))]);

    let put = upyun.put(&path("/a.txt"), "text/plain", ABC_MD5, 3, Body::wrap_stream(pieces), ample()).await;

    assert!(matches!(put, Err(UpyunError::Broken(_))), "{put:?}");
    assert_eq!(fake.file("/a.txt"), None);
}

#[tokio::test]
async fn a_body_that_is_not_the_announced_one_is_refused() {
    let (fake, upyun) = world().await;
    let put = upyun.put(&path("/a.txt"), "text/plain", ABC_MD5, 3, "xyz".into(), ample()).await;
    assert!(!put.unwrap_err().is_retryable());
    assert_eq!(fake.file("/a.txt"), None);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_not_taken_for_whole() {
    let (fake, upyun) = world().await;
    put_abc(&upyun, "/a.txt").await.unwrap();
    fake.fail_next(Fault::Half);

    let mut file = upyun.get(&path("/a.txt"), ample()).await.unwrap().unwrap();
    assert_eq!(file.chunk().await.unwrap().unwrap(), "a");
    assert!(matches!(file.chunk().await, Err(UpyunError::Broken(_))));
}

#[tokio::test]
async fn everybody_fetches_a_file_below_the_public_base() {
    let (_fake, upyun) = world().await;
    assert_eq!(upyun.public_url(&path("/a b.txt")), "http://files.test/a%20b.txt");
}
