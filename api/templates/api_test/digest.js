// MD5 (RFC 1321), SHA-256 (FIPS 180-4) and HMAC (RFC 2104) of bytes, in hex. Our own, since browsers offer
// theirs to pages that came by https alone.
const digest = (() => {
  'use strict';
  const TWO_32 = 0x100000000;
  const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * TWO_32) | 0);
  const PRIMES = [];
  for (let number = 2; PRIMES.length < 64; number += 1) {
    if (PRIMES.every((prime) => number % prime !== 0)) { PRIMES.push(number); }
  }
  const fraction = (root) => (root - Math.floor(root)) * TWO_32 | 0;
  const CUBE_ROOTS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
  const SQUARE_ROOTS = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

  // The message, a one bit, zeros, and at the end of a block its length in bits.
  function padded(bytes, littleEndian) {
    const size = (bytes.length + 8 >> 6) + 1 << 6;
    const blocks = new DataView(new ArrayBuffer(size));
    new Uint8Array(blocks.buffer).set(bytes);
    blocks.setUint8(bytes.length, 0x80);
    const low = bytes.length * 8 >>> 0;
    const high = Math.floor(bytes.length * 8 / TWO_32);
    blocks.setUint32(size - 8, littleEndian ? low : high, littleEndian);
    blocks.setUint32(size - 4, littleEndian ? high : low, littleEndian);
    return blocks;
  }

  function written(words, littleEndian) {
    const view = new DataView(new ArrayBuffer(words.length * 4));
    words.forEach((word, i) => view.setInt32(i * 4, word, littleEndian));
    return new Uint8Array(view.buffer);
  }

  const left = (word, by) => word << by | word >>> 32 - by;
  const right = (word, by) => word >>> by | word << 32 - by;

  function md5(bytes) {
    const blocks = padded(bytes, true);
    let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for (let start = 0; start < blocks.byteLength; start += 64) {
      let [a, b, c, d] = state;
      for (let i = 0; i < 64; i += 1) {
        const round = i >> 4;
        const mixed = [b & c | ~b & d, d & b | ~d & c, b ^ c ^ d, c ^ (b | ~d)][round];
        const at = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16;
        const sum = a + mixed + SINES[i] + blocks.getInt32(start + at * 4, true) | 0;
        [a, b, c, d] = [d, b + left(sum, SHIFTS[round][i % 4]) | 0, b, c];
      }
      state = [a, b, c, d].map((word, i) => word + state[i] | 0);
    }
    return written(state, true);
  }

  function compress(state, blocks, start, schedule) {
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) {
        schedule[i] = blocks.getInt32(start + i * 4);
      } else {
        const [late, early] = [schedule[i - 2], schedule[i - 15]];
        const ends = (right(late, 17) ^ right(late, 19) ^ late >>> 10) + schedule[i - 7];
        schedule[i] = ends + (right(early, 7) ^ right(early, 18) ^ early >>> 3) + schedule[i - 16];
      }
    }
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i += 1) {
      const choice = h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + (e & f ^ ~e & g);
      const one = choice + CUBE_ROOTS[i] + schedule[i] | 0;
      const two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + one | 0;
      d = c; c = b; b = a; a = one + two | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] += word; });
  }

  function sha256(bytes) {
    const blocks = padded(bytes, false);
    const state = Int32Array.from(SQUARE_ROOTS);
    const schedule = new Int32Array(64);
    for (let start = 0; start < blocks.byteLength; start += 64) { compress(state, blocks, start, schedule); }
    return written([...state], false);
  }

  function joined(first, second) {
    const bytes = new Uint8Array(first.length + second.length);
    bytes.set(first);
    bytes.set(second, first.length);
    return bytes;
  }

  function hmacSha256(key, message) {
    const block = new Uint8Array(64);
    block.set(key.length > 64 ? sha256(key) : key);
    const inner = sha256(joined(block.map((byte) => byte ^ 0x36), message));
    return sha256(joined(block.map((byte) => byte ^ 0x5c), inner));
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    md5: (bytes) => hex(md5(bytes)),
    sha256: (bytes) => hex(sha256(bytes)),
    hmacSha256: (key, message) => hex(hmacSha256(key, message)),
  };
})();
