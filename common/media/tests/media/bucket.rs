//! Media in Upyun's bucket.

use std::time::Duration;

use wxgate_media::{Bucket, MediaStore, MediaType, StorageError};
use wxgate_upyun::testing::{Fake, Fault};

use crate::support::{Data, STEM, ample, stem};

async fn bucket() -> (Fake, Bucket) {
    let fake = Fake::start().await;
    let bucket = Bucket::new(fake.client(wxgate_egress::upstream_client(Duration::from_secs(2)).unwrap()));
    (fake, bucket)
}

#[tokio::test]
async fn what_is_kept_is_at_its_address_with_its_type() {
    let (data, (fake, bucket)) = (Data::new(), bucket().await);
    let video = vec![7; 3 << 20];

    let url =
        bucket.put(&stem().with(MediaType::MP4), &data.spooled(&video).await, "video/mp4", ample()).await;

    assert_eq!(url.unwrap(), format!("http://files.test/media/{STEM}.mp4"));
    assert!(fake.file(&format!("/media/{STEM}.mp4")).unwrap() == video);
    let request = fake.requests("PUT").remove(0);
    assert_eq!(request.header("content-type"), Some("video/mp4"));
    assert_eq!(
        (request.header("content-length"), request.header("transfer-encoding")),
        (Some("3145728"), None)
    );
}

#[tokio::test]
async fn a_file_that_changed_underneath_is_not_kept() {
    let (data, (fake, bucket)) = (Data::new(), bucket().await);
    let mut file = data.spooled(b"abc").await;
    file.length = 4;
    let refused = bucket.put(&stem().with(MediaType::MP3), &file, "audio/mpeg", ample()).await;
    assert!(matches!(refused, Err(StorageError::Upyun(_))), "{refused:?}");
    assert_eq!(fake.file(&format!("/media/{STEM}.mp3")), None);
}

#[tokio::test]
async fn upyuns_refusals_are_permanent_and_its_troubles_are_not() {
    let (data, (fake, bucket)) = (Data::new(), bucket().await);
    let file = data.spooled(b"abc").await;
    for (status, permanent) in [(400, true), (403, true), (401, false), (429, false), (503, false)] {
        fake.fail_next(Fault::Answer(status, "{}"));
        let refused =
            bucket.put(&stem().with(MediaType::MP3), &file, "audio/mpeg", ample()).await.unwrap_err();
        assert_eq!(refused.is_permanent(), permanent, "{refused}");
    }
}
