use std::time::Duration;

use wxgate_job::{JobId, JobState, Lane};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::work::{Settled, Settlement};

use crate::fixture::{TestStore, accept, claim_one, enlist, job, lane, order, settlement, view};

crate::scenarios!(
    a_job_is_claimed_by_one_worker_alone,
    what_is_not_due_cannot_be_claimed,
    due_lanes_tells_each_lane_once,
    each_lane_gives_up_to_its_share_longest_due_first,
    a_claimed_job_carries_what_was_accepted,
    a_retried_job_is_due_after_its_pause,
    an_attempt_that_does_not_count_is_taken_back,
    a_final_state_never_changes,
    a_batch_of_settlements_tells_of_each,
    an_overdue_job_can_be_claimed_before_it_is_due,
    settling_a_job_twice_is_told,
    a_claim_whose_answer_was_lost_is_released,
);

async fn a_job_is_claimed_by_one_worker_alone(store: TestStore) {
    let mut ids = Vec::new();
    for seed in 0..40 {
        ids.push(accept(&store, job("c", seed)).await);
    }
    let tries: Vec<_> = (0..6)
        .map(|_| {
            let (store, ids) = (store.clone(), ids.clone());
            tokio::spawn(async move {
                let worker = enlist(&store).await;
                store.claim(worker, &ids).await.unwrap().len()
            })
        })
        .collect();
    let mut claimed = 0;
    for one in tries {
        claimed += one.await.unwrap();
    }
    assert_eq!(claimed, ids.len());
}

async fn what_is_not_due_cannot_be_claimed(store: TestStore) {
    let due = accept(&store, job("c", 1)).await;
    let later = view(&store, due).await.created_at + 3_600_000;
    let scheduled = accept(&store, NewJob { send_at: Some(later), ..job("c", 2) }).await;
    let worker = enlist(&store).await;
    let claimed = store.claim(worker, &[scheduled, due, JobId::new(999_999).unwrap()]).await.unwrap();
    assert_eq!(claimed.iter().map(|it| it.claim.job).collect::<Vec<_>>(), [due]);
    assert!(store.claim_due(worker, &[(lane("c"), 10)]).await.unwrap().is_empty());
}

async fn due_lanes_tells_each_lane_once(store: TestStore) {
    for (seed, client) in ["b", "a", "b", "a", "c"].into_iter().enumerate() {
        accept(&store, job(client, u8::try_from(seed).unwrap())).await;
    }
    let far = NewJob { send_at: Some(i64::MAX / 2), ..job("d", 9) };
    accept(&store, far).await;
    let lanes: Vec<Lane> = store.due_lanes().await.unwrap().into_iter().map(|due| due.lane).collect();
    assert_eq!(lanes, [lane("a"), lane("b"), lane("c")]);
}

async fn each_lane_gives_up_to_its_share_longest_due_first(store: TestStore) {
    let mut of_a = Vec::new();
    for seed in 0..5 {
        of_a.push(accept(&store, job("a", seed)).await);
        accept(&store, job("b", seed)).await;
    }
    let worker = enlist(&store).await;
    let claimed = store.claim_due(worker, &[(lane("a"), 2), (lane("b"), 100), (lane("z"), 5)]).await.unwrap();
    let mut first: Vec<JobId> =
        claimed.iter().filter(|it| it.lane == lane("a")).map(|it| it.claim.job).collect();
    first.sort();
    assert_eq!(first, of_a[..2]);
    assert_eq!(claimed.len(), 7);
}

async fn a_claimed_job_carries_what_was_accepted(store: TestStore) {
    let url = "https://shop.example/hook?字=1";
    let new = NewJob { callback_url: Some(url.to_owned()), receipt: true, ..job("c", 1) };
    let id = accept(&store, new.clone()).await;
    let claimed = claim_one(&store, enlist(&store).await, id).await;
    assert_eq!(claimed.lane, new.lane);
    assert_eq!((&claimed.payload, &claimed.subject), (&new.payload, &new.subject));
    assert_eq!((&claimed.result, &claimed.report, &claimed.shared), (&None, &None, &None));
    assert_eq!(claimed.callback_url.as_deref(), Some(url));
    assert_eq!((claimed.attempt, claimed.receipt, claimed.expires), (1, true, false));
    assert_eq!(claimed.deadline_at, claimed.created_at + 86_400_000);
}

