//! Whether a rule makes sense; the sentences that say why not.

use super::fault::{Fault, When};
use super::rule::Rule;
use super::spot::Spot;
use crate::clock::Moment;
use crate::refused::Refused;

/// Longest delay that can be asked for: an hour, longer than any client waits.
const LONGEST_DELAY_MS: u64 = 3_600_000;
/// Upyun's codes: the HTTP status and five digits more.
const UPYUN_CODES: std::ops::RangeInclusive<i64> = 40_000_000..=59_999_999;

impl Rule {
    /// The rule with `for_ms` turned into `until`, unless it makes no sense.
    pub(super) fn checked(mut self, now: Moment, knows: impl Fn(&str) -> bool) -> Result<Self, Refused> {
        self.check_reach(now, knows)?;
        self.check_fault()?;
        self.until = self.until.or(self.for_ms.take().map(|ms| now.saturating_add(ms.into())));
        Ok(self)
    }

    fn check_reach(&self, now: Moment, knows: impl Fn(&str) -> bool) -> Result<(), Refused> {
        let sentence =
            if let Some(path) = self.path.as_ref().filter(|path| self.upyun.is_none() && !knows(path)) {
                format!("path: the sandbox has no '{path}'")
            } else if self.upyun.is_some() && (self.app.is_some() || self.matching.is_some()) {
                "app and match are about WeChat: with upyun there is path".to_owned()
            } else if self.times == Some(0) {
                "times: 0 would never strike; leave it out for 'for ever'".to_owned()
            } else if self.probability.is_some_and(|p| !(p > 0.0 && p <= 1.0)) {
                "probability is above 0 and at most 1".to_owned()
            } else if self.until.is_some() && self.for_ms.is_some() {
                "until and for_ms say the same thing: give one of them".to_owned()
            } else if self.until.is_some_and(|until| until <= now) {
                format!("until is past already: the sandbox's clock shows {now}")
            } else {
                return Ok(());
            };
        Err(Refused::script(sentence))
    }

    fn check_fault(&self) -> Result<(), Refused> {
        let sentence = match self.fault {
            _ if !self.fault.can_strike(self.upyun) => {
                "this fault cannot happen there: /_sandbox/ says which can"
            }
            Fault::Errcode(0) => "errcode 0 is success: no fault",
            Fault::Errcode(code) if self.upyun.is_some() && !UPYUN_CODES.contains(&code) => {
                "an errcode of Upyun has eight digits, the first three a status from 400 to 599"
            }
            Fault::BytesPerS(0) => "bytes_per_s is at least 1",
            Fault::Status(status) if !(200..=599).contains(&status) => "status lies between 200 and 599",
            Fault::DelayMs(ms) if ms > LONGEST_DELAY_MS => "delay_ms is an hour at most",
            _ if self.errmsg.is_some() && !matches!(self.fault, Fault::Errcode(_)) => {
                "errmsg goes with errcode alone"
            }
            _ if self.when.is_some() && matches!(self.upyun, Some(Spot::Task | Spot::Notify)) => {
                "when is about calls: a task and a notify have no such moments"
            }
            _ if self.when == Some(When::Before) && self.fault.distorts_the_answer() => {
                "what distorts the right answer comes after the effect"
            }
            _ => return Ok(()),
        };
        Err(Refused::script(sentence))
    }
}
