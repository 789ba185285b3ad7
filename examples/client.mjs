// A client of the gateway for Node.js 18 or later, without packages. See README.md beside this file.
//
//   node client.mjs send OPENID TEXT      sends a template message and waits for its end
//   node client.mjs verify <REQUEST       checks a callback, as it came over the wire

import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 5;
const MAX_AGE_S = 300;
// Bytes, by Standard Webhooks.
const SHORTEST_KEY = 24;
const { CLIENT_CODE, CLIENT_SECRET, GATEWAY_URL, CALLBACK_SECRET = "" } = process.env;
const { SIGNING = "hmac", CALLBACK_URL = "", TEMPLATE_ID = "sandbox-template", REQUEST_ID } = process.env;

/** What proves that these parameters come from whoever knows the secret; empty ones do not count. */
function authcode(scheme, iface, params, secret) {
  const all = scheme === "md5" ? { ...params, client_secret: secret } : params;
  // By bytes: the order of JavaScript's own comparison is that of UTF-16.
  const byName = ([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other));
  const pairs = Object.entries(all).filter(([, value]) => value !== "").sort(byName);
  if (scheme === "md5") {
    return createHash("md5").update(pairs.map(([, value]) => value).join("")).digest("hex");
  }
  const text = `${iface}\n${pairs.map((pair) => pair.map(encode).join("=")).join("&")}`;
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** RFC 3986 leaves nothing alone but letters, digits and - . _ ~; encodeURIComponent leaves these five, too. */
function encode(text) {
  const hex = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/**
 * Signs a request and answers its data. When there is no answer that can be read, or it says 503 or 504,
 * the same signed request goes out again: it is not done twice.
 */
async function call(iface, params) {
  const all = { ...params, client_code: CLIENT_CODE, req_time: String(Math.floor(Date.now() / 1000)) };
  const code = authcode(SIGNING, iface, all, CLIENT_SECRET);
  const url = `${GATEWAY_URL}/weixinapi/${iface}?authcode=${code}`;
  let answer;
  for (let attempt = 1; ; attempt += 1) {
    answer = await post(url, new URLSearchParams(all));
    if (![503, 504].includes(answer.retcode) || attempt === TRIES) break;
    await sleep(attempt * 1000);
  }
  if (answer.retcode !== 200) throw new Error(`refused: ${answer.retcode} ${answer.msg}`);
  return answer.data;
}

async function post(url, body) {
  try {
    const answer = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(60_000) });
    const said = await answer.json();
    if (!Number.isInteger(said?.retcode)) {
      throw new Error("an answer without retcode: a proxy's, not the gateway's");
    }
    return said;
  } catch (broken) {
    // Nobody knows whether the request arrived.
    return { retcode: 504, data: null, msg: String(broken.cause ?? broken) };
  }
}

/** Sends a message and waits for its end; answers its status. */
async function send(openid, text) {
  const message = { touser: openid, template_id: TEMPLATE_ID, data: { thing1: { value: text } } };
  // It makes two equal messages two. Whoever tries again with the same one sends none twice.
  const requestId = REQUEST_ID || randomUUID();
  console.error(`REQUEST_ID=${requestId}`);
  // Empty parameters may be sent; they are not signed.
  const job = await call("async_send_tpl", {
    tpl_data: JSON.stringify(message),
    callback_url: CALLBACK_URL,
    request_id: requestId,
  });
  console.error(`accepted as ${job}`);
  let status;
  do {
    status = await call("get_job_status", { job_id: String(job), wait: "10" });
  } while (!["succeeded", "failed", "cancelled"].includes(status.state));
  return status;
}

/** The key in a callback secret. With an empty or half-pasted one anybody could sign. */
function callbackKey(secret) {
  const text = secret.replace(/^whsec_/, "");
  const key = Buffer.from(text, "base64");
  // Node reads what is no base64, too; written again, it is not the same.
  if (text === secret || key.length < SHORTEST_KEY || key.toString("base64") !== text) {
    throw new Error("CALLBACK_SECRET is not a callback secret (whsec_...)");
  }
  return key;
}

/** Checks a callback's two signatures; answers its id, by which repeats are dropped. */
function verify(request) {
  const end = request.indexOf("\r\n\r\n");
  const [first, ...lines] = request.subarray(0, end).toString().split("\r\n");
  const body = request.subarray(end + 4);
  const headers = new Headers(lines.map((line) => line.split(/:(.*)/s, 2)));
  const [message, moment] = ["webhook-id", "webhook-timestamp"].map((name) => headers.get(name) ?? "");

  // Standard Webhooks: base64 of HMAC-SHA256 over id.timestamp.body, one of several.
  if (!/^[0-9]{1,12}$/.test(moment) || Math.abs(Date.now() / 1000 - Number(moment)) > MAX_AGE_S) {
    throw new Error("not believed: its time is not near now");
  }
  const mac = createHmac("sha256", callbackKey(CALLBACK_SECRET)).update(`${message}.${moment}.`).update(body);
  const expected = `v1,${mac.digest("base64")}`;
  if (!headers.get("webhook-signature")?.split(" ").some((one) => same(one, expected))) {
    throw new Error("not believed: no webhook-signature is right");
  }

  // The authcode: as of a request, with the callback secret in the client secret's place.
  const given = first.split(" ")[1].split("authcode=").pop();
  const fields = Object.fromEntries(new URLSearchParams(body.toString()));
  const scheme = given.length === 64 ? "hmac" : "md5";
  if (!same(given, authcode(scheme, "callback", fields, CALLBACK_SECRET))) {
    throw new Error("not believed: its authcode is wrong");
  }
  return message;
}

/** Compares in a time that tells nothing of where they differ. */
function same(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const [command, openid, text, ...rest] = process.argv.slice(2);
try {
  if (command === "send" && text !== undefined && rest.length === 0) {
    const status = await send(openid, text);
    console.log(`${status.job_id} ${status.state}`);
    if (status.state !== "succeeded") throw new Error(JSON.stringify(status));
  } else if (command === "verify" && openid === undefined) {
    console.log(verify(readFileSync(0)));
  } else {
    console.error("usage: node client.mjs send OPENID TEXT | verify <REQUEST");
    process.exitCode = 2;
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
