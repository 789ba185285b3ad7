use std::time::Duration;

use wxgate_job::Failure;
use wxgate_job::decide::Gate;
use wxgate_store::model::operate::GateOrder;

use crate::fixture::TestStore;

crate::scenarios!(
    a_closed_gate_is_known_everywhere_with_its_reason,
    one_process_at_a_time_probes_a_gate,
    opening_a_gate_is_told_once,
);

fn order(probe_in: Duration) -> GateOrder {
    GateOrder {
        app_id: "wx1".to_owned(),
        kind: String::new(),
        gate: Gate::Suspended,
        failure: Failure::new("wechat", "IP not whitelisted").with_errcode(40164),
        probe_in,
    }
}

async fn a_closed_gate_is_known_everywhere_with_its_reason(store: TestStore) {
    let before = store.revision().await.unwrap();
    store.close_gate(&order(Duration::from_mins(5))).await.unwrap();
    store.close_gate(&order(Duration::from_mins(5))).await.unwrap();
    let directory = store.directory().await.unwrap();
    assert!(directory.revision > before);
    let gate = directory.gate("wx1", "async_send_tpl").unwrap();
    assert_eq!((gate.gate, gate.failure.errcode), (Gate::Suspended, Some(40164)));
    assert!(gate.next_probe_at >= gate.closed_at + 300_000);
    assert!(directory.gate("wx2", "async_send_tpl").is_none());
}

async fn one_process_at_a_time_probes_a_gate(store: TestStore) {
    let next = Duration::from_mins(5);
    store.close_gate(&order(next)).await.unwrap();
    assert!(!store.probe_gate("wx1", "", next).await.unwrap(), "not due yet");
    store.close_gate(&order(Duration::ZERO)).await.unwrap();
    assert!(store.probe_gate("wx1", "", next).await.unwrap());
    assert!(!store.probe_gate("wx1", "", next).await.unwrap(), "taken");
}

async fn opening_a_gate_is_told_once(store: TestStore) {
    store.close_gate(&order(Duration::ZERO)).await.unwrap();
    assert!(store.open_gate("wx1", "").await.unwrap());
    assert!(!store.open_gate("wx1", "").await.unwrap());
    assert!(store.directory().await.unwrap().gates.is_empty());
}
