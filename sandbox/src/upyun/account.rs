//! The one account there is, so that the first call needs no preparation.

/// The bucket.
pub const UPYUN_BUCKET: &str = "sandbox";
/// The operator, who may do everything in it.
pub const UPYUN_OPERATOR: &str = "sandbox";
/// The operator's password.
pub const UPYUN_PASSWORD: &str = "sandbox-password";
/// The bucket's key for the old signature of the FORM API.
pub const FORM_KEY: &str = "sandbox-form-key";
