use std::time::Duration;

use crate::behind::Behind;
use crate::fixture::{Place, TestStore};

crate::scenarios!(a_push_is_new_once_for_each_app, of_many_at_once_one_is_new);
crate::scenarios_at_a_place!(a_push_is_remembered_for_a_day);

async fn note(store: &TestStore, app: &str, seed: u8) -> bool {
    store.note_push(app, [seed; 16]).await.unwrap()
}

async fn a_push_is_new_once_for_each_app(store: TestStore) {
    assert!(!store.knows_push("wx1", [1; 16]).await.unwrap());
    assert!(note(&store, "wx1", 1).await);
    assert!(!note(&store, "wx1", 1).await);
    assert!(store.knows_push("wx1", [1; 16]).await.unwrap());
    assert!(!store.knows_push("wx2", [1; 16]).await.unwrap());
    assert!(note(&store, "wx1", 2).await);
    assert!(note(&store, "wx2", 1).await);
}

async fn of_many_at_once_one_is_new(store: TestStore) {
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { note(&store, "wx1", 1).await })
        })
        .collect();
    let mut new = 0;
    for one in tries {
        new += u32::from(one.await.unwrap());
    }
    assert_eq!(new, 1);
}

async fn a_push_is_remembered_for_a_day(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    note(&store, "wx1", 1).await;
    behind.pass("pushes", "noted_at", Duration::from_hours(23)).await;
    assert!(!note(&store, "wx1", 1).await);
    note(&store, "wx1", 2).await;
    assert_eq!(store.forget_pushes(10).await.unwrap(), 0);

    assert!(store.knows_push("wx1", [1; 16]).await.unwrap());
    behind.pass("pushes", "noted_at", Duration::from_hours(1)).await;
    assert!(!store.knows_push("wx1", [1; 16]).await.unwrap());
    assert!(note(&store, "wx1", 1).await);
    behind.pass("pushes", "noted_at", Duration::from_hours(23)).await;
    assert_eq!(store.forget_pushes(10).await.unwrap(), 1);
    assert!(!note(&store, "wx1", 1).await);
}
