//! WeChat's return codes as data: code or range of codes, class, meaning in Chinese, advice in
//! English. Sorted by code. Meanings from WeChat's documentation and the code lists of its SDKs;
//! the classes are ours.

use std::time::Duration;

use super::Class;

pub(super) struct Row {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) class: Class,
    pub(super) zh: &'static str,
    pub(super) advice: &'static str,
}

macro_rules! errcodes {
    ($($first:literal $(..= $last:literal)? $class:ident $(($wait:ident))? $zh:literal $advice:expr;)*) => {
        &[$(Row {
            first: $first,
            last: errcodes!(@last $first $($last)?),
            class: Class::$class $(($wait))?,
            zh: $zh,
            advice: $advice,
        }),*]
    };
    (@last $first:literal) => { $first };
    (@last $first:literal $last:literal) => { $last };
}

/// A per-minute limit, the pause that 45066 demands, and the least pause after 43117.
const MINUTE: Duration = Duration::from_mins(1);
/// For what WeChat blocks 'for the moment' without saying how long; as far apart as the last steps
/// of the retry schedule, and as the pushes of component tickets.
const TEN_MINUTES: Duration = Duration::from_mins(10);

pub(super) const WRONG_SECRET: &str =
    "The app's secret is wrong: set the AppSecret shown in WeChat's console.";
pub(super) const LOGIN_OVER: &str = "The login's token is invalid or has expired: the user logs in again.";
const RISK_CONTROL: &str =
    "WeChat's risk control holds the app back: its administrator must look into WeChat's console.";

/// No authorisation of the platform, or one that is over.
pub(super) const UNAUTHORISED: [i64; 2] = [61003, 61023];

/// The card code has been consumed before.
pub(super) const CONSUMED: i64 = 40099;

