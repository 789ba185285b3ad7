use wxgate_job::{Failure, JobId, JobState};
use wxgate_store::model::intake::{Acceptance, NewJob, RequestKey};
use wxgate_store::model::sharing::SharedEnd;
use wxgate_store::model::work::{ClaimedJob, Settlement, WorkerId};

use crate::fixture::{TestStore, accept, claim_one, enlist, job, settlement, view};
use crate::operate::prune_all;

crate::scenarios!(
    followers_wait_for_their_leader_and_take_over_its_success,
    followers_take_over_a_failure,
    followers_wait_as_long_as_their_leader_does,
    after_a_success_a_newcomer_ends_at_once_with_its_result,
    after_a_failure_a_newcomer_leads,
    the_first_follower_of_a_cancelled_leader_leads_in_its_place,
    one_of_a_batch_leads,
    one_of_many_at_once_leads,
    a_shared_request_is_recognised_like_any_other,
    a_leader_is_kept_until_its_followers_know_its_end,
    a_follower_that_is_tried_again_goes_its_own_way,
);

const RESULT: &str = r#"{"media_id":"m","file_url":"http://x/字.mp3"}"#;

fn sharing(seed: u8, name: &str) -> NewJob {
    NewJob { sharing: Some(format!("c:{name}")), ..job("c", seed) }
}

/// A leader and so many followers.
async fn group(store: &TestStore, followers: u8) -> (JobId, Vec<JobId>) {
    let leader = accept(store, sharing(0, "m")).await;
    let mut ids = Vec::new();
    for seed in 1..=followers {
        ids.push(accept(store, sharing(seed, "m")).await);
    }
    (leader, ids)
}

async fn end(store: &TestStore, worker: WorkerId, id: JobId, state: JobState) {
    let claimed = claim_one(store, worker, id).await;
    let result = (state == JobState::Succeeded).then(|| RESULT.to_owned());
    store.settle(worker, &[Settlement { result, ..settlement(&claimed, state) }]).await.unwrap();
}

fn success() -> SharedEnd {
    SharedEnd::Succeeded(RESULT.to_owned())
}

async fn states(store: &TestStore, ids: &[JobId]) -> Vec<JobState> {
    let mut states = Vec::new();
    for id in ids {
        states.push(view(store, *id).await.state);
    }
    states
}

async fn followers_wait_for_their_leader_and_take_over_its_success(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 2).await;
    assert_eq!(view(&store, leader).await.state, JobState::Queued);
    assert_eq!(states(&store, &followers).await, [JobState::Waiting; 2]);
    assert!(store.claim(worker, &followers).await.unwrap().is_empty());

    end(&store, worker, leader, JobState::Succeeded).await;
    assert_eq!(store.wake(10).await.unwrap(), 2);
    assert_eq!(store.wake(10).await.unwrap(), 0);
    let claimed = store.claim(worker, &followers).await.unwrap();
    assert_eq!(
        claimed.iter().map(|it| it.shared.clone()).collect::<Vec<_>>(),
        [Some(success()), Some(success())]
    );
    assert!(claimed.iter().all(|it| it.report.is_none() && it.result.is_none()));
}

async fn followers_take_over_a_failure(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 1).await;
    let claimed = claim_one(&store, worker, leader).await;
    let failure = Failure::new("wechat", "the 'media' has \"expired\"").with_errcode(40007);
    let failed = Settlement { failure: Some(failure.clone()), ..settlement(&claimed, JobState::Failed) };
    store.settle(worker, &[failed]).await.unwrap();
    assert_eq!(store.wake(10).await.unwrap(), 1);
    assert_eq!(claim_one(&store, worker, followers[0]).await.shared, Some(SharedEnd::Failed(failure)));
}

async fn followers_wait_as_long_as_their_leader_does(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 1).await;
    for state in [JobState::Queued, JobState::Waiting] {
        end(&store, worker, leader, state).await;
        assert_eq!(store.wake(10).await.unwrap(), 0, "{state}");
    }
    claim_one(&store, worker, leader).await;
    assert_eq!(store.wake(10).await.unwrap(), 0);
    assert_eq!(states(&store, &followers).await, [JobState::Waiting]);
}

async fn after_a_success_a_newcomer_ends_at_once_with_its_result(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, _) = group(&store, 0).await;
    end(&store, worker, leader, JobState::Succeeded).await;
    let late = accept(&store, sharing(1, "m")).await;
    let claimed: ClaimedJob = claim_one(&store, worker, late).await;
    assert_eq!(claimed.shared, Some(success()));
    store.settle(worker, &[settlement(&claimed, JobState::Succeeded)]).await.unwrap();
    // The leader stays the one to ask.
    let later = accept(&store, sharing(2, "m")).await;
    assert_eq!(claim_one(&store, worker, later).await.shared, Some(success()));
}

async fn after_a_failure_a_newcomer_leads(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, _) = group(&store, 0).await;
    end(&store, worker, leader, JobState::Failed).await;
    let (next, followers) = (accept(&store, sharing(1, "m")).await, accept(&store, sharing(2, "m")).await);
    assert_eq!(states(&store, &[next, followers]).await, [JobState::Queued, JobState::Waiting]);
    end(&store, worker, next, JobState::Succeeded).await;
    assert_eq!(store.wake(10).await.unwrap(), 1);
    assert_eq!(claim_one(&store, worker, followers).await.shared, Some(success()));
}

