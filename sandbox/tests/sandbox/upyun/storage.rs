//! Files and folders.

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wxgate_sandbox::Control;

use super::code;
use crate::play::{Heard, LIMIT, Play};

const JPEG: &[u8] = include_bytes!("../../../samples/image.jpg");
/// The MD5 of `abc`.
const MD5_OF_ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

async fn names(play: &Play, folder: &str) -> Vec<String> {
    let text = String::from_utf8(play.got(folder).await.body).unwrap();
    text.split('\n').filter_map(|line| line.split('\t').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_comes_back_with_what_is_known_of_it() {
    let play = Play::start();
    let put = play.upyun(Method::PUT, "/sandbox/a/%E4%B8%AD.txt").header("x-upyun-meta-from", "test");
    let put = put.header("Content-MD5", MD5_OF_ABC).header("Content-Type", "text/x-own").body("abc");
    assert_eq!(put.send().await.unwrap().headers()["x-upyun-content-length"], "3");

    let got = play.upyun(Method::GET, "/sandbox/a/%E4%B8%AD.txt").send().await.unwrap();
    assert_eq!(got.headers()["content-md5"], MD5_OF_ABC);
    assert_eq!(got.headers()["x-upyun-meta-from"], "test");
    let got = Heard::read(got).await;
    assert_eq!((got.content_type.as_str(), got.body.as_slice()), ("text/x-own", b"abc".as_slice()));

    let head = play.upyun(Method::HEAD, "/sandbox/a/%E4%B8%AD.txt").send().await.unwrap();
    assert_eq!(head.headers()["x-upyun-file-type"], "file");
    assert_eq!(head.headers()["x-upyun-file-size"], "3");
    assert_eq!(play.control().upyun_object("/a/中.txt").unwrap(), "abc");
}

#[tokio::test]
async fn a_picture_is_measured() {
    let play = Play::start();
    let put = play.upyun(Method::PUT, "/sandbox/p.jpg").body(JPEG).send().await.unwrap();
    let told = ["width", "height", "file-type"].map(|name| put.headers()[&format!("x-upyun-{name}")].clone());
    assert_eq!(told, ["64", "48", "JPEG"]);
}

#[tokio::test]
async fn a_range_is_a_part_of_the_file() {
    let play = Play::start();
    play.put("/sandbox/a.txt", "0123456789").await;
    for path in ["/sandbox/a.txt", "/public/sandbox/a.txt"] {
        let part = play.upyun(Method::GET, path).header("Range", "bytes=2-4").send().await.unwrap();
        assert_eq!(part.headers()["content-range"], "bytes 2-4/10");
        let part = Heard::read(part).await;
        assert_eq!((part.status, part.body.as_slice()), (206, b"234".as_slice()));
        let beyond = play.hear(play.upyun(Method::GET, path).header("Range", "bytes=10-")).await;
        assert_eq!(code(&beyond), 40_001_161);
    }
}

#[tokio::test]
async fn stored_files_are_public_and_those_with_a_secret_only_with_it() {
    let play = Play::start();
    play.put("/sandbox/voice/1.mp3", "mp3").await;
    let public = play.hear(play.upyun_bare(Method::GET, "/public/sandbox/voice/1.mp3")).await;
    assert_eq!((public.content_type.as_str(), public.body.as_slice()), ("audio/mpeg", b"mp3".as_slice()));

    let put = play.upyun(Method::PUT, "/sandbox/s.txt").header("Content-Secret", "abc1").body("secret");
    assert_eq!(play.hear(put).await.status, 200);
    for (path, status) in [("s.txt", 404), ("s.txt!no", 404), ("s.txt!abc1", 200), ("nothing", 404)] {
        let heard = play.hear(play.upyun_bare(Method::GET, &format!("/public/sandbox/{path}"))).await;
        assert_eq!(heard.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_as_announced_is_refused_and_nothing_stored() {
    let play = Play::start();
    let put = |body: reqwest::Body| play.upyun(Method::PUT, "/sandbox/a.txt").body(body);
    let wrong = play.hear(put("abd".into()).header("Content-MD5", MD5_OF_ABC)).await;
    assert_eq!(code(&wrong), 40_000_006);
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("abc")]);
    assert_eq!(code(&play.hear(put(reqwest::Body::wrap_stream(pieces))).await), 40_000_011);
    // The client says no length of a body that is empty.
    assert_eq!(code(&play.hear(put("".into())).await), 40_300_026);
    let large = put("abc".into()).header("Content-Length", (64 << 20) + 1);
    assert_eq!(large.send().await.unwrap().status(), 413);
    assert_eq!(play.control().upyun_objects(), []);
}

#[tokio::test]
async fn folders_are_made_listed_and_deleted_when_they_are_empty() {
    let play = Play::start();
    let make = |path| play.upyun(Method::POST, path).header("folder", "true").header("Content-Length", 0);
    assert_eq!(play.hear(make("/sandbox/dir")).await.status, 200);
    assert_eq!(code(&play.hear(make("/sandbox/dir")).await), 40_600_002);
    assert_eq!(play.got("/sandbox/dir").await.body, b"");
    for name in ["c", "a", "b"] {
        play.put(&format!("/sandbox/dir/{name}.txt"), "abc").await;
    }
    assert_eq!(names(&play, "/sandbox/dir/").await, ["a.txt", "b.txt", "c.txt"]);
    assert_eq!(play.got("/sandbox/?usage").await.body, b"9");

    let delete = async |path: &str| play.hear(play.upyun(Method::DELETE, path)).await;
    assert_eq!(code(&delete("/sandbox/dir").await), 40_300_005);
    for name in ["a", "b", "c"] {
        assert_eq!(delete(&format!("/sandbox/dir/{name}.txt")).await.status, 200);
    }
    assert_eq!(delete("/sandbox/dir").await.status, 200);
    assert_eq!(code(&delete("/sandbox/dir").await), 40_400_001);
    assert_eq!(
        play.upyun(Method::HEAD, "/sandbox/").send().await.unwrap().headers()["x-upyun-file-type"],
        "folder"
    );
}

#[tokio::test]
async fn a_long_listing_comes_in_pages_in_either_order() {
    let play = Play::start();
    for name in ["a", "b", "c", "d", "e"] {
        play.put(&format!("/sandbox/dir/{name}"), "abc").await;
    }
    for (order, expected) in [("asc", ["a,b", "c,d", "e"]), ("desc", ["e,d", "c,b", "a"])] {
        let (mut iter, mut pages) = (String::new(), Vec::new());
        while iter != "g2gCZAAEbmV4dGQAA2VvZg" {
            let page = play.upyun(Method::GET, "/sandbox/dir").header("x-list-limit", 2);
            let page = page.header("x-list-order", order).header("x-list-iter", &iter);
            let page = page.header("Accept", "application/json");
            let page = play.hear(page).await.json();
            let files = page["files"].as_array().unwrap();
            pages.push(files.iter().map(|file| file["name"].as_str().unwrap()).collect::<Vec<_>>().join(","));
            iter = page["iter"].as_str().unwrap().to_owned();
        }
        assert_eq!(pages, expected);
    }
    let odd = play.upyun(Method::GET, "/sandbox/dir").header("x-list-order", "random");
    assert_eq!(code(&play.hear(odd).await), 40_300_014);
}

#[tokio::test]
async fn metadata_are_merged_replaced_and_deleted() {
    let play = Play::start();
    play.put("/sandbox/a", "abc").await;
    let steps = [
        ("merge", vec![("one", "1"), ("two", "2")], vec!["one", "two"]),
        ("merge", vec![("three", "3")], vec!["one", "three", "two"]),
        ("delete", vec![("two", "")], vec!["one", "three"]),
        ("replace", vec![("four", "4")], vec!["four"]),
    ];
    for (how, metas, left) in steps {
        let mut patch = play.upyun(Method::PATCH, &format!("/sandbox/a?metadata={how}"));
        for (name, value) in metas {
            patch = patch.header(format!("x-upyun-meta-{name}"), value);
        }
        assert_eq!(play.hear(patch).await.status, 200, "{how}");
        let head = play.upyun(Method::HEAD, "/sandbox/a").send().await.unwrap();
        let mut names: Vec<_> =
            head.headers().keys().filter_map(|name| name.as_str().strip_prefix("x-upyun-meta-")).collect();
        names.sort_unstable();
        assert_eq!(names, left, "{how}");
    }
    assert_eq!(code(&play.hear(play.upyun(Method::PATCH, "/sandbox/a?metadata=")).await), 40_000_044);
}

#[tokio::test]
async fn a_file_is_copied_and_moved_whether_its_name_is_encoded_or_not() {
    let play = Play::start();
    play.put("/sandbox/a/%E4%B8%AD", "abc").await;
    let transfer = |header: &str, source: &str, to: &str| {
        let request = play.upyun(Method::PUT, to).header(header, source).header("Content-Length", 0);
        play.hear(request)
    };
    let copied = transfer("X-Upyun-Copy-Source", "/sandbox/a/%E4%B8%AD", "/sandbox/b").await;
    let moved = transfer("X-Upyun-Move-Source", "/sandbox/b", "/sandbox/c/d").await;
    assert_eq!((copied.status, moved.status), (200, 200));
    let paths: Vec<_> = play.control().upyun_objects().into_iter().map(|object| object.path).collect();
    assert_eq!(paths, ["/a/中", "/c/d"]);
    for (source, expected) in [
        ("/sandbox/none", 40_400_001),
        ("/other/a", 40_000_040),
        ("/sandbox/x", 40_000_041),
        ("x", 40_000_042),
    ] {
        let refused = transfer("X-Upyun-Copy-Source", source, "/sandbox/x").await;
        assert_eq!(code(&refused), expected, "{source}");
    }
}

#[tokio::test]
async fn a_full_bucket_says_so_and_has_room_again_afterwards() {
    let play = Play::start();
    let announced = format!("PUT /sandbox/a HTTP/1.1\r\nHost: upyun\r\nContent-Length: {}\r\n\r\n", 64 << 20);
    let mut uploads = Vec::new();
    for _ in 0..4 {
        let mut upload = TcpStream::connect(play.running.upyun_address().unwrap()).await.unwrap();
        upload.write_all(announced.as_bytes()).await.unwrap();
        uploads.push(upload);
    }
    let held = |bytes| move |control: &Control| control.upyun().held_bytes == bytes;
    assert!(play.control().until(LIMIT, held(256 << 20)).await);
    assert_eq!(code(&play.put("/sandbox/b", "abc").await), 40_300_004);

    drop(uploads);
    assert!(play.control().until(LIMIT, held(0)).await);
    assert_eq!(play.put("/sandbox/b", "abc").await.status, 200);
    assert!(held(3)(&play.control()));
}

#[tokio::test]
async fn the_controls_show_what_is_stored() {
    let play = Play::start();
    play.put("/sandbox/b/c.amr", "abc").await;
    let mut shown = play.hear(play.get("/_sandbox/upyun/objects")).await.json();
    let modified = shown["objects"][0]["modified"].take();
    assert!((0..60).contains(&(play.control().clock().now_ms / 1000 - modified.as_i64().unwrap())));
    let object = json!({"path": "/b/c.amr", "bytes": 3, "content_type": "audio/amr", "md5": MD5_OF_ABC,
        "modified": null});
    assert_eq!(shown, json!({"objects": [object]}));
}
