//! Media: fetched from WeChat, kept, converted.

use wxgate_sandbox::{Control, NewMedia, Sample};

mod converted;
mod downloaded;

/// Where media are fetched from.
const GET: &str = "/cgi-bin/media/get";

/// As if a user had sent it.
fn sent(wechat: &Control, sample: Sample) -> String {
    wechat.put_media(NewMedia::sample(sample)).unwrap().media_id
}
