use wxgate_store::model::short_link::ShortLink;

use crate::fixture::TestStore;

crate::scenarios!(
    visits_lead_to_the_target_and_are_counted,
    a_look_at_the_target_is_not_counted,
    visitors_at_once_are_all_counted,
    only_its_owner_gives_a_link_a_new_target,
);

fn link() -> ShortLink {
    ShortLink {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        client: "shop".to_owned(),
        out_id: "场景".to_owned(),
        target: "www.verystar.cn".to_owned(),
    }
}

async fn visit(store: &TestStore) -> Option<String> {
    store.visit_short_link(&link().id).await.unwrap()
}

async fn visits(store: &TestStore) -> Option<u64> {
    store.short_link_visits(&link().id).await.unwrap()
}

async fn visits_lead_to_the_target_and_are_counted(store: TestStore) {
    assert_eq!((visit(&store).await, visits(&store).await), (None, None));
    store.put_short_link(&link()).await.unwrap();
    assert_eq!(visits(&store).await, Some(0));
    for _ in 0..2 {
        assert_eq!(visit(&store).await.as_deref(), Some("www.verystar.cn"));
    }
    // The answer got lost, and the caller's process asks again.
    store.put_short_link(&link()).await.unwrap();
    assert_eq!(visits(&store).await, Some(2));
}

async fn a_look_at_the_target_is_not_counted(store: TestStore) {
    assert_eq!(store.short_link_target(&link().id).await.unwrap(), None);
    store.put_short_link(&link()).await.unwrap();
    assert_eq!(store.short_link_target(&link().id).await.unwrap().as_deref(), Some("www.verystar.cn"));
    assert_eq!(visits(&store).await, Some(0));
}

async fn visitors_at_once_are_all_counted(store: TestStore) {
    store.put_short_link(&link()).await.unwrap();
    let visitors: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { visit(&store).await.unwrap() })
        })
        .collect();
    for visitor in visitors {
        assert_eq!(visitor.await.unwrap(), "www.verystar.cn");
    }
    assert_eq!(visits(&store).await, Some(20));
}

async fn only_its_owner_gives_a_link_a_new_target(store: TestStore) {
    store.put_short_link(&link()).await.unwrap();
    assert!(!store.move_short_link("other", &link().id, "evil.example").await.unwrap());
    assert!(!store.move_short_link("shop", "none", "evil.example").await.unwrap());
    assert_eq!(visit(&store).await.as_deref(), Some("www.verystar.cn"));

    assert!(store.move_short_link("shop", &link().id, "https://shop.example/").await.unwrap());
    assert_eq!(visit(&store).await.as_deref(), Some("https://shop.example/"));
    assert_eq!(visits(&store).await, Some(2));
}
