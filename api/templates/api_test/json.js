// JSON laid out to be read. The text is only broken into lines: parsed and written again, a number of more
// than 53 bits would be another one.
const json = (() => {
  'use strict';

  function parsed(text) {
    try { return { value: JSON.parse(text) }; } catch { return null; }
  }

  const TOKEN = /"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+|[{}[\],:]/g;

  function laidOut(text) {
    const tokens = text.match(TOKEN) ?? [];
    let depth = 0;
    let before = '';
    return tokens.map((token) => {
      const closes = token === '}' || token === ']';
      if (closes) { depth -= 1; }
      const empty = closes && (before === '{' || before === '[');
      const breaks = !empty && (closes || ['{', '[', ','].includes(before));
      if (token === '{' || token === '[') { depth += 1; }
      const opens = token === '{' || token === '[';
      const space = breaks ? `\n${'  '.repeat(opens ? depth - 1 : depth)}` : before === ':' ? ' ' : '';
      before = token;
      return space + token;
    }).join('');
  }

  // What a JSON pointer (RFC 6901) leads to.
  function at(value, pointer) {
    const steps = pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return steps.reduce((found, step) => found?.[step], value);
  }

  return { parsed, laidOut, at };
})();
