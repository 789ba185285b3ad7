//! All interfaces. To add one: a file with its declaration and handler, its `mod`, its line in [`ALL`].

mod abrogate_card_code;
mod async_send_tpl;
mod cancel_job;
mod check_card_code;
mod check_upyun_status;
mod choose_card_param;
mod consume_card_code;
mod create_card;
mod create_card_qrcode;
mod create_landing_page;
mod custom_msg_send;
mod decrypt_card_code;
mod deposit_card_code;
mod download_amr_to_mp3;
mod download_media;
mod generate_card_param;
mod generate_qrcode;
mod generate_tiny_url;
mod get_card_info;
mod get_card_list;
mod get_deposit_count;
mod get_drawboard_data;
mod get_job_status;
mod get_mpnews_html;
mod get_user_data;
mod get_wxcard_drawboard_data;
mod membercard_active;
mod membercard_update;
mod modify_card_stock;
mod set_drawboard_data;
mod set_drawboard_data_test;
mod set_test_whitelist;
mod set_user_data;
mod set_wxcard_code_drawboard_data;
mod set_wxcard_drawboard_data;
mod update_tiny_url;
mod upload_card_logo;
mod upload_media;

use crate::interface::Interface;

/// Every interface, in the order of the document, then ours.
pub static ALL: [&Interface; 38] = [
    &set_drawboard_data::INTERFACE,
    &get_drawboard_data::INTERFACE,
    &set_user_data::INTERFACE,
    &get_user_data::INTERFACE,
    &set_wxcard_code_drawboard_data::INTERFACE,
    &set_wxcard_drawboard_data::INTERFACE,
    &get_wxcard_drawboard_data::INTERFACE,
    &set_drawboard_data_test::INTERFACE,
    &async_send_tpl::INTERFACE,
    &consume_card_code::INTERFACE,
    &abrogate_card_code::INTERFACE,
    &decrypt_card_code::INTERFACE,
    &membercard_active::INTERFACE,
    &membercard_update::INTERFACE,
    &get_card_list::INTERFACE,
    &get_card_info::INTERFACE,
    &generate_tiny_url::INTERFACE,
    &update_tiny_url::INTERFACE,
    &generate_qrcode::INTERFACE,
    &generate_card_param::INTERFACE,
    &download_media::INTERFACE,
    &download_amr_to_mp3::INTERFACE,
    &check_upyun_status::INTERFACE,
    &custom_msg_send::INTERFACE,
    &get_job_status::INTERFACE,
    &cancel_job::INTERFACE,
    &upload_card_logo::INTERFACE,
    &create_card::INTERFACE,
    &create_card_qrcode::INTERFACE,
    &create_landing_page::INTERFACE,
    &deposit_card_code::INTERFACE,
    &get_deposit_count::INTERFACE,
    &check_card_code::INTERFACE,
    &modify_card_stock::INTERFACE,
    &get_mpnews_html::INTERFACE,
    &set_test_whitelist::INTERFACE,
    &upload_media::INTERFACE,
    &choose_card_param::INTERFACE,
];

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
