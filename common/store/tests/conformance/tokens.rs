use wxgate_token::TokenStore;
use wxgate_token::testing::conformance;

use crate::fixture::TestStore;

crate::scenarios!(it_keeps_the_rules_of_token_stores);

async fn it_keeps_the_rules_of_token_stores(store: TestStore) {
    let tokens: &dyn TokenStore = store.as_ref();
    conformance::all(tokens).await;
}