pub(super) const TABLE: &[Row] = errcodes! {
    -41000 Permanent "openid 不合法" "The recipient's openid is invalid: send with the openid this app was given.";
    -1 Again "系统繁忙" "WeChat is busy; it is tried again by itself.";
    40001 RefreshToken "access_token 无效或非最新" "The access token is not the latest; it is renewed by itself. If this goes on, another system fetches tokens for the same app: stop it, or let both use the stable token.";
    40002 Permanent "凭证类型不合法" "The grant_type is wrong.";
    40003 Permanent "openid 不合法" "The recipient's openid is invalid or another app's: send with the openid this app was given.";
    40004 Permanent "媒体类型不合法" "The media type is invalid: use image, voice, video or thumb.";
    40005 Permanent "文件类型不合法" "The file type is not accepted: upload one that WeChat lists for this kind of media.";
    40006 Permanent "文件大小不合法" "The file's size is not accepted: upload a smaller, non-empty one.";
    40007 Permanent "media_id 不合法" "The media_id is invalid or has expired (after 3 days): upload the media again.";
    40008 Permanent "消息类型不合法" "The message type is invalid.";
    40009 Permanent "图片大小不合法" "The picture is too large: make it smaller.";
    40010 Permanent "语音大小不合法" "The voice recording is too large: make it shorter.";
    40011 Permanent "视频大小不合法" "The video is too large: make it smaller.";
    40012 Permanent "缩略图大小不合法" "The thumbnail is too large: make it smaller.";
    40013 Permanent "appid 不合法" "The app id is invalid: compare it with WeChat's console.";
    40014 RefreshToken "access_token 不合法" "The access token is invalid; it is renewed by itself.";
    40029 Permanent "code 无效" "The login code is invalid: the user logs in again.";
    40030 Permanent "refresh_token 不合法" "The refresh token of the login is invalid: the user logs in again.";
    40031 Permanent "openid 列表不合法" "The list of openids is invalid.";
    40032 Permanent "openid 列表长度不合法" "The list of openids is too long or too short.";
    40033 Permanent "不能用 \\uxxxx" "WeChat refuses \\uXXXX escapes: send the text as plain UTF-8.";
    40035 Permanent "参数不合法" "A parameter is invalid.";
    40036 Permanent "template_id 长度不合法" "The template_id has the wrong length: copy it from WeChat's console.";
    40037 Permanent "template_id 不合法" "The template_id is not one of this app's: copy it from WeChat's console.";
    40038 Permanent "请求格式不合法" "The form of the request is invalid.";
    40039 Permanent "URL 长度不合法" "The url is too long.";
    40048 Permanent "url 域名不合法" "The url's domain is not accepted.";
    40052 Permanent "action_name 不合法" "The action_name is invalid.";
    40053 Permanent "action_info 不合法" "The action_info is invalid.";
    40054..=40055 Permanent "菜单 url 域名不合法" "The domain of a menu's url is invalid.";
    40056 Permanent "卡券 code 无效" "The card code is invalid.";
    40059 Permanent "msgid 不合法" "The message id is invalid.";
    40066 Permanent "url 被拦截" "WeChat blocks this url: use another one.";
    40071 Permanent "卡券类型不合法" "The card type is invalid.";
    40072 Permanent "卡券编码不合法" "The card's code type or location is invalid.";
    40073 Permanent "card_id 不合法" "The card_id is invalid or another app's.";
    40075 Permanent "encrypt_code 错误" "The encrypt_code is invalid.";
    40078 Permanent "卡券状态不合法" "The card's status does not allow this.";
    40079 Permanent "卡券时间不合法" "The card's time is invalid or over.";
    40080 Permanent "CardExt 不合法" "The cardExt is invalid.";
    40097 Permanent "参数不合法" "A parameter is invalid.";
    40099 Permanent "code 已核销" "The card code has been consumed before.";
    40100 Permanent "时间区间不合法" "The range of dates is invalid.";
    40107 Permanent "卡券未审核或无门店" "The card is not approved yet, or has no shop.";
    40109 Permanent "code 超过 100 个" "More than 100 card codes in one call: send fewer.";
    40110 Permanent "code 有空值" "One of the card codes is empty.";
    40111 Permanent "code 重复" "One card code occurs twice.";
    40112 Permanent "bind_openid 不合法" "The card's bind_openid does not fit.";
    40116 Permanent "code 不合法" "The card code is invalid.";
    40121 Permanent "media_id 类型不合法" "The media_id belongs to another kind of media.";
    40122 Permanent "库存不合法" "The card's quantity is invalid.";
    40124 Permanent "custom_field 不合法" "The card's custom fields are invalid.";
    40125 AppAtFault "appsecret 无效" WRONG_SECRET;
    40127 Permanent "用户卡券状态异常" "The user's card does not allow this: gifted, deleted, consumed or expired.";
    40132 Permanent "微信号不合法" "The WeChat ID is invalid.";
    40136 Permanent "预存 code 不足" "Too few card codes were imported: import more.";
    40137 Permanent "图片格式不合法" "The picture's format is not accepted.";
    40146 Permanent "code 已被他人标记" "The card code was marked by somebody else.";
    40147 Permanent "核销时间不合法" "The card cannot be consumed at this time.";
    40155 Permanent "不能添加他号主页链接" "The url leads to another account's home page.";
    40163 Permanent "code 已被使用" "The login code was used before: the user logs in again.";
    40164 AppAtFault "IP 不在白名单" "WeChat does not know this server's IP address: add the address named to the app's IP whitelist in WeChat's console.";
    40165 Permanent "小程序路径不合法" "The mini program's path is invalid.";
    40166 Permanent "小程序 appid 不合法" "The mini program is not linked to this app.";
    40243 AppAtFault "appsecret 已冻结" "The app's secret is frozen: unfreeze it in WeChat's console.";
    40249 Permanent "疑似营销内容" "WeChat takes the content for marketing: word it otherwise.";
    41001 RefreshToken "缺少 access_token" "The access token was missing; it is put in anew by itself.";
    41002 Permanent "缺少 appid" "The app id is missing.";
    41003 Permanent "缺少 refresh_token" "The refresh token is missing.";
    41004 Permanent "缺少 secret" "The app's secret is missing: set it.";
    41005 Permanent "缺少媒体数据" "The media file is missing.";
    41006 Permanent "缺少 media_id" "The media_id is missing.";
    41007 Permanent "缺少菜单数据" "The menu is missing.";
    41008 Permanent "缺少 code" "The login code is missing.";
    41009 Permanent "缺少 openid" "The recipient's openid is missing.";
    41010 Permanent "缺少 url" "The url is missing.";
    41011 Permanent "缺少必填字段" "A required field is missing.";
    41012 Permanent "缺少 card_id" "The card_id is missing.";
    41013 Permanent "缺少 code" "The card code is missing.";
    41018 Permanent "缺少 component_appid" "The platform's app id is missing.";
    41021 Permanent "缺少 component_access_token" "The platform's token is missing.";
    42001 RefreshToken "access_token 超时" "The access token has expired; it is renewed by itself.";
    42002 Permanent "refresh_token 超时" "The login's refresh token has expired: the user logs in again.";
    42003 Permanent "code 超时" "The login code has expired: the user logs in again.";
    42005 Permanent "api 使用权过期" "The right to use this interface has expired: renew it in WeChat's console.";
    42006 RefreshToken "component_access_token 过期" "The platform's token has expired; it is renewed by itself.";
    42007 Permanent "用户改密, 网页 token 失效" "The user changed the password: the user logs in again.";
    42009 RefreshToken "临时 token 过期" "The temporary token has expired; it is renewed by itself.";
    43001 Permanent "需要 GET 请求" "The interface wants GET.";
    43002 Permanent "需要 POST 请求" "The interface wants POST.";
    43003 Permanent "需要 HTTPS 请求" "WeChat wants HTTPS: correct the address of its API.";
    43004 Permanent "需要接收者关注" "The recipient does not follow the account: only followers can be written to.";
    43005 Permanent "需要好友关系" "The recipient is no friend.";
    43008..=43011 Permanent "缺少卡券权限" "The account lacks the right to this kind of card: apply for it in WeChat's console.";
    43019 Permanent "接收者在黑名单" "The recipient is on the account's blacklist.";
    43101 Permanent "用户拒收" "The user refuses messages of this kind.";
    43116 Permanent "模板受限" "WeChat restricts this template: look into WeChat's console.";
    43117 TooOftenForUser(MINUTE) "对该用户发送过于频繁" "Too many messages to this user; it is tried again by itself.";
    44001 Permanent "媒体文件为空" "The media file is empty.";
    44002 Permanent "POST 数据包为空" "The request's body is empty.";
    44003 Permanent "图文消息为空" "The article is empty.";
    44004 Permanent "文本消息为空" "The text is empty.";
    44007 AlreadyDone "重复的 msg id" "A message with this client_msg_id was sent before.";
    45001..=45008 Permanent "长度超限" "Something is too long or too large for WeChat: media, content, title, description, link, picture link, recording or the number of articles.";
    45009 Quota "当日调用次数用尽" "The day's calls are used up; it goes on when WeChat counts anew. The counters can be reset in WeChat's console ten times a month.";
    45011 AgainAfter(MINUTE) "API 调用太频繁" "Too many calls in one minute; it is tried again by itself.";
    45015 Permanent "超出回复时限" "The user has been silent for too long (48 hours): WeChat allows this again when the user writes.";
    45021 Permanent "字段超长" "A field is too long.";
    45022 Permanent "积分超限" "The bonus is out of range.";
    45023 Permanent "余额超限" "The balance is out of range.";
    45028 Permanent "群发额度用尽" "The mass messages of this period are used up.";
    45029 Permanent "二维码数量超限" "Too many permanent QR codes: use temporary ones.";
    45030 Permanent "无该卡券权限" "The account has no right to this card.";
    45031 Permanent "库存为 0" "The card's stock is used up: raise it.";
    45033 Permanent "超过领取上限" "The user has taken as many of this card as allowed.";
    45040 Permanent "当月额度用尽" "The month's calls are used up.";
    45041 Permanent "总库存超限" "The card's stock would exceed its limit.";
    45047 Permanent "客服消息条数超限" "Too many service messages: WeChat allows more when the user writes.";
    45061 Again "更新过于频繁" "The card was changed too often; it is tried again by itself.";
    45065 AlreadyDone "clientmsgid 已存在" "A message with this client id was sent before.";
    45066 AgainAfter(MINUTE) "相同 clientmsgid 重试过快" "Repeated too soon under the same client id; it is tried again by itself.";
    45067 Permanent "clientmsgid 过长" "The client_msg_id is too long: keep to 32 characters.";
    45072 Permanent "输入状态命令不合法" "The typing command is invalid.";
    45080 Permanent "无互动, 不能下发输入状态" "The user has not written lately, so no typing can be shown.";
    45081 Permanent "已处于输入状态" "Typing is shown already.";
    45087 Permanent "客服消息被封" "WeChat has blocked this account's service messages: look into WeChat's console.";
    45102 AgainAfter(TEN_MINUTES) "接口临时封禁" "WeChat blocks this interface for the moment; it is tried again by itself.";
    45103 Permanent "接口已下线" "WeChat has withdrawn this interface.";
    45162 Permanent "类型无效" "The type is invalid.";
    45501 AgainAfter(TEN_MINUTES) "部分请求被临时拦截" "WeChat holds back some requests for the moment; it is tried again by itself.";
    46001 Permanent "媒体不存在" "The media does not exist.";
    46002..=46003 Permanent "菜单不存在" "The menu does not exist.";
    46004 Permanent "用户不存在" "The user does not exist.";
    46007 Again "文件转码中" "WeChat is still converting the file; it is tried again by itself.";
    47001 Permanent "JSON/XML 解析错误" "WeChat cannot parse the body: send well-formed JSON in UTF-8.";
    47002 Permanent "不能用 \\uxxxx" "WeChat refuses \\uXXXX escapes: send the text as plain UTF-8.";
    47003 Permanent "模板参数不符" "A value breaks the rule of its template field (the field is named): correct it.";
    48001 Permanent "接口未授权" "The account has no right to this interface: apply for it in WeChat's console.";
    48002 Permanent "粉丝拒收" "The follower refuses messages.";
    48003 Permanent "未同意群发协议" "The agreement on mass messages has not been accepted in WeChat's console.";
    48004 AppAtFault "接口被封禁" "WeChat has banned this interface for the app: look into WeChat's console.";
    48005 Permanent "素材被引用" "The material is in use and cannot be deleted.";
    48006 Permanent "清零次数用尽" "The month's ten resets of the counters are used up.";
    48008 Permanent "无该类消息权限" "The account has no right to this type of message.";
    49003 Permanent "openid 与 appid 不符" "The openid is another app's.";
    50001 Permanent "用户未授权 api" "The user has not granted this.";
    50002 AppAtFault "用户受限/冻结/注销" "The account is restricted, frozen or closed: look into WeChat's console.";
    50004 Permanent "禁用 token" "WeChat forbids this account to fetch tokens: look into WeChat's console.";
    50005 Permanent "用户未关注" "The user does not follow the account.";
    50007 AppAtFault "账号冻结" "The account is frozen: look into WeChat's console.";
    61003 AppAtFault "未授权给该平台" "The account has not authorised this third-party platform: authorise it.";
    61004 AppAtFault "来源 IP 未登记" "WeChat does not know this server's IP address: add it to the platform's list.";
    61005..=61006 AgainAfter(TEN_MINUTES) "component ticket 过期或无效" "The platform's ticket has expired; it goes on after WeChat's next push of one.";
    61007 Permanent "接口未授权给平台" "The account has not granted this interface to the platform.";
    61009 Permanent "授权码无效" "The authorization code is invalid: authorise anew.";
    61010 Permanent "授权码过期" "The authorization code has expired: authorise anew.";
    61011 Permanent "平台无效" "The third-party platform is invalid.";
    61014..=61015 Permanent "token 类型错误" "The wrong kind of token was used.";
    61016 Permanent "权限未确认" "The set of rights has not been confirmed.";
    61017 Permanent "权限未授权" "The set of rights has not been granted.";
    61023 AppAtFault "授权 refresh_token 无效" "The account's refresh token is invalid: the account must authorise the platform anew.";
    61024 Permanent "token 类型错误" "The wrong kind of token was used.";
    61028 Permanent "平台未发布" "The third-party platform has not been published.";
    61450 Again "客服系统错误" "WeChat's service system failed; it is tried again by itself.";
    61451..=61457 Permanent "客服账号有误" "Something about the service account is invalid: parameter, name, number of accounts or avatar.";
    61500 Permanent "日期格式不合法" "The date's format is invalid.";
    61503 Again "数据未就绪" "The data is not ready yet; it is tried again by itself.";
    65400..=65417 Permanent "客服系统问题" "The service system is not enabled, or the account has a problem there.";
    70000 Permanent "未成年人保护" "Refused for the protection of minors.";
    87009 Permanent "签名无效" "The signature is invalid.";
    87014 Permanent "内容违规" "WeChat takes the content for a violation: word it otherwise.";
    88000 Permanent "无留言权限" "The account has no right to comments.";
    89500 AppAtFault "风险调用" RISK_CONTROL;
    89501 AppAtFault "IP 待管理员确认" "This server's IP address waits for the administrator's confirmation, asked for in WeChat: confirm it.";
    89502 AppAtFault "风险调用" RISK_CONTROL;
    89503 AppAtFault "IP 需管理员确认" "This server's IP address needs the administrator's confirmation, asked for in WeChat: confirm it.";
    89504..=89505 AppAtFault "风险调用" RISK_CONTROL;
    89506 AppAtFault "24 小时内被拒" "The administrator refused this server's IP address twice: it can be asked for again after 24 hours.";
    89507 AppAtFault "1 小时内被拒" "The administrator refused this server's IP address: it can be asked for again after an hour.";
    89508..=89599 AppAtFault "风险调用" RISK_CONTROL;
    9_001_001 Permanent "POST 数据不合法" "The request's body is invalid.";
    9_001_002 Again "远端服务不可用" "A service behind WeChat is not available; it is tried again by itself.";
    9_410_010..=9_410_012 Permanent "短链参数不合法" "The short link's key or data is invalid.";
};
