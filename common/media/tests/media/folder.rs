//! Media in a folder of this machine.

use std::fs;
use std::io;

use tokio::time::Instant;
use wxgate_media::storage::folder::open;
use wxgate_media::{MediaStore, MediaType, StorageError};

use crate::support::{Data, STEM, ample, names, stem};

#[tokio::test]
async fn what_is_kept_is_at_its_address_and_served_as_what_it_is() {
    let data = Data::new();
    let object = stem().with(MediaType::JPEG);

    let url = data.store.put(&object, &data.spooled(b"abc").await, "image/jpeg", ample()).await.unwrap();

    assert_eq!(url, format!("http://gw.test/media/{STEM}.jpg"));
    let (path, media) = open(&data.media(), &format!("{STEM}.jpg")).unwrap();
    assert_eq!((fs::read(path).unwrap().as_slice(), media), (&b"abc"[..], MediaType::JPEG));
    assert!(names(&data.tmp()).is_empty());
}

#[tokio::test]
async fn put_again_it_is_replaced() {
    let data = Data::new();
    let object = stem().with(MediaType::MP3);
    for bytes in [b"old".as_slice(), b"new and longer"] {
        data.store.put(&object, &data.spooled(bytes).await, "audio/mpeg", ample()).await.unwrap();
        assert_eq!(fs::read(data.media().join(object.to_string())).unwrap(), bytes);
    }
    assert_eq!(names(&data.media()).len(), 1);
}

#[tokio::test]
async fn a_file_that_changed_underneath_is_not_kept() {
    let data = Data::new();
    let mut file = data.spooled(b"abc").await;
    file.length = 4;
    let refused = data.store.put(&stem().with(MediaType::MP3), &file, "audio/mpeg", ample()).await;
    assert!(
        matches!(refused, Err(StorageError::Disk(error)) if error.kind() == io::ErrorKind::UnexpectedEof)
    );
    assert!(names(&data.media()).is_empty() && names(&data.tmp()).len() == 1);
}

#[tokio::test]
async fn past_the_deadline_nothing_appears() {
    let data = Data::new();
    let file = data.spooled(b"abc").await;
    let late =
        data.store.put(&stem().with(MediaType::MP3), &file, "audio/mpeg", Instant::now()).await.unwrap_err();
    assert!(matches!(late, StorageError::OutOfTime) && !late.is_permanent());
    assert!(names(&data.media()).is_empty());
}

#[test]
fn no_name_leads_out_of_the_folder_or_to_what_is_no_file() {
    let data = Data::new();
    fs::write(data.path().join("secret.key"), "key").unwrap();
    fs::write(data.media().join("page.html"), "<html>").unwrap();
    fs::create_dir(data.media().join(format!("{STEM}.mp3"))).unwrap();
    std::os::unix::fs::symlink("../secret.key", data.media().join(format!("{STEM}.bin"))).unwrap();
    for name in ["", ".", "..", "../secret.key", "page.html", &format!("{STEM}.mp3"), &format!("{STEM}.bin")]
    {
        assert_eq!(open(&data.media(), name), None, "{name}");
    }
}
