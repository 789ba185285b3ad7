#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

fn read(xml: &str) -> Result<Fields, Unreadable> {
    Fields::read(xml.as_bytes())
}

#[test]
fn fields_are_trimmed_whether_plain_or_cdata() {
    let xml = "\n<xml>\n <ToUserName><![CDATA[gh_1]]></ToUserName>\n <Event> <![CDATA[ user_view_card ]]> </Event>\
               <CreateTime> 1700000000 </CreateTime><Empty/><Blank> </Blank></xml>\n";
    let fields = read(xml).unwrap();
    assert_eq!(fields.get("ToUserName"), Some("gh_1"));
    assert_eq!(fields.get("Event"), Some("user_view_card"));
    assert_eq!(fields.get("CreateTime"), Some("1700000000"));
    for absent in ["Empty", "Blank", "Nothing", "xml"] {
        assert_eq!(fields.get(absent), None, "{absent}");
    }
}

#[test]
fn xmls_own_entities_are_read_and_cdata_is_left_alone() {
    let fields =
        read("<xml><A>a &lt;b&gt; &amp;&#38;&#x4e2d; &quot;&apos;</A><B><![CDATA[&lt;&x;]]></B></xml>")
            .unwrap();
    assert_eq!(fields.get("A"), Some("a <b> &&中 \"'"));
    assert_eq!(fields.get("B"), Some("&lt;&x;"));
}

#[test]
fn what_lies_deeper_is_no_field() {
    let fields = read("<xml><A>a<A>inner</A>b</A><B><C>c</C></B><A>second</A></xml>").unwrap();
    assert_eq!((fields.get("A"), fields.get("B"), fields.get("C")), (Some("ab"), None, None));
}

#[test]
fn document_types_and_entities_of_its_own_are_refused() {
    for (xml, why) in [
        ("<!DOCTYPE xml><xml/>", Unreadable::Forbidden),
        (
            r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>"#,
            Unreadable::Forbidden,
        ),
        ("<xml><!DOCTYPE x []><A/></xml>", Unreadable::Forbidden),
        ("<?xml-stylesheet href='http://a'?><xml/>", Unreadable::Forbidden),
        ("<xml><A>&e;</A></xml>", Unreadable::Entity),
        ("<xml>&e;</xml>", Unreadable::Entity),
    ] {
        assert_eq!(read(xml), Err(why), "{xml}");
    }
    assert!(read(r#"<?xml version="1.0" encoding="UTF-8"?><xml><A>1</A></xml>"#).is_ok());
}

#[test]
fn size_and_depth_are_bounded() {
    let of_size = |size: usize| format!("<xml><A>{}</A></xml>", "x".repeat(size - 18));
    assert!(read(&of_size(LARGEST)).is_ok());
    assert_eq!(read(&of_size(LARGEST + 1)), Err(Unreadable::TooLarge));
    let of_depth = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(&of_depth(DEEPEST)).is_ok());
    assert_eq!(read(&of_depth(DEEPEST + 1)), Err(Unreadable::TooDeep));
}

#[test]
fn what_is_no_xml_is_refused() {
    for xml in [
        "",
        " ",
        "{}",
        "text",
        "<xml>",
        "<xml><A></xml>",
        "<xml/><xml/>",
        "<xml/>more",
        "</xml>",
        "<xml><A>a & b</A></xml>",
        "<xml><![CDATA[x</xml>",
        "<xml><A>&#0;</A></xml>",
        "<xml><A>&#xFFFFFFFF;</A></xml>",
    ] {
        assert_eq!(read(xml), Err(Unreadable::Malformed), "{xml}");
    }
}

#[test]
fn broken_utf_8_spoils_no_other_field() {
    let fields = Fields::read(b"<xml><Content>a\xff\xfeb</Content><MsgId>7</MsgId></xml>").unwrap();
    assert_eq!(fields.get("MsgId"), Some("7"));
}
