//! A declaration as the page's script reads it.

use serde::Serialize;

use crate::interface::{Example, Interface, Job, Param, ParamKind};
use crate::language::Language;

/// An interface.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    effect: bool,
    secret: bool,
    params: Vec<ShownParam>,
    /// Who tells of the job that it accepts, if it accepts one.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_by: Option<&'static str>,
}

/// A parameter.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownParam {
    name: &'static str,
    meaning: &'static str,
    required: bool,
    kind: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    choices: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'static str>,
    /// Where a value comes from: an interface, and a JSON pointer into its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<(&'static str, &'static str)>,
}

impl Shown {
    pub(super) fn of(interface: &Interface, language: Language) -> Self {
        let params = interface.params.iter().map(|param| ShownParam::of(param, language));
        let told_by = interface.answers.job.map(|job| match job {
            Job::Numbered => "get_job_status",
            Job::ToldBy(interface) => interface,
        });
        Self {
            name: interface.name,
            title: language.pick(interface.title_zh, interface.title_en),
            effect: interface.effect,
            secret: interface.secret,
            params: params.collect(),
            told_by,
        }
    }
}

impl ShownParam {
    fn of(param: &Param, language: Language) -> Self {
        let (example, from) = match param.example {
            Example::None => (None, None),
            Example::Value(text) => (Some(text), None),
            Example::Answer { interface, pointer } => (None, Some((interface, pointer))),
        };
        let (kind, choices) = kind(param.kind);
        Self {
            name: param.name,
            meaning: language.pick(param.meaning_zh, param.meaning_en),
            required: param.required,
            kind,
            choices,
            example,
            from,
        }
    }
}

/// What the form has for it.
const fn kind(kind: ParamKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        ParamKind::Text => ("text", &[]),
        ParamKind::Choice(choices) => ("choice", choices),
        ParamKind::Flag => ("choice", &["0", "1"]),
        ParamKind::Int | ParamKind::Whole { .. } => ("number", &[]),
        ParamKind::Json => ("json", &[]),
        ParamKind::Url | ParamKind::Callback => ("url", &[]),
        ParamKind::Time => ("time", &[]),
        ParamKind::File { .. } => ("file", &[]),
        ParamKind::FileHash => ("hash", &[]),
    }
}
