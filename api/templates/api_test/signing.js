// How a request is signed, and the line for a shell that sends it. Parameters are pairs of name and value.
const signing = (() => {
  'use strict';
  const SECRET = 'client_secret';
  const utf8 = (text) => new TextEncoder().encode(text);

  // Half a character, which a form can hold, cannot be sent: it becomes what UTF-8 has in its place.
  const wellFormed = (text) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(text));

  // By bytes, as the gateway does. JavaScript's own order, by halves of characters, is another one where
  // names have emoji in them.
  function byName([one], [other]) {
    const [first, second] = [utf8(one), utf8(other)];
    const at = first.findIndex((byte, i) => byte !== second[i]);
    return at < 0 ? first.length - second.length : first[at] - (second[at] ?? -1);
  }

  const signed = (pairs) => pairs.filter(([name, value]) => value && name !== 'authcode').sort(byName);

  // All but the unreserved characters of RFC 3986, section 2.3.
  function escaped(text) {
    const code = (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase();
    return encodeURIComponent(text).replace(/[!'()*]/g, code);
  }

  const encoded = (pairs) => pairs.map((pair) => pair.map(escaped).join('=')).join('&');

  // What is signed, in pieces: a text, and whether it is the secret.
  function pieces(scheme, name, pairs, secret) {
    if (scheme === 'hmac') { return [[`${name}\n${encoded(signed(pairs))}`, false]]; }
    return signed([...pairs, [SECRET, secret]]).map(([known, value]) => [value, known === SECRET]);
  }

  function authcode(scheme, name, pairs, secret) {
    const message = utf8(pieces(scheme, name, pairs, secret).map(([text]) => text).join(''));
    return scheme === 'hmac' ? digest.hmacSha256(utf8(secret), message) : digest.md5(message);
  }

  // One word for a POSIX shell: between single quotes nothing has a meaning but the quote itself.
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  function curl(url, pairs, file) {
    if (!file) { return `curl -sS ${quoted(url)} --data ${quoted(encoded(pairs))}`; }
    const texts = pairs.map((pair) => ` \\\n  --form-string ${quoted(pair.join('='))}`);
    // curl reads this name itself, once the shell has.
    const path = file.content.name.replace(/["\\]/g, '\\$&');
    return `curl -sS ${quoted(url)}${texts.join('')} \\\n  -F ${quoted(`${file.name}=@"${path}"`)}`;
  }

  return { wellFormed, encoded, pieces, authcode, curl };
})();
