use wxgate_job::JobState;
use wxgate_store::model::callback::CallbackState;
use wxgate_store::model::intake::{Acceptance, NewJob, RequestKey};

use crate::fixture::{TestStore, accept, job, lane, view};

crate::scenarios!(
    an_accepted_job_is_queued_and_due,
    a_batch_is_answered_in_order,
    a_repeated_request_gets_the_first_answer,
    an_authcode_belongs_to_one_request,
    one_authcode_of_two_clients_is_two_requests,
    repeats_within_one_batch_are_stored_once,
    the_same_request_at_many_connections_at_once_is_stored_once,
    a_request_id_names_one_content_for_ever,
    a_repeat_of_a_request_id_in_one_batch_is_recognised,
    a_known_request_is_recognised_without_storing_anything,
    a_callback_to_come_is_shown_as_queued,
    a_scheduled_job_is_due_later_and_lives_a_day_from_then,
    ids_are_never_used_again,
);

async fn an_accepted_job_is_queued_and_due(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let view = view(&store, id).await;
    assert_eq!(view.state, JobState::Queued);
    assert_eq!(view.attempts, 0);
    assert_eq!(view.due_at, view.created_at);
    assert_eq!(store.job(id).await.unwrap().unwrap().payload, job("c", 1).payload);
}

async fn a_batch_is_answered_in_order(store: TestStore) {
    let jobs: Vec<NewJob> = (0..50).map(|seed| job("c", seed)).collect();
    let answers = store.accept(&jobs).await.unwrap();
    for (seed, answer) in answers.iter().enumerate() {
        let Acceptance::New(id) = answer else { panic!("{answer:?}") };
        assert_eq!(store.job(*id).await.unwrap().unwrap().subject, format!("openid-{seed}"));
    }
}

async fn a_repeated_request_gets_the_first_answer(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    assert_eq!(store.accept(&[job("c", 1)]).await.unwrap(), [Acceptance::Repeated(id)]);
}

async fn an_authcode_belongs_to_one_request(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let other = NewJob { fingerprint: [9; 16], ..job("c", 1) };
    assert_eq!(store.accept(&[other]).await.unwrap(), [Acceptance::AuthcodeTaken]);
    assert_eq!(store.accept(&[job("c", 1)]).await.unwrap(), [Acceptance::Repeated(id)]);
}

async fn one_authcode_of_two_clients_is_two_requests(store: TestStore) {
    assert_ne!(accept(&store, job("a", 1)).await, accept(&store, job("b", 1)).await);
}

async fn repeats_within_one_batch_are_stored_once(store: TestStore) {
    let other = NewJob { fingerprint: [9; 16], ..job("c", 1) };
    let answers = store.accept(&[job("c", 1), job("c", 2), job("c", 1), other]).await.unwrap();
    let [Acceptance::New(first), Acceptance::New(_), Acceptance::Repeated(again), Acceptance::AuthcodeTaken] =
        answers[..]
    else {
        panic!("{answers:?}")
    };
    assert_eq!(first, again);
}

async fn the_same_request_at_many_connections_at_once_is_stored_once(store: TestStore) {
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.accept(&[job("c", 1), job("c", 2)]).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for one in tries {
        new += one.await.unwrap().iter().filter(|answer| matches!(answer, Acceptance::New(_))).count();
    }
    assert_eq!(new, 2);
}

fn with_request_id(seed: u8, content: u8) -> NewJob {
    NewJob { request: Some(RequestKey { id: "order-1".to_owned(), digest: [content; 16] }), ..job("c", seed) }
}

async fn a_request_id_names_one_content_for_ever(store: TestStore) {
    let id = accept(&store, with_request_id(1, 1)).await;
    let answers = store.accept(&[with_request_id(2, 1), job("c", 7), with_request_id(3, 2)]).await.unwrap();
    assert_eq!(answers[0], Acceptance::Repeated(id));
    assert!(matches!(answers[1], Acceptance::New(_)));
    assert_eq!(answers[2], Acceptance::RequestIdTaken);
    // The refused request left nothing behind: its authcode is still free.
    assert!(matches!(store.accept(&[job("c", 3)]).await.unwrap()[..], [Acceptance::New(_)]));
    assert_eq!(store.accept(&[with_request_id(2, 1)]).await.unwrap(), [Acceptance::Repeated(id)]);
}

async fn a_repeat_of_a_request_id_in_one_batch_is_recognised(store: TestStore) {
    let answers =
        store.accept(&[with_request_id(1, 1), with_request_id(2, 1), with_request_id(3, 2)]).await.unwrap();
    let [Acceptance::New(first), Acceptance::Repeated(again), Acceptance::RequestIdTaken] = answers[..]
    else {
        panic!("{answers:?}")
    };
    assert_eq!(first, again);
}

async fn a_known_request_is_recognised_without_storing_anything(store: TestStore) {
    for new in [job("c", 1), with_request_id(2, 2)] {
        assert_eq!(store.recognise(&new).await.unwrap(), None);
        let id = accept(&store, new.clone()).await;
        assert_eq!(store.recognise(&new).await.unwrap(), Some(Acceptance::Repeated(id)));
        let other = NewJob { fingerprint: [9; 16], ..new };
        assert_eq!(store.recognise(&other).await.unwrap(), Some(Acceptance::AuthcodeTaken));
    }
    let id = accept(&store, NewJob { lane: lane("d"), ..with_request_id(3, 3) }).await;
    let again = NewJob { lane: lane("d"), ..with_request_id(4, 3) };
    assert_eq!(store.recognise(&again).await.unwrap(), Some(Acceptance::Repeated(id)));
    let changed = NewJob { lane: lane("d"), ..with_request_id(5, 4) };
    assert_eq!(store.recognise(&changed).await.unwrap(), Some(Acceptance::RequestIdTaken));
    assert_eq!(store.recognise(&NewJob { lane: lane("e"), ..again }).await.unwrap(), None);
}

async fn a_callback_to_come_is_shown_as_queued(store: TestStore) {
    let url = Some("https://shop.example/hook".to_owned());
    let id = accept(&store, NewJob { callback_url: url, ..job("c", 1) }).await;
    let callback = view(&store, id).await.callback.unwrap();
    assert_eq!((callback.state, callback.attempts, callback.last_status), (CallbackState::Queued, 0, None));
    let without = accept(&store, job("c", 2)).await;
    assert_eq!(view(&store, without).await.callback, None);
}

async fn a_scheduled_job_is_due_later_and_lives_a_day_from_then(store: TestStore) {
    let now = view(&store, accept(&store, job("c", 1)).await).await.created_at;
    let at = now + 3_600_000;
    let id = accept(&store, NewJob { send_at: Some(at), ..job("c", 2) }).await;
    assert_eq!(view(&store, id).await.due_at, at);
    let past = accept(&store, NewJob { send_at: Some(now - 3_600_000), ..job("c", 3) }).await;
    assert!(view(&store, past).await.due_at >= now);
}

async fn ids_are_never_used_again(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    store.cancel(Some("c"), id).await.unwrap();
    crate::operate::prune_all(&store).await;
    assert!(store.views(&[id]).await.unwrap().is_empty());
    assert!(accept(&store, job("c", 2)).await > id);
}
