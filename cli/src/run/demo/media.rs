//! What the demo plays with media: a picture that is fetched, a voice message that becomes an MP3. Both
//! are kept at the simulated Upyun.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use wxgate_sandbox::{Control, NewMedia, Sample};
use wxgate_secret::Secret;

use super::caller::Caller;
use super::receiver::Receiver;
use super::scenes::{next_post, verify};

/// A picture that a user sent, fetched while the caller waits.
pub(super) async fn picture(caller: &Caller, wechat: &Control) -> anyhow::Result<()> {
    let media_id = wechat.put_media(NewMedia::sample(Sample::Image))?.media_id;
    let answer = caller.call("download_media", &[("media_id", &media_id)]).await?;
    ensure!(answer["retcode"] == 200, "the gateway did not fetch it: {answer}");
    let data = &answer["data"];
    println!("   answered   {}, {} by {} pixels", text(data, "content_type")?, data["width"], data["height"]);
    println!("   kept at    {}", text(data, "file_url")?);
    Ok(())
}

/// A voice message, converted.
pub(super) async fn voice(
    caller: &Caller,
    receiver: &Receiver,
    wechat: &Control,
    callback_secret: &Secret,
) -> anyhow::Result<()> {
    let media_id = wechat.put_media(NewMedia::sample(Sample::Voice))?.media_id;
    let params = [("media_id", media_id.as_str()), ("notify_url", receiver.url.as_str())];
    let answer = caller.call("download_amr_to_mp3", &params).await?;
    ensure!(answer["retcode"] == 200, "the gateway refused it: {answer}");
    println!("   accepted   kept in the store before this answer");
    let post = next_post(receiver).await?;
    let told = verify(&post, callback_secret)?;
    println!("   converted  {}", by_whom(wechat));
    println!(
        "   callback   state={} errmsg={}, both signatures verified",
        told.field("state"),
        told.field("errmsg")
    );
    let status = caller.call("check_upyun_status", &[("media_id", &media_id)]).await?;
    ensure!(status["retcode"] == 200, "there is no MP3: {status}");
    ensure!(status["data"] == told.field("file_url"), "two addresses for one MP3: {status}");
    println!("   kept at    {}", told.field("file_url"));
    Ok(())
}

fn by_whom(wechat: &Control) -> &'static str {
    if wechat.upyun().conversions > 0 {
        "by the simulated Upyun, with this machine's ffmpeg"
    } else {
        "not really: there is no ffmpeg here, so the simulated Upyun answered its own sample with an MP3 that it ships"
    }
}

fn text<'v>(data: &'v Value, name: &str) -> anyhow::Result<&'v str> {
    data[name].as_str().with_context(|| format!("the answer lacks {name}: {data}"))
}
