//! WeChat's return codes as data: code or range of codes, class, and what it means and asks for, in
//! Chinese and in English. Sorted by code. Meanings from WeChat's documentation and the code lists of its SDKs;
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
    ($($first:literal $(..= $last:literal)? $class:ident $(($wait:ident))?: $zh:expr, $advice:expr;)*) => {
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
pub(super) const WRONG_SECRET_ZH: &str = "AppSecret错误：请设置微信公众平台显示的AppSecret";
pub(super) const LOGIN_OVER_ZH: &str = "登录的token无效或已过期：请用户重新登录";
pub(super) const LOGIN_OVER: &str = "The login's token is invalid or has expired: the user logs in again.";
const RISK_CONTROL_ZH: &str = "微信风控限制了该公众号：请管理员查看微信公众平台";
const RISK_CONTROL: &str =
    "WeChat's risk control holds the app back: its administrator must look into WeChat's console.";

/// No authorisation of the platform, or one that is over.
pub(super) const UNAUTHORISED: [i64; 2] = [61003, 61023];

/// The card code has been consumed before.
pub(super) const CONSUMED: i64 = 40099;

pub(super) const TABLE: &[Row] = errcodes! {
    -41000 Permanent: "接收者openid不合法：请使用本公众号给出的openid", "The recipient's openid is invalid: send with the openid this app was given.";
    -1 Again: "微信系统繁忙，将自动重试", "WeChat is busy; it is tried again by itself.";
    40001 RefreshToken: "access_token无效或不是最新的，将自动刷新。若持续出现，说明另有系统在为同一公众号获取token：请停用它，或两边都改用稳定版token", "The access token is not the latest; it is renewed by itself. If this goes on, another system fetches tokens for the same app: stop it, or let both use the stable token.";
    40002 Permanent: "grant_type不合法", "The grant_type is wrong.";
    40003 Permanent: "接收者openid不合法或属于其他公众号：请使用本公众号给出的openid", "The recipient's openid is invalid or another app's: send with the openid this app was given.";
    40004 Permanent: "媒体类型不合法：请使用image、voice、video或thumb", "The media type is invalid: use image, voice, video or thumb.";
    40005 Permanent: "文件类型不被接受：请上传微信支持的类型，卡券logo须为JPG或PNG", "The file type is not accepted: upload one that WeChat lists for this kind of media, JPG or PNG for a logo.";
    40006 Permanent: "文件大小不被接受：请上传更小且非空的文件", "The file's size is not accepted: upload a smaller, non-empty one.";
    40007 Permanent: "media_id不合法或已过期（3天）：请重新上传", "The media_id is invalid or has expired (after 3 days): upload the media again.";
    40008 Permanent: "消息类型不合法", "The message type is invalid.";
    40009 Permanent: "图片过大：请缩小，卡券logo须小于1MB", "The picture is too large: make it smaller, under 1 MB for a logo.";
    40010 Permanent: "语音过大：请缩短", "The voice recording is too large: make it shorter.";
    40011 Permanent: "视频过大：请缩小", "The video is too large: make it smaller.";
    40012 Permanent: "缩略图过大：请缩小", "The thumbnail is too large: make it smaller.";
    40013 Permanent: "appid不合法：请与微信公众平台核对", "The app id is invalid: compare it with WeChat's console.";
    40014 RefreshToken: "access_token不合法，将自动刷新", "The access token is invalid; it is renewed by itself.";
    40029 Permanent: "登录code无效：请用户重新登录", "The login code is invalid: the user logs in again.";
    40030 Permanent: "登录的refresh_token不合法：请用户重新登录", "The refresh token of the login is invalid: the user logs in again.";
    40031 Permanent: "openid列表不合法：请使用本公众号给出的openid，测试者合计不超过十人", "The list of openids is invalid: name openids that this app was given, at most ten testers in all.";
    40032 Permanent: "openid列表过长或过短", "The list of openids is too long or too short.";
    40033 Permanent: "微信不接受\\uXXXX转义：请直接发送UTF-8文本", "WeChat refuses \\uXXXX escapes: send the text as plain UTF-8.";
    40035 Permanent: "参数不合法", "A parameter is invalid.";
    40036 Permanent: "template_id长度不对：请从微信公众平台复制", "The template_id has the wrong length: copy it from WeChat's console.";
    40037 Permanent: "template_id不属于本公众号：请从微信公众平台复制", "The template_id is not one of this app's: copy it from WeChat's console.";
    40038 Permanent: "请求格式不合法", "The form of the request is invalid.";
    40039 Permanent: "url过长", "The url is too long.";
    40048 Permanent: "url的域名不被接受", "The url's domain is not accepted.";
    40052 Permanent: "action_name不合法", "The action_name is invalid.";
    40053 Permanent: "action_info不合法：请对照微信文档检查二维码的action、card、code和expire_seconds（60到1800），或卡券的各字段", "The action_info is invalid: compare action, card, code and expire_seconds (60 to 1800) of the QR code, or the card's fields, with WeChat's document; codes are deposited for a card alone that was made for it.";
    40054..=40055 Permanent: "菜单url的域名不合法", "The domain of a menu's url is invalid.";
    40056 Permanent: "卡券code无效：导入时请更正或去掉该code；其余情形请使用用户已领取的code，自定义code须同时提供card_id", "The card code is invalid: correct it or leave it out where codes are brought in; else send one that a user has taken, together with its card_id where codes are the merchant's own.";
    40059 Permanent: "消息ID不合法", "The message id is invalid.";
    40066 Permanent: "该url被微信拦截：请更换", "WeChat blocks this url: use another one.";
    40071 Permanent: "卡券类型不合法：请使用微信的类型，如GROUPON或GENERAL_COUPON，并以同名小写字段描述", "The card type is invalid: use one of WeChat's, such as GROUPON or GENERAL_COUPON, and describe it under the same name in lower case.";
    40072 Permanent: "卡券的code类型或门店不合法：请使用微信的code类型，如CODE_TYPE_QRCODE，且只用已登记的门店", "The card's code type or location is invalid: use one of WeChat's code types, such as CODE_TYPE_QRCODE, and only shops that are registered.";
    40073 Permanent: "card_id不合法或属于其他公众号：请使用创建卡券时返回的card_id", "The card_id is invalid or another app's: use the one that was answered when the card was made.";
    40075 Permanent: "encrypt_code不合法：请原样发送微信给出的值，只做一次URL解码", "The encrypt_code is invalid: send it as WeChat handed it over, URL-decoded exactly once.";
    40078 Permanent: "卡券当前状态不允许此操作：请等待审核通过，并确认卡券未被删除", "The card's status does not allow this: wait until WeChat has approved the card, and see that it was not deleted.";
    40079 Permanent: "卡券时间不合法或已结束：请更正date_info，结束时间须晚于开始时间且在将来", "The card's time is invalid or over: correct date_info; an end lies after its beginning and in the future.";
    40080 Permanent: "cardExt不合法：请重新签名，且签名内容与cardExt完全一致", "The cardExt is invalid: sign it anew, and sign exactly what it holds.";
    40097 Permanent: "参数不合法", "A parameter is invalid.";
    40099 Permanent: "卡券code已核销，无需再处理", "The card code has been consumed before: nothing is left to be done.";
    40100 Permanent: "时间区间不合法：只能扩大", "The range of dates is invalid: it may only be widened.";
    40107 Permanent: "卡券尚未审核通过或没有门店：请等待审核，期间可由测试者领取，或为卡券添加门店", "The card is not approved yet, or has no shop: wait for the approval, let testers take it meanwhile, or give it a shop.";
    40109 Permanent: "一次超过100个code：请减少", "More than 100 card codes in one call: send fewer.";
    40110 Permanent: "code中有空值：请去掉", "One of the card codes is empty: leave it out.";
    40111 Permanent: "有重复的code：每个只发一次", "One card code occurs twice: send it once.";
    40112 Permanent: "卡券的bind_openid不符：请填写该卡券所属用户的openid", "The card's bind_openid does not fit: name the openid of the user for whom the card is.";
    40116 Permanent: "卡券code不合法：长度不超过20个字符", "The card code is invalid: use codes of at most 20 characters.";
    40121 Permanent: "media_id属于另一种媒体类型", "The media_id belongs to another kind of media.";
    40122 Permanent: "卡券库存不合法：须为1到100000000；预存code的卡券为0", "The card's quantity is invalid: use 1 to 100000000, or 0 for a card whose codes are deposited.";
    40124 Permanent: "卡券的自定义字段不合法：请使用微信列出的字段类型", "The card's custom fields are invalid: use the kinds of field that WeChat lists.";
    40125 AppAtFault: WRONG_SECRET_ZH, WRONG_SECRET;
    40127 Permanent: "用户的卡券不允许此操作：已转赠、删除、核销、失效或过期。请先查询状态（check_consume为false）", "The user's card does not allow this: it was given away, deleted, consumed, disabled or has expired. Read its state first (check_consume false).";
    40132 Permanent: "微信号不合法", "The WeChat ID is invalid.";
    40136 Permanent: "预存code不足：请先导入更多code，再增加库存", "Too few card codes were deposited: deposit more, then raise the stock.";
    40137 Permanent: "图片格式不被接受：请使用JPG或PNG", "The picture's format is not accepted: use JPG or PNG.";
    40146 Permanent: "该code已被他人标记：请由该用户核销", "The card code was marked by somebody else: let that user consume it.";
    40147 Permanent: "当前时间不能核销该卡券：请核对date_info和使用时段", "The card cannot be consumed at this time: compare with its date_info and time limits.";
    40155 Permanent: "url指向其他公众号的主页", "The url leads to another account's home page.";
    40163 Permanent: "登录code已被使用：请用户重新登录", "The login code was used before: the user logs in again.";
    40164 AppAtFault: "微信不认识本服务器的IP：请把提示的IP加入微信公众平台的IP白名单", "WeChat does not know this server's IP address: add the address named to the app's IP whitelist in WeChat's console.";
    40165 Permanent: "小程序路径不合法", "The mini program's path is invalid.";
    40166 Permanent: "小程序未与本公众号关联", "The mini program is not linked to this app.";
    40243 AppAtFault: "AppSecret已冻结：请在微信公众平台解冻", "The app's secret is frozen: unfreeze it in WeChat's console.";
    40249 Permanent: "内容疑似营销：请更换措辞", "WeChat takes the content for marketing: word it otherwise.";
    41001 RefreshToken: "缺少access_token，将自动补上", "The access token was missing; it is put in anew by itself.";
    41002 Permanent: "缺少appid", "The app id is missing.";
    41003 Permanent: "缺少refresh_token", "The refresh token is missing.";
    41004 Permanent: "缺少AppSecret：请设置", "The app's secret is missing: set it.";
    41005 Permanent: "缺少媒体文件", "The media file is missing.";
    41006 Permanent: "缺少media_id", "The media_id is missing.";
    41007 Permanent: "缺少菜单数据", "The menu is missing.";
    41008 Permanent: "缺少登录code", "The login code is missing.";
    41009 Permanent: "缺少接收者openid", "The recipient's openid is missing.";
    41010 Permanent: "缺少url", "The url is missing.";
    41011 Permanent: "缺少必填字段：请对照微信文档检查卡券，尤其是logo_url、sku和date_info", "A required field is missing: compare the card with WeChat's document, logo_url, sku and date_info above all.";
    41012 Permanent: "缺少card_id：请指明卡券", "The card_id is missing: name the card.";
    41013 Permanent: "缺少卡券code：请指明；自定义code的卡券必须提供code", "The card code is missing: name it; a card with codes of the merchant's own needs one.";
    41018 Permanent: "缺少第三方平台的appid", "The platform's app id is missing.";
    41021 Permanent: "缺少第三方平台的token", "The platform's token is missing.";
    42001 RefreshToken: "access_token已过期，将自动刷新", "The access token has expired; it is renewed by itself.";
    42002 Permanent: "登录的refresh_token已过期：请用户重新登录", "The login's refresh token has expired: the user logs in again.";
    42003 Permanent: "登录code已过期：请用户重新登录", "The login code has expired: the user logs in again.";
    42005 Permanent: "接口使用权已过期：请在微信公众平台续期", "The right to use this interface has expired: renew it in WeChat's console.";
    42006 RefreshToken: "第三方平台的token已过期，将自动刷新", "The platform's token has expired; it is renewed by itself.";
    42007 Permanent: "用户修改了密码：请用户重新登录", "The user changed the password: the user logs in again.";
    42009 RefreshToken: "临时token已过期，将自动刷新", "The temporary token has expired; it is renewed by itself.";
    43001 Permanent: "该接口须用GET请求", "The interface wants GET.";
    43002 Permanent: "该接口须用POST请求", "The interface wants POST.";
    43003 Permanent: "微信要求HTTPS：请更正微信接口地址", "WeChat wants HTTPS: correct the address of its API.";
    43004 Permanent: "接收者未关注公众号：只能发给关注者", "The recipient does not follow the account: only followers can be written to.";
    43005 Permanent: "接收者不是好友", "The recipient is no friend.";
    43008 Permanent: "没有微信支付权限：请在微信公众平台申请", "The account lacks the right to payments: apply for WeChat Pay in WeChat's console.";
    43009 Permanent: "没有自定义code权限：请在微信公众平台申请，或由微信生成code（use_custom_code为false）", "The account lacks the right to codes of its own: apply for it in WeChat's console, or let WeChat make the codes (use_custom_code false).";
    43010 Permanent: "没有卡券储值权限：请在微信公众平台申请，或将supply_balance设为false", "The account lacks the right to balances on cards: apply for it in WeChat's console, or set supply_balance to false.";
    43011 Permanent: "没有卡券积分权限：请在微信公众平台申请，或将supply_bonus设为false", "The account lacks the right to bonus points: apply for it in WeChat's console, or set supply_bonus to false.";
    43019 Permanent: "接收者在公众号的黑名单中", "The recipient is on the account's blacklist.";
    43101 Permanent: "用户拒收此类消息", "The user refuses messages of this kind.";
    43116 Permanent: "该模板被微信限制：请查看微信公众平台", "WeChat restricts this template: look into WeChat's console.";
    43117 TooOftenForUser(MINUTE): "给该用户发送过于频繁，将自动重试", "Too many messages to this user; it is tried again by itself.";
    44001 Permanent: "媒体文件为空", "The media file is empty.";
    44002 Permanent: "请求体为空", "The request's body is empty.";
    44003 Permanent: "图文消息为空", "The article is empty.";
    44004 Permanent: "文本为空", "The text is empty.";
    44007 AlreadyDone: "相同client_msg_id的消息已发送过", "A message with this client_msg_id was sent before.";
    45001..=45008 Permanent: "内容超出微信的限制：媒体、正文、标题、描述、链接、图片链接、录音或图文数量过长过大", "Something is too long or too large for WeChat: media, content, title, description, link, picture link, recording or the number of articles.";
    45009 Quota: "当日调用次数已用完，次日微信重新计数后继续。每月可在微信公众平台清零十次", "The day's calls are used up; it goes on when WeChat counts anew. The counters can be reset in WeChat's console ten times a month.";
    45011 AgainAfter(MINUTE): "一分钟内调用过多，将自动重试", "Too many calls in one minute; it is tried again by itself.";
    45015 Permanent: "用户超过48小时未互动：用户再次发来消息后才能发送", "The user has been silent for too long (48 hours): WeChat allows this again when the user writes.";
    45021 Permanent: "字段过长：请缩短。title最多27字节、brand_name 36、notice 48、description 3072，一个汉字占三字节", "A field is too long: shorten it. Title 27, brand_name 36, notice 48 and description 3072 bytes at most, three to a Chinese character.";
    45022 Permanent: "积分超出范围：请减小", "The bonus is out of range: send a smaller one.";
    45023 Permanent: "余额超出范围：请减小", "The balance is out of range: send a smaller one.";
    45028 Permanent: "本期群发次数已用完", "The mass messages of this period are used up.";
    45029 Permanent: "永久二维码过多：请使用临时二维码", "Too many permanent QR codes: use temporary ones.";
    45030 Permanent: "本公众号无权使用该卡券：请使用本公众号创建的卡券", "The account has no right to this card: use a card that this app made.";
    45031 Permanent: "卡券库存已用完：请增加；首次应按已导入的code数量增加", "The card's stock is used up: raise it, at first by as many codes as were deposited.";
    45033 Permanent: "该用户领取数量已达上限：请由其他用户领取，或提高get_limit", "The user has taken as many of this card as allowed: let another user take it, or raise its get_limit.";
    45040 Permanent: "当月调用次数已用完", "The month's calls are used up.";
    45041 Permanent: "卡券总库存将超出上限：请少增加一些", "The card's stock would exceed its limit: raise it by less.";
    45047 Permanent: "客服消息条数超限：用户再次发来消息后可继续", "Too many service messages: WeChat allows more when the user writes.";
    45061 Again: "卡券修改过于频繁，将自动重试", "The card was changed too often; it is tried again by itself.";
    45065 AlreadyDone: "相同client id的消息已发送过", "A message with this client id was sent before.";
    45066 AgainAfter(MINUTE): "相同client id重试过快，将自动重试", "Repeated too soon under the same client id; it is tried again by itself.";
    45067 Permanent: "client_msg_id过长：不超过32个字符", "The client_msg_id is too long: keep to 32 characters.";
    45072 Permanent: "输入状态命令不合法", "The typing command is invalid.";
    45080 Permanent: "用户近期没有互动，不能显示输入状态", "The user has not written lately, so no typing can be shown.";
    45081 Permanent: "已处于输入状态", "Typing is shown already.";
    45087 Permanent: "客服消息已被微信封禁：请查看微信公众平台", "WeChat has blocked this account's service messages: look into WeChat's console.";
    45102 AgainAfter(TEN_MINUTES): "微信暂时封禁该接口，将自动重试", "WeChat blocks this interface for the moment; it is tried again by itself.";
    45103 Permanent: "该接口已被微信下线", "WeChat has withdrawn this interface.";
    45162 Permanent: "类型不合法", "The type is invalid.";
    45501 AgainAfter(TEN_MINUTES): "微信暂时拦截部分请求，将自动重试", "WeChat holds back some requests for the moment; it is tried again by itself.";
    46001 Permanent: "媒体不存在", "The media does not exist.";
    46002..=46003 Permanent: "菜单不存在", "The menu does not exist.";
    46004 Permanent: "用户不存在", "The user does not exist.";
    46007 Again: "微信仍在转码，将自动重试", "WeChat is still converting the file; it is tried again by itself.";
    47001 Permanent: "微信无法解析请求体：请发送UTF-8编码的合法JSON", "WeChat cannot parse the body: send well-formed JSON in UTF-8.";
    47002 Permanent: "微信不接受\\uXXXX转义：请直接发送UTF-8文本", "WeChat refuses \\uXXXX escapes: send the text as plain UTF-8.";
    47003 Permanent: "某个值不符合模板字段的规则（见提示的字段）：请更正", "A value breaks the rule of its template field (the field is named): correct it.";
    48001 Permanent: "没有该接口的权限：请在微信公众平台申请", "The account has no right to this interface: apply for it in WeChat's console.";
    48002 Permanent: "粉丝拒收消息", "The follower refuses messages.";
    48003 Permanent: "尚未在微信公众平台同意群发协议", "The agreement on mass messages has not been accepted in WeChat's console.";
    48004 AppAtFault: "该接口已被微信封禁：请查看微信公众平台", "WeChat has banned this interface for the app: look into WeChat's console.";
    48005 Permanent: "素材正被使用，不能删除", "The material is in use and cannot be deleted.";
    48006 Permanent: "当月十次清零机会已用完", "The month's ten resets of the counters are used up.";
    48008 Permanent: "没有该类消息的权限", "The account has no right to this type of message.";
    49003 Permanent: "openid属于其他公众号", "The openid is another app's.";
    50001 Permanent: "用户未授权该接口", "The user has not granted this.";
    50002 AppAtFault: "账号受限、冻结或注销：请查看微信公众平台", "The account is restricted, frozen or closed: look into WeChat's console.";
    50004 Permanent: "微信禁止该账号获取token：请查看微信公众平台", "WeChat forbids this account to fetch tokens: look into WeChat's console.";
    50005 Permanent: "用户未关注公众号", "The user does not follow the account.";
    50007 AppAtFault: "账号已冻结：请查看微信公众平台", "The account is frozen: look into WeChat's console.";
    61003 AppAtFault: "公众号未授权给该第三方平台：请授权", "The account has not authorised this third-party platform: authorise it.";
    61004 AppAtFault: "微信不认识本服务器的IP：请加入第三方平台的IP列表", "WeChat does not know this server's IP address: add it to the platform's list.";
    61005..=61006 AgainAfter(TEN_MINUTES): "第三方平台的ticket已过期，微信下次推送后继续", "The platform's ticket has expired; it goes on after WeChat's next push of one.";
    61007 Permanent: "公众号未把该接口授权给第三方平台", "The account has not granted this interface to the platform.";
    61009 Permanent: "授权码无效：请重新授权", "The authorization code is invalid: authorise anew.";
    61010 Permanent: "授权码已过期：请重新授权", "The authorization code has expired: authorise anew.";
    61011 Permanent: "第三方平台不合法", "The third-party platform is invalid.";
    61014..=61015 Permanent: "使用了错误类型的token", "The wrong kind of token was used.";
    61016 Permanent: "权限集未确认", "The set of rights has not been confirmed.";
    61017 Permanent: "权限集未授权", "The set of rights has not been granted.";
    61023 AppAtFault: "公众号的刷新令牌无效：公众号须重新授权给第三方平台", "The account's refresh token is invalid: the account must authorise the platform anew.";
    61024 Permanent: "使用了错误类型的token", "The wrong kind of token was used.";
    61028 Permanent: "第三方平台尚未发布", "The third-party platform has not been published.";
    61450 Again: "微信客服系统错误，将自动重试", "WeChat's service system failed; it is tried again by itself.";
    61451..=61457 Permanent: "客服账号有误：参数、名称、数量或头像不合法", "Something about the service account is invalid: parameter, name, number of accounts or avatar.";
    61500 Permanent: "日期格式不合法", "The date's format is invalid.";
    61503 Again: "数据尚未就绪，将自动重试", "The data is not ready yet; it is tried again by itself.";
    65400..=65417 Permanent: "客服系统未启用，或客服账号有问题", "The service system is not enabled, or the account has a problem there.";
    70000 Permanent: "因未成年人保护被拒绝", "Refused for the protection of minors.";
    87009 Permanent: "签名无效", "The signature is invalid.";
    87014 Permanent: "内容涉嫌违规：请更换措辞", "WeChat takes the content for a violation: word it otherwise.";
    88000 Permanent: "没有留言权限", "The account has no right to comments.";
    89500 AppAtFault: RISK_CONTROL_ZH, RISK_CONTROL;
    89501 AppAtFault: "本服务器的IP正等待管理员在微信中确认：请确认", "This server's IP address waits for the administrator's confirmation, asked for in WeChat: confirm it.";
    89502 AppAtFault: RISK_CONTROL_ZH, RISK_CONTROL;
    89503 AppAtFault: "本服务器的IP需要管理员在微信中确认：请确认", "This server's IP address needs the administrator's confirmation, asked for in WeChat: confirm it.";
    89504..=89505 AppAtFault: RISK_CONTROL_ZH, RISK_CONTROL;
    89506 AppAtFault: "管理员两次拒绝了本服务器的IP：24小时后可再次申请", "The administrator refused this server's IP address twice: it can be asked for again after 24 hours.";
    89507 AppAtFault: "管理员拒绝了本服务器的IP：1小时后可再次申请", "The administrator refused this server's IP address: it can be asked for again after an hour.";
    89508..=89599 AppAtFault: RISK_CONTROL_ZH, RISK_CONTROL;
    9_001_001 Permanent: "请求体不合法", "The request's body is invalid.";
    9_001_002 Again: "微信背后的服务不可用，将自动重试", "A service behind WeChat is not available; it is tried again by itself.";
    9_410_010..=9_410_012 Permanent: "短链接的key或数据不合法", "The short link's key or data is invalid.";
};
