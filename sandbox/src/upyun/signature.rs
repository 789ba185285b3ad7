//! Upyun's signatures. Their parts are joined by `&`; the key is the password's MD5 as hex text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;

/// Lower-case hex of an MD5.
pub(super) fn md5_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Md5::digest(bytes))
}

/// The signature of today: base64 of the HMAC-SHA1 over the parts, those left out that are none.
pub(super) fn today(password: &str, parts: &[Option<&str>]) -> String {
    let parts: Vec<&str> = parts.iter().copied().flatten().collect();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(md5_hex(password).as_bytes()) else {
        return String::new();
    };
    mac.update(parts.join("&").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The old signature of storage calls.
pub(super) fn old_storage(password: &str, method: &str, uri: &str, date: &str, length: usize) -> String {
    md5_hex(format!("{method}&{uri}&{date}&{length}&{}", md5_hex(password)))
}

/// The old signature of processing calls: names and values in the order of the names.
pub(super) fn old_processing(operator: &str, password: &str, parameters: &[(String, String)]) -> String {
    let mut signed: Vec<_> = parameters.iter().filter(|(name, _)| name != "signature").collect();
    signed.sort();
    let joined: String = signed.into_iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    md5_hex(format!("{operator}{joined}{}", md5_hex(password)))
}

/// The old signature inside a notify: 16 digits from the middle.
pub(super) fn old_notify(operator: &str, password: &str, task_id: &str, timestamp: i64) -> String {
    md5_hex(format!("{operator}{}{task_id}{timestamp}", md5_hex(password)))[8..24].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Wed, 29 Oct 2014 02:26:58 GMT";
    const TASK: &str = "35f0148d414a688a275bf915ba7cebb2";

    #[test]
    fn the_signature_of_today_is_the_one_that_sdks_make() {
        let abc = md5_hex("abc");
        let vectors = [
            ("PUT", "/bucket/a.txt", Some(abc.as_str()), "0PWlfCucsDaJPxP/zsLIV2JO2ng="),
            ("GET", "/bucket/a.txt", None, "B3KBteWAWk3d+OcNx1r94hgxqlY="),
            ("GET", "/bucket/?usage", None, "pEP305Ow6XXraN7SchOSRqhUmBE="),
            ("PATCH", "/bucket/a.txt?metadata=merge", None, "cA9EnKF3tv4wk4HP8Q+4THGcbbA="),
            (
                "PUT",
                "/bucket/a/%E4%B8%AD%20%E6%96%87%2B~%28x%29.txt",
                Some(&abc),
                "yXer76w4I1T3hTqT4BM40qtV3x4=",
            ),
            (
                "POST",
                "/pretreatment/",
                Some("934ad008b3c2c81ed1eb4a107e70f528"),
                "Ol0Kets9jn31Dm69Y9VNSEp8uxY=",
            ),
            (
                "POST",
                "/notify/upyun",
                Some("6109cb273849a344192d8bfa18fbb7fa"),
                "a4NfMP7hFhQ1o+E0PdWm6549rqc=",
            ),
        ];
        for (method, uri, content_md5, signature) in vectors {
            let parts = [Some(method), Some(uri), Some(DATE), content_md5];
            assert_eq!(today("password", &parts), signature, "{method} {uri}");
        }
        assert_eq!(today("password", &[Some("POST"), Some("/bucket"), None]), "Xx3G6+DAvUyCL2Y2npSW/giTFI8=");
    }

    #[test]
    fn the_old_signatures_are_those_of_old_sdks() {
        let get = old_storage("password", "GET", "/bucket/a.txt", DATE, 0);
        assert_eq!(get, "af22a5f7bac36eb04ceb50ed311e0bb5");
        let put = old_storage("password", "PUT", "/bucket/hello.txt", DATE, 5);
        assert_eq!(put, "6d86000d30ba41a490141d67055de675");
        let tasks = "W3sidHlwZSI6ImF1ZGlvIiwiYXZvcHRzIjoiL2YvbXAzL2FjLzEvYWIvNDgiLCJyZXR1cm5faW5mbyI6dHJ1ZSwic2F2ZV9hcyI6Ii92b2ljZS8xLm1wMyJ9XQ==";
        let fields = [
            ("bucket_name", "bucket"),
            ("source", "/voice/1.amr"),
            ("notify_url", "http://gw.example/notify/upyun"),
            ("tasks", tasks),
            ("accept", "json"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(old_processing("operator", "password", &fields), "d187607b4c6a46c61090c28e82ccbdd1");
        assert_eq!(old_notify("operator", "password", TASK, 1_472_010_905), "6301d2d6b3735c66");
    }
}
