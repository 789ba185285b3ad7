//! What holds for every interface alike: 102, 106 and 107.

use wxgate_api::Interface;
use wxgate_api::interfaces::ALL;

use crate::request::Request;
use crate::support::TestGateway;

/// Something for every required parameter.
fn request(interface: &Interface) -> Request {
    let required = interface.params.iter().filter(|param| param.required);
    required.fold(Request::to(interface.name), |request, param| request.with(param.name, "1"))
}

#[tokio::test]
async fn a_required_parameter_that_is_absent_is_named() {
    let gateway = TestGateway::start().await;
    for interface in ALL {
        for param in interface.params.iter().filter(|param| param.required) {
            let name = format!("'{}'", param.name);
            gateway.refused(&request(interface).without(param.name), 102, &name).await;
            if !param.blank_allowed {
                gateway.refused(&request(interface).with(param.name, " "), 102, &name).await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_granted_or_switched_off_is_refused() {
    let gateway = TestGateway::start_with(|directory| {
        directory.switched_off.extend(ALL.map(|interface| interface.name.to_owned()));
    })
    .await;
    for interface in ALL {
        let request = request(interface);
        gateway.refused(&request.clone().with("client_code", "bare"), 106, interface.name).await;
        gateway.refused(&request.with("client_code", "trusted"), 107, interface.name).await;
    }
}
