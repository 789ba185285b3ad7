import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A client of the gateway for Java 17 or later, without libraries. See README.md beside this file.
 *
 * <pre>
 * java Client.java send OPENID TEXT      sends a template message and waits for its end
 * java Client.java verify &lt;REQUEST       checks a callback, as it came over the wire
 * </pre>
 *
 * The JDK has no JSON: what is read of answers here are numbers and words, which a pattern finds.
 */
public final class Client {
    private static final int TRIES = 5;
    private static final long MAX_AGE_S = 300;
    /** Bytes, by Standard Webhooks. */
    private static final int SHORTEST_KEY = 24;
    private static final Pattern RETCODE = Pattern.compile("\"retcode\":(\\d+)");
    private static final Pattern DATA_NUMBER = Pattern.compile("\"data\":(\\d+)");
    private static final Pattern END = Pattern.compile("\"state\":\"(succeeded|failed|cancelled)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What proves that these parameters come from whoever knows the secret; empty ones do not count. */
    static String authcode(String scheme, String iface, Map<String, String> params, String secret)
            throws GeneralSecurityException {
        // By bytes: the order of Java's own comparison is that of UTF-16.
        var sorted = new TreeMap<String, String>((one, other) -> Arrays.compareUnsigned(utf8(one), utf8(other)));
        sorted.putAll(params);
        sorted.values().removeIf(String::isEmpty);
        if (scheme.equals("md5")) {
            sorted.put("client_secret", secret);
            var md5 = MessageDigest.getInstance("MD5").digest(utf8(String.join("", sorted.values())));
            return HexFormat.of().formatHex(md5);
        }
        return HexFormat.of().formatHex(hmac(utf8(secret), utf8(iface + "\n" + form(sorted))));
    }

    static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /** Name=value joined by &amp;, percent-encoded by RFC 3986: a form's body, and what HMAC signs. */
    static String form(Map<String, String> params) {
        return params.entrySet().stream()
                .map(pair -> encode(pair.getKey()) + "=" + encode(pair.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /**
     * Signs a request and returns the answer. When there is none that can be read, or it says 503 or 504, the
     * same signed request goes out again: it is not done twice.
     */
    static String call(String iface, Map<String, String> params) throws Exception {
        var all = new LinkedHashMap<>(params);
        all.put("client_code", setting("CLIENT_CODE", null));
        all.put("req_time", String.valueOf(Instant.now().getEpochSecond()));
        var authcode = authcode(setting("SIGNING", "hmac"), iface, all, setting("CLIENT_SECRET", null));
        var url = setting("GATEWAY_URL", null) + "/weixinapi/" + iface + "?authcode=" + authcode;
        var request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(form(all)))
                .build();
        for (int attempt = 1; ; attempt++) {
            var answer = post(request);
            var retcode = found(RETCODE, answer);
            if (retcode.equals("200")) {
                return answer;
            }
            if (attempt == TRIES || !Set.of("503", "504", "").contains(retcode)) {
                throw new IllegalStateException("refused: " + answer);
            }
            Thread.sleep(Duration.ofSeconds(attempt).toMillis());
        }
    }

    static String post(HttpRequest request) throws InterruptedException {
        try {
            return HTTP.send(request, BodyHandlers.ofString()).body();
        } catch (IOException broken) {
            // Nobody knows whether the request arrived.
            return "no answer: " + broken;
        }
    }

    /** Sends a message, waits for its end and tells it. */
    static void send(String openid, String text) throws Exception {
        var template = setting("TEMPLATE_ID", "sandbox-template");
        var message = "{\"touser\":" + json(openid) + ",\"template_id\":" + json(template)
                + ",\"data\":{\"thing1\":{\"value\":" + json(text) + "}}}";
        // It makes two equal messages two. Whoever tries again with the same one sends none twice.
        var requestId = setting("REQUEST_ID", "");
        requestId = requestId.isEmpty() ? UUID.randomUUID().toString() : requestId;
        System.err.println("REQUEST_ID=" + requestId);
        // Empty parameters may be sent; they are not signed.
        var accepted = call("async_send_tpl", Map.of(
                "tpl_data", message,
                "callback_url", setting("CALLBACK_URL", ""),
                "request_id", requestId));
        var job = found(DATA_NUMBER, accepted);
        System.err.println("accepted as " + job);
        while (true) {
            var status = call("get_job_status", Map.of("job_id", job, "wait", "10"));
            var end = found(END, status);
            if (!end.isEmpty()) {
                System.out.println(job + " " + end);
                if (!end.equals("succeeded")) {
                    throw new IllegalStateException(status);
                }
                return;
            }
        }
    }

    /** A text as a JSON string. */
    static String json(String text) {
        var escaped = Pattern.compile("[\"\\\\\\x00-\\x1f]").matcher(text)
                .replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
        return "\"" + escaped + "\"";
    }

    static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** The key in a callback secret. With an empty or half-pasted one anybody could sign. */
    static byte[] callbackKey(String secret) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        } catch (IllegalArgumentException notBase64) {
            key = new byte[0];
        }
        if (!secret.startsWith("whsec_") || key.length < SHORTEST_KEY) {
            throw new IllegalStateException("CALLBACK_SECRET is not a callback secret (whsec_...)");
        }
        return key;
    }

    /** Checks a callback's two signatures; returns its id, by which repeats are dropped. */
    static String verify(byte[] request) throws GeneralSecurityException {
        // One character a byte, so that places in the text are places in the bytes.
        var text = new String(request, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        var body = Arrays.copyOfRange(request, end + 4, request.length);
        var lines = text.substring(0, end).split("\r\n");
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 1; i < lines.length; i++) {
            var parts = lines[i].split(":", 2);
            headers.put(parts[0], parts[1].strip());
        }
        var id = headers.getOrDefault("webhook-id", "");
        var time = headers.getOrDefault("webhook-timestamp", "");
        var secret = setting("CALLBACK_SECRET", "");

        // Standard Webhooks: base64 of HMAC-SHA256 over id.timestamp.body, one of several.
        if (!time.matches("[0-9]{1,12}")
                || Math.abs(Instant.now().getEpochSecond() - Long.parseLong(time)) > MAX_AGE_S) {
            throw new IllegalStateException("not believed: its time is not near now");
        }
        var mac = hmac(callbackKey(secret), utf8(id + "." + time + "."), body);
        var expected = "v1," + Base64.getEncoder().encodeToString(mac);
        var signatures = headers.getOrDefault("webhook-signature", "").split(" ");
        if (Arrays.stream(signatures).noneMatch(one -> same(one, expected))) {
            throw new IllegalStateException("not believed: no webhook-signature is right");
        }

        // The authcode: as of a request, with the callback secret in the client secret's place.
        var target = lines[0].split(" ")[1];
        var given = target.substring(target.lastIndexOf('=') + 1);
        var fields = new LinkedHashMap<String, String>();
        for (var pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            var parts = pair.split("=", 2);
            fields.put(decode(parts[0]), decode(parts[1]));
        }
        var scheme = given.length() == 64 ? "hmac" : "md5";
        if (!same(authcode(scheme, "callback", fields, secret), given)) {
            throw new IllegalStateException("not believed: its authcode is wrong");
        }
        return id;
    }

    static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Compares in a time that tells nothing of where they differ. */
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(utf8(one), utf8(other));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String setting(String name, String otherwise) {
        var value = System.getenv().getOrDefault(name, otherwise);
        if (value == null) {
            throw new IllegalStateException(name + " is not set");
        }
        return value;
    }

    public static void main(String[] arguments) throws Exception {
        try {
            if (arguments.length == 3 && arguments[0].equals("send")) {
                send(arguments[1], arguments[2]);
            } else if (arguments.length == 1 && arguments[0].equals("verify")) {
                System.out.println(verify(System.in.readAllBytes()));
            } else {
                System.err.println("usage: java Client.java send OPENID TEXT | verify <REQUEST");
                System.exit(2);
            }
        } catch (IllegalStateException refused) {
            System.err.println(refused.getMessage());
            System.exit(1);
        }
    }
}
