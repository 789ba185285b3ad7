//! What a scene's QR code may be.

use serde_json::{Map, Value, json};

use crate::errcode::{INVALID_ACTION_INFO, INVALID_ACTION_NAME, Refusal};

/// How long a temporary code lives at most, in seconds: 30 days (documented).
const LONGEST_LIFE_S: u64 = 2_592_000;
/// How long it lives when nothing is said (documented: 60 s).
const USUAL_LIFE_S: u32 = 60;
/// Scenes of permanent codes by number (documented: 1 to 100,000).
const PERMANENT_SCENES: std::ops::RangeInclusive<u64> = 1..=100_000;
/// Longest scene in letters (documented: 64 characters).
const LONGEST_SCENE: usize = 64;

/// A QR code to be made.
pub(crate) struct Wanted {
    pub(super) action_name: &'static str,
    pub(super) action_info: Value,
    /// None: for ever.
    pub(super) expire_seconds: Option<u32>,
}

/// Reads the body of `qrcode/create`.
pub(super) fn parse(body: &Map<String, Value>) -> Result<Wanted, Refusal> {
    let scene = body.get("action_info").and_then(|info| info.get("scene"));
    let scene = scene.and_then(Value::as_object).ok_or(INVALID_ACTION_INFO);
    let (action_name, scene) = match body.get("action_name").and_then(Value::as_str) {
        Some("QR_SCENE") => ("QR_SCENE", number(scene?, 1..=u64::MAX)?),
        Some("QR_STR_SCENE") => ("QR_STR_SCENE", word(scene?)?),
        Some("QR_LIMIT_SCENE") => ("QR_LIMIT_SCENE", number(scene?, PERMANENT_SCENES)?),
        Some("QR_LIMIT_STR_SCENE") => ("QR_LIMIT_STR_SCENE", word(scene?)?),
        _ => return Err(INVALID_ACTION_NAME.into()),
    };
    let is_permanent = action_name.starts_with("QR_LIMIT");
    let expire_seconds = if is_permanent { None } else { Some(life(body)?) };
    Ok(Wanted { action_name, action_info: json!({ "scene": scene }), expire_seconds })
}

/// A number of more than 32 bits becomes the largest of 32 bits: developers saw that, rather than a
/// refusal.
fn number(scene: &Map<String, Value>, range: std::ops::RangeInclusive<u64>) -> Result<Value, Refusal> {
    let id = scene.get("scene_id").and_then(Value::as_u64).filter(|id| range.contains(id));
    let id = id.ok_or(INVALID_ACTION_INFO)?;
    Ok(json!({"scene_id": id.min(u64::from(u32::MAX))}))
}

fn word(scene: &Map<String, Value>) -> Result<Value, Refusal> {
    let word = scene.get("scene_str").and_then(Value::as_str).ok_or(INVALID_ACTION_INFO)?;
    if (1..=LONGEST_SCENE).contains(&word.chars().count()) {
        Ok(json!({ "scene_str": word }))
    } else {
        Err(INVALID_ACTION_INFO.into())
    }
}

fn life(body: &Map<String, Value>) -> Result<u32, Refusal> {
    match body.get("expire_seconds") {
        None | Some(Value::Null) => Ok(USUAL_LIFE_S),
        Some(value) => {
            let seconds = value.as_u64().filter(|seconds| (1..=LONGEST_LIFE_S).contains(seconds));
            let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
            seconds.ok_or_else(|| INVALID_ACTION_INFO.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &Value) -> Result<(Value, Option<u32>), i64> {
        let wanted = parse(body.as_object().unwrap_or(&Map::new())).map_err(|refusal| refusal.errcode)?;
        Ok((wanted.action_info["scene"].clone(), wanted.expire_seconds))
    }

    #[test]
    fn each_action_has_its_range() {
        let request = |action: &str, scene: Value| {
            parsed(&json!({"action_name": action, "action_info": {"scene": scene}}))
        };
        let cases = [
            ("QR_SCENE", json!({"scene_id": 0}), Err(40053)),
            ("QR_SCENE", json!({"scene_id": 1}), Ok((json!({"scene_id": 1}), Some(60)))),
            ("QR_SCENE", json!({"scene_id": 1_u64 << 40}), Ok((json!({"scene_id": u32::MAX}), Some(60)))),
            ("QR_SCENE", json!({"scene_str": "a"}), Err(40053)),
            ("QR_STR_SCENE", json!({"scene_str": "till-7"}), Ok((json!({"scene_str": "till-7"}), Some(60)))),
            ("QR_STR_SCENE", json!({"scene_str": ""}), Err(40053)),
            ("QR_STR_SCENE", json!({"scene_str": "桌".repeat(65)}), Err(40053)),
            ("QR_LIMIT_SCENE", json!({"scene_id": 100_000}), Ok((json!({"scene_id": 100_000}), None))),
            ("QR_LIMIT_SCENE", json!({"scene_id": 100_001}), Err(40053)),
            ("QR_LIMIT_STR_SCENE", json!({"scene_str": "x"}), Ok((json!({"scene_str": "x"}), None))),
            ("QR_OTHER", json!({"scene_id": 1}), Err(40052)),
        ];
        for (action, scene, expected) in cases {
            assert_eq!(request(action, scene.clone()), expected, "{action} {scene}");
        }
    }

    #[test]
    fn a_temporary_code_lives_thirty_days_at_most() {
        let request = |seconds: Value| {
            let scene = json!({"scene": {"scene_id": 1}});
            parsed(&json!({"action_name": "QR_SCENE", "action_info": scene, "expire_seconds": seconds}))
        };
        assert_eq!(request(json!(2_592_000)).map(|(_, life)| life), Ok(Some(2_592_000)));
        assert_eq!(request(json!(2_592_001)), Err(40053));
        assert_eq!(request(json!(0)), Err(40053));
    }
}
