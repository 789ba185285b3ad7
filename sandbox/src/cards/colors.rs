//! The colours of cards: WeChat names them in requests and tells them as hex.

/// The document's table of card colours, in which SDKs agree.
const COLORS: &[(&str, &str)] = &[
    ("Color010", "#63b359"),
    ("Color020", "#2c9f67"),
    ("Color030", "#509fc9"),
    ("Color040", "#5885cf"),
    ("Color050", "#9062c0"),
    ("Color060", "#d09a45"),
    ("Color070", "#e4b138"),
    ("Color080", "#ee903c"),
    ("Color081", "#f08500"),
    ("Color082", "#a9d92d"),
    ("Color090", "#dd6549"),
    ("Color100", "#cc463d"),
    ("Color101", "#cf3e36"),
    ("Color102", "#5e6671"),
];

/// A colour's hex form, if there is such a colour.
pub(super) fn hex_of(name: &str) -> Option<&'static str> {
    COLORS.iter().find(|(known, _)| *known == name).map(|(_, hex)| *hex)
}
