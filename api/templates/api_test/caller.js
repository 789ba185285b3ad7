// Who calls: a client's code and secret, which signs here and stays here.
const caller = (() => {
  'use strict';
  const { find, base, words } = page;
  const KEPT = 'wxgate.caller';
  const [code, secret, remember] = [find('code'), find('secret'), find('remember')];
  const scheme = () => document.querySelector('input[name=scheme]:checked').value;

  // A browser may keep nothing: then nothing is remembered.
  function stored(work) {
    try { return work(window.sessionStorage); } catch { return null; }
  }

  function recall() {
    const kept = json.parsed(stored((store) => store.getItem(KEPT)) ?? '')?.value;
    if (!kept) { return; }
    [code.value, secret.value, remember.checked] = [kept.code, kept.secret, true];
    document.querySelector(`input[name=scheme][value=${kept.scheme}]`).checked = true;
  }

  function keep() {
    const kept = JSON.stringify({ code: code.value, secret: secret.value, scheme: scheme() });
    stored((store) => (remember.checked ? store.setItem(KEPT, kept) : store.removeItem(KEPT)));
  }

  const isKnown = () => Boolean(code.value && secret.value);

  // Points to what is missing, if anything is.
  function isThere() {
    for (const entry of [code, secret]) {
      entry.setCustomValidity(entry.value ? '' : words.needsCaller);
      if (!entry.reportValidity()) { return false; }
    }
    return true;
  }

  // A request of now. It can be sent any number of times.
  function sign(name, params, file) {
    const now = String(Math.floor(Date.now() / 1000));
    const known = { code: signing.wellFormed(code.value), secret: signing.wellFormed(secret.value) };
    const pairs = [['client_code', known.code], ['req_time', now], ...params];
    const authcode = signing.authcode(scheme(), name, pairs, known.secret);
    const pieces = signing.pieces(scheme(), name, pairs, known.secret);
    return { name, pairs, file, now, authcode, pieces, url: `${base}weixinapi/${name}?authcode=${authcode}` };
  }

  function bodyOf({ pairs, file }) {
    if (!file) { return new URLSearchParams(pairs); }
    const body = new FormData();
    for (const [name, value] of pairs) { body.append(name, value); }
    body.append(file.name, file.content, file.content.name);
    return body;
  }

  // What came back. Fails when nothing did.
  async function send(request) {
    const began = performance.now();
    const response = await fetch(request.url, {
      method: 'POST',
      body: bodyOf(request),
      headers: { 'Accept-Language': document.documentElement.lang },
      cache: 'no-store',
      credentials: 'omit',
    });
    const text = await response.text();
    const took = Math.round(performance.now() - began);
    return { status: response.status, text, took, envelope: json.parsed(text)?.value ?? {} };
  }

  for (const entry of [code, secret]) {
    entry.addEventListener('input', () => entry.setCustomValidity(''));
  }
  return { recall, keep, isKnown, isThere, sign, send };
})();
