#!/usr/bin/env bash
# A client of the gateway in bash, with curl and openssl. See README.md beside this file.
#
#   client.sh send OPENID TEXT      sends a template message and waits for its end
#   client.sh verify <REQUEST       checks a callback, as it came over the wire
#
# openssl takes keys on its command line, which other users of this machine can read while it runs.
set -euo pipefail
tries=5
max_age_s=300
# Bytes, by Standard Webhooks.
shortest_key=24

# Percent-encodes $1 by RFC 3986: each byte but letters, digits, - . _ and ~.
encode() {
    local LC_ALL=C text=$1 number i
    for ((i = 0; i < ${#text}; i++)); do
        case ${text:i:1} in
        [A-Za-z0-9._~-]) printf %s "${text:i:1}" ;;
        *) printf -v number %d "'${text:i:1}" && printf '%%%02X' $((number & 255)) ;;
        esac
    done
}

# Undoes it, and a form's + for a blank.
decode() {
    local text=${1//+/%20}
    printf %b "${text//%/\\x}"
}

# Writes $1 as a JSON string.
json_string() {
    local text=$1 number control escaped
    text=${text//\\/\\\\} text=${text//\"/\\\"}
    for number in {1..31}; do
        printf -v escaped '\\u%04x' "$number" && printf -v control %b "\\x${escaped: -2}"
        text=${text//"$control"/"$escaped"}
    done
    printf '"%s"' "$text"
}

# Sorts lines of name=encoded by name, byte by byte, and leaves out what is empty.
sorted() { grep -v '=$' | LC_ALL=C sort -t= -k1,1; }

# Reads such lines and prints their authcode. $1: md5 or hmac; $2: the interface; $3: the secret.
authcode() {
    local line string_a=''
    if [[ $1 == md5 ]]; then
        # The blank keeps line breaks at a value's end, which $(…) would drop.
        while read -r line; do string_a+=$(decode "${line#*=}" && printf ' ') && string_a=${string_a% }; done \
            < <({ cat && printf 'client_secret=%s\n' "$(encode "$3")"; } | sorted)
        printf %s "$string_a" | openssl dgst -md5 -r
    else
        { printf '%s\n' "$2" && sorted | paste -sd '&' | tr -d '\n'; } | openssl dgst -sha256 -hmac "$3" -r
    fi | cut -d ' ' -f 1
}

# Signs a request to interface $1 with parameters "${@:2}" (name=value) and prints the answer. When there is none that
# can be read, or it says 503 or 504, the same signed request goes out again: it is not done twice.
call() {
    local interface=$1 pair body code try answer
    shift
    body=$(for pair in "client_code=$CLIENT_CODE" "req_time=$(date +%s)" "$@"; do
        printf '%s=%s\n' "${pair%%=*}" "$(encode "${pair#*=}")"
    done)
    code=$(authcode "${SIGNING:-hmac}" "$interface" "$CLIENT_SECRET" <<<"$body")
    for ((try = 1; ; try++)); do
        answer=$(curl --silent --show-error --max-time 60 --data-raw "$(paste -sd '&' <<<"$body")" \
            "$GATEWAY_URL/weixinapi/$interface?authcode=$code") || answer='no answer'
        [[ $answer == *'"retcode":'* && ! $answer =~ \"retcode\":50[34], ]] || ((try == tries)) || {
            sleep "$try"
            continue
        }
        printf '%s\n' "$answer"
        [[ $answer == *'"retcode":200,'* ]]
        return
    done
}

send() {
    local message id status request_id=${REQUEST_ID:-$(openssl rand -hex 16)}
    message='{"touser":'$(json_string "$1")',"template_id":'$(json_string "${TEMPLATE_ID:-sandbox-template}")
    message+=',"data":{"thing1":{"value":'$(json_string "$2")'}}}'
    # It makes two equal messages two. Whoever tries again with the same one sends none twice.
    echo "REQUEST_ID=$request_id" >&2
    # Empty parameters may be sent; they are not signed.
    status=$(call async_send_tpl "tpl_data=$message" "callback_url=${CALLBACK_URL:-}" "request_id=$request_id") ||
        { echo "refused: $status" >&2 && return 1; }
    [[ $status =~ \"data\":([0-9]+) ]] && id=${BASH_REMATCH[1]}
    echo "accepted as $id" >&2
    until [[ $status =~ \"state\":\"(succeeded|failed|cancelled)\" ]]; do
        status=$(call get_job_status "job_id=$id" wait=10) || { echo "refused: $status" >&2 && return 1; }
    done
    echo "$id ${BASH_REMATCH[1]}"
    [[ ${BASH_REMATCH[1]} == succeeded ]] || { echo "$status" >&2 && return 1; }
}

# Says why a callback is not believed.
forged() {
    echo "not believed: $1" >&2
    exit 1
}

# Prints the key in callback secret $1, in hex. With an empty or half-pasted one anybody could sign.
callback_key() {
    local key
    key=$(printf %s "${1#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n') || key=''
    [[ $1 == whsec_* ]] && ((${#key} >= 2 * shortest_key)) && printf %s "$key"
}

# Is $1 equal to $2? Compares digests, whose differences tell nothing of the texts'.
same() { [[ $(printf %s "$1" | openssl dgst -sha256 -r) == "$(printf %s "$2" | openssl dgst -sha256 -r)" ]]; }

# Is $1 one of "${@:2}"?
one_of() {
    local other
    for other in "${@:2}"; do
        ! same "$1" "$other" || return 0
    done
    return 1
}

verify() {
    local line target id='' time='' signatures=() body age_s key expected given fields pair pairs scheme
    local secret=${CALLBACK_SECRET:-}
    read -r _ target _
    while read -r line && [[ -n ${line%$'\r'} ]]; do
        line=${line%$'\r'}
        case ${line,,} in
        webhook-id:*) id=${line#*: } ;;
        webhook-timestamp:*) time=${line#*: } ;;
        webhook-signature:*) read -ra signatures <<<"${line#*: }" ;;
        esac
    done
    body=$(cat && printf ' ') && body=${body% }

    # Standard Webhooks: base64 of HMAC-SHA256 over id.timestamp.body, one of several.
    [[ $time =~ ^[0-9]{1,12}$ ]] || forged 'it has no time'
    age_s=$(($(date +%s) - 10#$time))
    ((age_s <= max_age_s && age_s >= -max_age_s)) || forged 'its time is not near now'
    key=$(callback_key "$secret") || { echo 'CALLBACK_SECRET is not a callback secret (whsec_...)' >&2 && exit 1; }
    expected=v1,$(printf %s "$id.$time.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary |
        openssl base64 -A)
    one_of "$expected" "${signatures[@]}" || forged 'no webhook-signature is right'

    # The authcode: as of a request, with the callback secret in the client secret's place.
    given=${target##*authcode=} scheme=md5 fields=''
    [[ ${#given} -eq 64 ]] && scheme=hmac
    IFS='&' read -ra pairs <<<"$body"
    for pair in "${pairs[@]}"; do
        # Encoded anew, since nothing binds a sender to one way of writing.
        fields+="${pair%%=*}=$(encode "$(decode "${pair#*=}")")"$'\n'
    done
    same "$(authcode "$scheme" callback "$secret" <<<"${fields%$'\n'}")" "$given" || forged 'its authcode is wrong'
    echo "$id"
}

case $#${1-} in
3send) send "$2" "$3" ;;
1verify) verify ;;
*) echo "usage: $0 send OPENID TEXT | verify <REQUEST" >&2 && exit 2 ;;
esac
