//! A whole push as an independent implementation made it: signature, envelope, XML.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use wxgate_push::{AesKey, Fields, Push, PushKind, Signed};
use wxgate_secret::Secret;

const ENVELOPE: &str = "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrkTqdFPwnh\
    qbk+kIQ7rZiwny9D7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9TjhOYrLQoU18nWYjWqDA1ynkmOytpv\
    7QRI1P1+0NoxL0q2zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK/yMZycd2Oh8Nq6+wBkC1U85oy0ktOY4nLvsQMLrourmMGd\
    ZHuTbqpeJ8Ao/5PRYJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76ZN2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31GT2Go/rOz1BsrASwvauNulCh+++yz\
    +CQzBIuikA==";

#[test]
fn a_push_made_elsewhere_is_verified_opened_and_read() {
    let signed = Signed {
        signature: "4f3ad57b6989f09f4eb392acce4f9e93942ed890",
        timestamp: "1458300676",
        nonce: "260774613",
    };
    assert!(signed.covers(ENVELOPE, &Secret::new("pamtest")));

    let key = AesKey::parse(&Secret::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")).unwrap();
    let xml = key.open(ENVELOPE, "wxb11529c136998cb6").unwrap();
    assert_eq!(xml.len(), 293);

    let push = Push::read(Fields::read(&xml).unwrap()).unwrap();
    assert_eq!((push.to.as_str(), push.from.as_str()), ("asdasdasd", "asdasdasdsadasd"));
    assert_eq!(push.created_at, 1_234_567_898);
    assert_eq!(push.kind, PushKind::Message { msg_type: "text".to_owned() });
    assert_eq!(push.fields.get("Content"), Some("hello"));
    assert!(push.fields.get("MsgId").unwrap().ends_with("12345"));
}
