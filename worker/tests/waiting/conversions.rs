//! Voice that is converted elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::time::Instant;
use wxgate_egress::{AllowList, Guard, GuardedClient};
use wxgate_job::{Failure, JobId, Lane, Outcome, millis};
use wxgate_media::{
    Conversion, ConvertError, Folder, MediaType, Order, Spooled, Stem, Underway, VoiceConverter,
};
use wxgate_sandbox::{Fault, NewMedia, Rule, Running, Sample};
use wxgate_store::model::work::{Claim, ClaimedJob};
use wxgate_worker::handler::Handler as _;
use wxgate_worker::handlers::download_amr_to_mp3::{AmrToMp3, KIND};
use wxgate_worker::media::Media;

use crate::support::{APP, World, sandbox};

const HOUR: i64 = 3_600_000;

/// When the job is claimed (Unix milliseconds).
const NOW: i64 = 1_700_000_000_000;

/// Where media are fetched from.
const GET: &str = "/cgi-bin/media/get";

/// Never done with a conversion. What it tells of one is that it has lost the voice.
#[derive(Default)]
struct Slow {
    begun: AtomicUsize,
}

#[async_trait]
impl VoiceConverter for Slow {
    async fn begin(
        &self,
        _stem: &Stem,
        _voice: &Spooled,
        _media: MediaType,
        _deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Conversion::Underway { task: number.to_string() })
    }

    async fn look(&self, _stem: &Stem, task: &str, _deadline: Instant) -> Result<Conversion, ConvertError> {
        Ok(Conversion::Underway { task: task.to_owned() })
    }

    async fn told(
        &self,
        _stem: &Stem,
        _task: &str,
        _news: &str,
        _deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        Err(ConvertError::SourceMissing)
    }
}

/// A handler between a WeChat that has one voice message and a converter that is never done.
struct Place {
    wechat: Running,
    voices: Arc<Slow>,
    handler: AmrToMp3,
    job: ClaimedJob,
    _folder: TempDir,
    _world: World,
}

impl Place {
    async fn new() -> Self {
        let (world, wechat, folder) = (World::new().await, sandbox(), tempfile::tempdir().unwrap());
        let media_id = wechat.control().put_media(NewMedia::sample(Sample::Voice)).unwrap().media_id;
        let voices = Arc::<Slow>::default();
        let media = Media {
            wechat: world.wechat(&wechat.url()),
            videos: GuardedClient::new(Arc::new(Guard::new(AllowList::default()))).unwrap(),
            tmp: wxgate_media::storage::folder::tmp_in(folder.path()),
            store: Arc::new(Folder::create(folder.path(), "http://gw.test").unwrap()),
            voices: Arc::clone(&voices) as Arc<dyn VoiceConverter>,
        };
        let handler = AmrToMp3::new(Arc::new(media));
        Self { wechat, voices, handler, job: claimed(media_id), _folder: folder, _world: world }
    }

    async fn run(&self) -> Outcome {
        self.handler.run(&self.job, Instant::now() + Duration::from_mins(10)).await
    }

    /// Runs the handler, which waits; the job then is as it is claimed the next time. Answers for how
    /// long it waits.
    async fn wait(&mut self) -> u64 {
        let outcome = self.run().await;
        let Outcome::Wait { result, at_most, .. } = outcome else { panic!("{outcome:?}") };
        self.job.result = Some(result.to_string());
        self.job.last_failure = None;
        at_most.as_secs()
    }

    fn begun(&self) -> usize {
        self.voices.begun.load(Ordering::SeqCst)
    }
}

/// A job that is claimed for the 40th time, three days after it was accepted.
fn claimed(media_id: String) -> ClaimedJob {
    let order = Order { media_id: media_id.clone(), stem: Stem::random(), original: false };
    ClaimedJob {
        claim: Claim { job: JobId::new(1).unwrap(), number: 40 },
        lane: Lane { client: "shop".to_owned(), app: APP.to_owned(), kind: KIND },
        payload: serde_json::to_string(&order).unwrap(),
        subject: media_id,
        result: None,
        report: None,
        shared: None,
        attempt: 40,
        callback_url: None,
        receipt: false,
        created_at: NOW - 72 * HOUR,
        deadline_at: NOW + 24 * HOUR,
        expires: false,
        ambiguous_since: None,
        last_failure: None,
        claimed_at: NOW,
    }
}

fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Again { failure, ambiguous: false, .. } => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_conversion_in_vain_is_never_begun_again_without_a_pause() {
    let mut place = Place::new().await;
    place.wait().await;
    place.job.report = Some("lost".to_owned());
    for begun in 1..4 {
        let pause = failure(place.run().await);
        assert_eq!((pause.code.as_str(), place.begun()), ("source_missing", begun));

        place.job.last_failure = Some(pause);
        place.wait().await;
        assert_eq!(place.begun(), begun + 1);
    }
}

#[tokio::test]
async fn the_first_look_comes_after_five_seconds_whatever_came_before_and_each_further_one_later() {
    let mut place = Place::new().await;
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pauses.push(place.wait().await);
    }
    assert_eq!((pauses, place.begun()), (vec![5, 10, 20, 40, 80, 120, 120], 1));
}

#[tokio::test]
async fn a_conversion_has_a_day_from_its_own_beginning() {
    let mut place = Place::new().await;
    place.wait().await;
    let begun = Underway::of(place.job.result.as_deref().unwrap()).unwrap();
    assert_eq!(begun, Underway { task: "1".to_owned(), begun_at: NOW, looks: 0 });

    place.job.claimed_at = NOW + 24 * HOUR;
    place.wait().await;
    place.job.claimed_at += millis(Duration::from_millis(1));
    let end = place.run().await;
    assert!(matches!(&end, Outcome::GiveUp(failure) if failure.code == "timeout"), "{end:?}");
}

#[tokio::test]
async fn a_silent_wechat_costs_ten_seconds() {
    let place = Place::new().await;
    let control = place.wechat.control();
    control.add_faults([Rule::new(Fault::Hang).path(GET)]).unwrap();
    let running = tokio::spawn(async move { place.run().await });
    while control.faults()[0].hits == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    let asked = Instant::now();

    let outcome = running.await.unwrap();

    assert_eq!(Instant::now(), asked, "no clock had to be turned any further");
    assert_eq!(failure(outcome).code, "timeout");
}
