//! All interfaces. To add one: a file with its declaration and handler, its `mod`, its line in [`ALL`].

mod async_send_tpl;
mod cancel_job;
mod get_job_status;

use crate::interface::Interface;

/// Every interface, in the order of the document.
pub static ALL: [&Interface; 3] =
    [&async_send_tpl::INTERFACE, &get_job_status::INTERFACE, &cancel_job::INTERFACE];

/// Their names, in the same order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|interface| interface.name)
}

/// The interface of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Interface> {
    ALL.into_iter().find(|interface| interface.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::interface::COMMON;

    #[test]
    fn only_interfaces_that_get_check_or_decrypt_have_no_effect() {
        for interface in ALL {
            let harmless = ["get_", "check_", "decrypt_"].iter().any(|it| interface.name.starts_with(it));
            assert_eq!(interface.effect, !harmless, "{}", interface.name);
        }
    }

    #[test]
    fn names_are_unique_and_so_are_their_parameters() {
        assert_eq!(names().collect::<HashSet<_>>().len(), ALL.len());
        for interface in ALL {
            let params = COMMON.iter().chain(interface.params).map(|param| param.name);
            let unique: HashSet<_> = params.clone().collect();
            assert_eq!(unique.len(), params.count(), "{}", interface.name);
        }
    }

    #[test]
    fn an_interface_is_found_by_its_exact_name() {
        assert!(find("async_send_tpl").is_some());
        for unknown in ["", "async_send_tp", "ASYNC_SEND_TPL", "async_send_tpl/"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }
}
