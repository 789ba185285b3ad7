<?php
// A client of the gateway in PHP 8, without extensions. See README.md beside this file.
//
//   php client.php send OPENID TEXT      sends a template message and waits for its end
//   php client.php verify <REQUEST       checks a callback, as it came over the wire

declare(strict_types=1);

const TRIES = 5;
const MAX_AGE_S = 300;
// Bytes, by Standard Webhooks.
const SHORTEST_KEY = 24;

/** What proves that these parameters come from whoever knows the secret; empty ones do not count. */
function authcode(string $scheme, string $interface, array $params, string $secret): string
{
    if ($scheme === 'md5') {
        $params['client_secret'] = $secret;
    }
    $counting = array_filter($params, fn (string $value) => $value !== '');
    // As text, byte by byte: PHP would sort names that look like numbers as numbers.
    uksort($counting, fn ($one, $other) => strcmp((string) $one, (string) $other));
    if ($scheme === 'md5') {
        return md5(implode('', $counting));
    }
    $text = $interface . "\n" . http_build_query($counting, '', '&', PHP_QUERY_RFC3986);
    return hash_hmac('sha256', $text, $secret);
}

/**
 * Signs a request and answers its data. When there is no answer that can be read, or it says 503 or 504,
 * the same signed request goes out again: it is not done twice.
 */
function call(string $interface, array $params): mixed
{
    $params += ['client_code' => setting('CLIENT_CODE'), 'req_time' => (string) time()];
    $authcode = authcode(setting('SIGNING', 'hmac'), $interface, $params, setting('CLIENT_SECRET'));
    $url = setting('GATEWAY_URL') . "/weixinapi/$interface?authcode=$authcode";
    for ($attempt = 1; ; $attempt++) {
        $answer = post($url, http_build_query($params));
        if (!in_array($answer['retcode'], [503, 504], true) || $attempt === TRIES) {
            break;
        }
        sleep($attempt);
    }
    if ($answer['retcode'] !== 200) {
        throw new RuntimeException("refused: {$answer['retcode']} {$answer['msg']}");
    }
    return $answer['data'];
}

function post(string $url, string $body): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => $body,
        'timeout' => 60,
        // 503 and a few others have that HTTP status, and the same three fields.
        'ignore_errors' => true,
    ]]);
    $answer = @file_get_contents($url, false, $context);
    $said = json_decode($answer === false ? '' : $answer, true);
    if (is_int($said['retcode'] ?? null)) {
        return $said;
    }
    // Without a whole answer, or with a proxy's own, nobody knows whether the request arrived.
    return ['retcode' => 504, 'data' => null, 'msg' => error_get_last()['message'] ?? 'no answer'];
}

/** Sends a message and waits for its end; answers its status. */
function send(string $openid, string $text): array
{
    $message = [
        'touser' => $openid,
        'template_id' => setting('TEMPLATE_ID', 'sandbox-template'),
        'data' => ['thing1' => ['value' => $text]],
    ];
    // It makes two equal messages two. Whoever tries again with the same one sends none twice.
    $request_id = setting('REQUEST_ID', '') ?: bin2hex(random_bytes(16));
    fwrite(STDERR, "REQUEST_ID=$request_id\n");
    // Empty parameters may be sent; they are not signed.
    $job = call('async_send_tpl', [
        'tpl_data' => json_encode($message, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR),
        'callback_url' => setting('CALLBACK_URL', ''),
        'request_id' => $request_id,
    ]);
    fwrite(STDERR, "accepted as $job\n");
    do {
        $status = call('get_job_status', ['job_id' => (string) $job, 'wait' => '10']);
    } while (!in_array($status['state'], ['succeeded', 'failed', 'cancelled'], true));
    return $status;
}

/** The key in a callback secret. With an empty or half-pasted one anybody could sign. */
function callback_key(string $secret): string
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    if (!str_starts_with($secret, 'whsec_') || strlen((string) $key) < SHORTEST_KEY) {
        throw new RuntimeException('CALLBACK_SECRET is not a callback secret (whsec_...)');
    }
    return $key;
}

/** Checks a callback's two signatures; answers its id, by which repeats are dropped. */
function verify(string $request): string
{
    [$head, $body] = explode("\r\n\r\n", $request, 2);
    $lines = explode("\r\n", $head);
    $target = explode(' ', array_shift($lines))[1];
    $headers = [];
    foreach ($lines as $line) {
        [$name, $value] = explode(':', $line, 2);
        $headers[strtolower($name)] = trim($value);
    }
    $headers += ['webhook-id' => '', 'webhook-timestamp' => '', 'webhook-signature' => ''];
    ['webhook-id' => $id, 'webhook-timestamp' => $time] = $headers;
    $secret = setting('CALLBACK_SECRET', '');

    // Standard Webhooks: base64 of HMAC-SHA256 over id.timestamp.body, one of several.
    if (!preg_match('/^[0-9]{1,12}$/D', $time) || abs(time() - (int) $time) > MAX_AGE_S) {
        throw new RuntimeException('not believed: its time is not near now');
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$time.$body", callback_key($secret), true));
    $right = fn (string $one) => hash_equals($expected, $one);
    if (!array_filter(explode(' ', $headers['webhook-signature']), $right)) {
        throw new RuntimeException('not believed: no webhook-signature is right');
    }

    // The authcode: as of a request, with the callback secret in the client secret's place.
    $given = explode('authcode=', $target)[1] ?? '';
    parse_str($body, $fields);
    $scheme = strlen($given) === 64 ? 'hmac' : 'md5';
    if (!hash_equals(authcode($scheme, 'callback', $fields, $secret), $given)) {
        throw new RuntimeException('not believed: its authcode is wrong');
    }
    return $id;
}

function setting(string $name, ?string $default = null): string
{
    $value = getenv($name);
    return $value !== false ? $value : $default ?? throw new RuntimeException("$name is not set");
}

try {
    if ($argc === 4 && $argv[1] === 'send') {
        $status = send($argv[2], $argv[3]);
        echo "{$status['job_id']} {$status['state']}\n";
        if ($status['state'] !== 'succeeded') {
            throw new RuntimeException(json_encode($status, JSON_UNESCAPED_UNICODE));
        }
        exit(0);
    }
    if ($argc === 2 && $argv[1] === 'verify') {
        echo verify(file_get_contents('php://stdin')), "\n";
        exit(0);
    }
    fwrite(STDERR, "usage: php client.php send OPENID TEXT | verify <REQUEST\n");
    exit(2);
} catch (RuntimeException $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