async fn a_retried_job_is_due_after_its_pause(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let worker = enlist(&store).await;
    let claimed = claim_one(&store, worker, id).await;
    let again = Settlement {
        due_in: Duration::from_hours(1),
        ambiguous_since: Some(7),
        failure: Some(wxgate_job::Failure::new("busy", "WeChat is busy").with_errcode(-1)),
        ..settlement(&claimed, JobState::Queued)
    };
    store.settle(worker, &[again]).await.unwrap();
    let waiting = view(&store, id).await;
    assert_eq!((waiting.state, waiting.attempts), (JobState::Queued, 1));
    assert!(waiting.due_at >= waiting.updated_at + 3_600_000);
    assert_eq!(waiting.failure.unwrap().errcode, Some(-1));
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
}

async fn an_attempt_that_does_not_count_is_taken_back(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let worker = enlist(&store).await;
    let claimed = claim_one(&store, worker, id).await;
    let released = Settlement { counts: false, attempt: None, ..settlement(&claimed, JobState::Queued) };
    store.settle(worker, &[released]).await.unwrap();
    assert_eq!(claim_one(&store, worker, id).await.attempt, 1);
}

async fn a_final_state_never_changes(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let worker = enlist(&store).await;
    let claimed = claim_one(&store, worker, id).await;
    let result = Some(r#"{"errcode":0,"msgid":"3662956322040938501"}"#.to_owned());
    let done = Settlement {
        result: result.clone(),
        msgid: Some(3_662_956_322_040_938_501),
        ..settlement(&claimed, JobState::Succeeded)
    };
    assert_eq!(store.settle(worker, &[done]).await.unwrap(), [Settled::Done]);
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
    assert!(store.due_lanes().await.unwrap().is_empty());
    let late = settlement(&claimed, JobState::Failed);
    assert_eq!(store.settle(worker, &[late]).await.unwrap(), [Settled::TakenOver]);
    let end = view(&store, id).await;
    assert_eq!((end.state, end.result), (JobState::Succeeded, result));
}

async fn a_batch_of_settlements_tells_of_each(store: TestStore) {
    let worker = enlist(&store).await;
    let mut settlements = Vec::new();
    for seed in 0..20 {
        let id = accept(&store, job("c", seed)).await;
        let claimed = claim_one(&store, worker, id).await;
        let mut end = settlement(&claimed, JobState::Succeeded);
        end.callback = (seed % 2 == 0).then(|| order(true));
        end.claim.number += i32::from(seed == 5);
        settlements.push(end);
    }
    let settled = store.settle(worker, &settlements).await.unwrap();
    let expected: Vec<Settled> =
        (0..20).map(|seed| if seed == 5 { Settled::TakenOver } else { Settled::Done }).collect();
    assert_eq!(settled, expected);
    let pending = store.views(&settlements.iter().map(|it| it.claim.job).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(pending.iter().filter(|view| view.callback.is_some()).count(), 10);
}

async fn an_overdue_job_can_be_claimed_before_it_is_due(store: TestStore) {
    let now = view(&store, accept(&store, job("c", 1)).await).await.created_at;
    let job = NewJob { send_at: Some(now + 3_600_000), expire_at: Some(now - 1), ..job("c", 2) };
    let id = accept(&store, job).await;
    let worker = enlist(&store).await;
    let overdue = store.claim_overdue(worker, &lane("c"), 10).await.unwrap();
    assert_eq!(overdue.iter().map(|it| it.claim.job).collect::<Vec<_>>(), [id]);
    assert!(overdue[0].expires);
}

async fn settling_a_job_twice_is_told(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let worker = enlist(&store).await;
    let claimed = claim_one(&store, worker, id).await;
    let end = settlement(&claimed, JobState::Succeeded);
    assert_eq!(store.settle(worker, std::slice::from_ref(&end)).await.unwrap(), [Settled::Done]);
    assert_eq!(store.settle(worker, &[end]).await.unwrap(), [Settled::TakenOver]);
}

async fn a_claim_whose_answer_was_lost_is_released(store: TestStore) {
    let (held, lost) = (accept(&store, job("c", 1)).await, accept(&store, job("c", 2)).await);
    let worker = enlist(&store).await;
    assert_eq!(store.claim(worker, &[held, lost]).await.unwrap().len(), 2);
    let mut claims = store.held_jobs(worker).await.unwrap();
    assert_eq!(claims.len(), 2);
    claims.retain(|claim| claim.job == lost);
    assert_eq!(store.release_jobs(worker, &claims).await.unwrap(), 1);
    let again = claim_one(&store, worker, lost).await;
    assert_eq!((again.attempt, again.ambiguous_since), (1, None));
    assert_eq!(view(&store, held).await.state, JobState::Running);
    assert_eq!(store.release_jobs(worker, &claims).await.unwrap(), 0, "late, it is somebody else's claim");
    assert_eq!(view(&store, lost).await.state, JobState::Running);
}
