use async_trait::async_trait;
use wxgate_secret::Secret;
use wxgate_token::TokenStore;
use wxgate_token::testing::conformance;
use wxgate_token::testing::refresh_tokens::{self, Accounts};

use crate::fixture::TestStore;

crate::scenarios!(it_keeps_the_rules_of_token_stores, it_keeps_the_rules_of_refresh_tokens,);

async fn it_keeps_the_rules_of_token_stores(store: TestStore) {
    let tokens: &dyn TokenStore = store.as_ref();
    conformance::all(tokens).await;
}

const PLATFORM: &str = "wxp";

/// The apps of the store as accounts of one platform.
struct Apps(TestStore);

#[async_trait]
impl Accounts for Apps {
    async fn authorise(&self, app: &str, refresh_token: Secret) {
        self.0.authorise(app, PLATFORM, &refresh_token, None).await.unwrap();
    }

    async fn refresh_token(&self, app: &str) -> Option<Secret> {
        self.0.refresh_token(app).await.unwrap()
    }
}

async fn it_keeps_the_rules_of_refresh_tokens(store: TestStore) {
    refresh_tokens::all(store.as_ref(), &Apps(store.clone())).await;
}
