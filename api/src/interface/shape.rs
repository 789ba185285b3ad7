//! What JSON looks like: as much as callers need to know of an answer, and no more.

/// The form of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `null`.
    Null,
    /// A text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Int,
    /// A list.
    List(&'static Shape),
    /// These fields and no others.
    Object(&'static [Field]),
    /// These fields, and whatever else somebody adds.
    Open(&'static [Field]),
    /// This, or `null`.
    OrNull(&'static Shape),
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it is always there.
    pub always: bool,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What it means, in English.
    pub meaning_en: &'static str,
}

impl Field {
    /// One that is always there.
    #[must_use]
    pub const fn new(
        name: &'static str,
        shape: Shape,
        meaning_zh: &'static str,
        meaning_en: &'static str,
    ) -> Self {
        Self { name, shape, always: true, meaning_zh, meaning_en }
    }

    /// The same, and may be missing.
    #[must_use]
    pub const fn if_any(self) -> Self {
        Self { always: false, ..self }
    }
}

/// WeChat's word on a call, which its answers begin with.
pub const ERRCODE: Field =
    Field::new("errcode", Shape::Int, "微信返回码，0为成功", "WeChat's own code; 0 is success");
/// WeChat's sentence beside it.
pub const ERRMSG: Field = Field::new("errmsg", Shape::Text, "微信返回信息", "WeChat's own sentence");

/// What WeChat answered, byte for byte: its refusals, too.
pub const WECHAT: Shape = Shape::Open(&[ERRCODE.if_any(), ERRMSG.if_any()]);