async fn the_first_follower_of_a_cancelled_leader_leads_in_its_place(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 3).await;
    store.cancel(Some("c"), leader).await.unwrap();
    let early = accept(&store, sharing(8, "m")).await;
    assert_eq!(states(&store, &[early]).await, [JobState::Waiting], "one is to lead, and not this one");
    assert_eq!(store.wake(10).await.unwrap(), 4);
    let after = [JobState::Queued, JobState::Waiting, JobState::Waiting];
    assert_eq!(states(&store, &followers).await, after);
    let newcomer = accept(&store, sharing(9, "m")).await;
    assert_eq!(states(&store, &[newcomer]).await, [JobState::Waiting]);

    assert_eq!(claim_one(&store, worker, followers[0]).await.shared, None);
    let held = store.held_jobs(worker).await.unwrap();
    store.release_jobs(worker, &held).await.unwrap();
    end(&store, worker, followers[0], JobState::Succeeded).await;
    assert_eq!(store.wake(10).await.unwrap(), 4);
    assert_eq!(claim_one(&store, worker, newcomer).await.shared, Some(success()));
}

async fn one_of_a_batch_leads(store: TestStore) {
    let batch = [sharing(1, "m"), sharing(2, "n"), job("c", 3), sharing(4, "m"), sharing(5, "m")];
    let answers = store.accept(&batch).await.unwrap();
    let ids: Vec<JobId> = answers
        .iter()
        .map(|answer| match answer {
            Acceptance::New(id) => *id,
            other => panic!("{other:?}"),
        })
        .collect();
    let states = states(&store, &ids).await;
    let waiting = |at: &[usize]| at.iter().filter(|at| states[**at] == JobState::Waiting).count();
    assert_eq!((waiting(&[0, 3, 4]), waiting(&[1, 2])), (2, 0));
}

async fn one_of_many_at_once_leads(store: TestStore) {
    let tries: Vec<_> = (0..12)
        .map(|seed| {
            let store = store.clone();
            // Each batch names the two pieces of work in another order than the one before.
            let mut batch = [sharing(2 * seed, "m"), sharing(2 * seed + 1, "n")];
            batch.rotate_left(usize::from(seed % 2));
            tokio::spawn(async move { store.accept(&batch).await.unwrap() })
        })
        .collect();
    let mut ids = Vec::new();
    for one in tries {
        for answer in one.await.unwrap() {
            let Acceptance::New(id) = answer else { panic!("{answer:?}") };
            ids.push(id);
        }
    }
    let leading = states(&store, &ids).await.into_iter().filter(|state| *state == JobState::Queued).count();
    assert_eq!((ids.len(), leading), (24, 2));
}

async fn a_shared_request_is_recognised_like_any_other(store: TestStore) {
    let request = Some(RequestKey { id: "order-1".to_owned(), digest: [1; 16] });
    let named = |seed| NewJob { request: request.clone(), ..sharing(seed, "m") };
    let id = accept(&store, named(1)).await;
    let answers = store.accept(&[named(1), named(2), sharing(3, "m")]).await.unwrap();
    assert_eq!(answers[..2], [Acceptance::Repeated(id), Acceptance::Repeated(id)]);
    assert_eq!(view(&store, id).await.state, JobState::Queued);
    let Acceptance::New(follower) = answers[2] else { panic!("{answers:?}") };
    assert_eq!(store.accept(&[sharing(3, "m")]).await.unwrap(), [Acceptance::Repeated(follower)]);
}

async fn a_leader_is_kept_until_its_followers_know_its_end(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 1).await;
    end(&store, worker, leader, JobState::Succeeded).await;
    let other = accept(&store, job("d", 1)).await;
    end(&store, worker, other, JobState::Succeeded).await;
    prune_all(&store).await;
    assert_eq!(store.views(&[leader, other]).await.unwrap().len(), 1);

    assert_eq!(store.wake(10).await.unwrap(), 1);
    prune_all(&store).await;
    assert!(store.views(&[leader]).await.unwrap().is_empty());
    assert_eq!(claim_one(&store, worker, followers[0]).await.shared, Some(success()));
}

async fn a_follower_that_is_tried_again_goes_its_own_way(store: TestStore) {
    let worker = enlist(&store).await;
    let (leader, followers) = group(&store, 2).await;
    assert!(store.retry_job(followers[0], None).await.unwrap());
    assert_eq!(claim_one(&store, worker, followers[0]).await.shared, None);

    end(&store, worker, leader, JobState::Failed).await;
    store.wake(10).await.unwrap();
    let told = claim_one(&store, worker, followers[1]).await;
    store.settle(worker, &[settlement(&told, JobState::Failed)]).await.unwrap();
    assert!(store.retry_job(followers[1], None).await.unwrap());
    let claimed = claim_one(&store, worker, followers[1]).await;
    assert_eq!((claimed.shared, claimed.report), (None, None));
}
