// The form of one interface, made of its declaration.
const form = (() => {
  'use strict';
  const { find, make, words } = page;
  // What was entered, and what was answered last, by interface: kept while the page is there.
  const drafts = new Map();
  const answers = new Map();
  let declared;
  let inputs = [];
  let file;

  const id = (param) => `param-${param.name}`;

  function beginning(param) {
    const draft = drafts.get(declared.name)?.get(param.name);
    if (draft !== undefined) { return draft; }
    const [source, pointer] = param.from ?? [];
    const answered = source && answers.has(source) ? json.at(answers.get(source), pointer) : undefined;
    return String(answered ?? param.example ?? '');
  }

  function select(param, attributes) {
    const choices = param.required ? param.choices : ['', ...param.choices];
    return make('select', attributes, ...choices.map((choice) => make('option', { value: choice }, choice)));
  }

  function input(param) {
    const attributes = { id: id(param), 'aria-describedby': `${id(param)}-note`, spellcheck: 'false' };
    const line = { ...attributes, type: 'text', autocapitalize: 'off' };
    switch (param.kind) {
      case 'choice': return select(param, attributes);
      case 'json': return make('textarea', { ...attributes, rows: '5' });
      case 'file': return make('input', { ...attributes, type: 'file' });
      case 'hash': return make('input', { ...line, readonly: true });
      case 'number': case 'time': return make('input', { ...line, inputmode: 'numeric' });
      default: return make('input', { ...line, inputmode: param.kind === 'url' ? 'url' : undefined });
    }
  }

  function field(param) {
    const entry = input(param);
    const label = make('label', { for: entry.id }, make('code', {}, param.name));
    if (param.required) { label.append(' ', make('span', { class: 'required' }, words.required)); }
    const note = make('p', { class: 'note', id: `${entry.id}-note` }, param.meaning);
    if (param.from) {
      const [source] = param.from;
      note.append(make('br', {}), words.from, make('a', { href: `#${source}` }, source));
    }
    const parts = make('div', { class: 'field' }, label, entry, note);
    if (param.kind === 'json') { parts.append(...layingOut(entry)); }
    inputs.push({ param, entry });
    return parts;
  }

  function layingOut(entry) {
    const problem = make('p', { class: 'problem', role: 'status', hidden: true }, words.notJson);
    const button = make('button', { type: 'button', class: 'light' }, words.format);
    entry.addEventListener('input', () => {
      problem.hidden = !entry.value.trim() || json.parsed(entry.value) !== null;
    });
    button.addEventListener('click', () => {
      if (json.parsed(entry.value) === null) { return; }
      entry.value = json.laidOut(entry.value);
      entry.rows = Math.min(entry.value.split('\n').length, 24);
      entry.dispatchEvent(new Event('input', { bubbles: true }));
    });
    return [problem, button];
  }

  function show(chosen) {
    declared = chosen;
    inputs = [];
    file = undefined;
    find('chosen').replaceChildren(make('code', {}, declared.name), ' ', declared.title);
    const tags = [
      declared.toldBy && words.acceptsJob, declared.effect || words.harmless, declared.secret && words.givesSecrets,
    ];
    const isText = (tag) => typeof tag === 'string';
    find('about').replaceChildren(...tags.filter(isText).map((tag) => make('span', { class: 'tag' }, tag)));
    find('fields').replaceChildren(...declared.params.map(field));
    find('more').replaceChildren();
    for (const { param, entry } of inputs) {
      if (param.kind !== 'file') { entry.value = beginning(param); }
    }
  }

  // A file counts once its hash is known: the signature binds it by that.
  async function take(chosen) {
    const { param, entry } = chosen;
    const hash = inputs.find((other) => other.param.kind === 'hash').entry;
    const content = entry.files[0];
    file = undefined;
    hash.value = '';
    if (!content) { return; }
    const bytes = new Uint8Array(await content.arrayBuffer());
    if (!inputs.includes(chosen) || entry.files[0] !== content) { return; }
    hash.value = digest.sha256(bytes);
    file = { name: param.name, content };
  }

  // Whoever listens hears of every change, of a file once it is read.
  function onChange(changed) {
    find('request').addEventListener('input', async (event) => {
      const entered = inputs.find(({ entry }) => entry === event.target);
      if (entered?.param.kind === 'file') {
        await take(entered);
      } else if (entered) {
        if (!drafts.has(declared.name)) { drafts.set(declared.name, new Map()); }
        drafts.get(declared.name).set(entered.param.name, entered.entry.value);
      }
      changed();
    });
  }

  function addPair(changed) {
    const part = (text) => {
      const entry = make('input', { type: 'text', spellcheck: 'false', autocapitalize: 'off' });
      return make('label', {}, text, entry);
    };
    const remove = make('button', { type: 'button', class: 'light', 'aria-label': words.remove }, '×');
    const pair = make('div', { class: 'pair' }, part(words.name), part(words.value), remove);
    remove.addEventListener('click', () => { pair.remove(); changed(); });
    find('more').append(pair);
    pair.querySelector('input').focus();
  }

  // Names that a request has no place for are left out: the secret above all.
  function addedPairs() {
    const pairs = Array.from(find('more').children, (pair) => {
      return Array.from(pair.querySelectorAll('input'), (entry) => signing.wellFormed(entry.value));
    });
    return pairs.filter(([name]) => name && name !== 'client_secret' && name !== 'authcode');
  }

  // What is sent, but for who sends it and when. Required ones go even if they are empty: some may be.
  function pairs() {
    const texts = inputs.filter(({ param }) => param.kind !== 'file');
    const own = texts.map(({ param, entry }) => [param, signing.wellFormed(entry.value)]);
    const sent = own.filter(([param, value]) => value || param.required);
    return [...sent.map(([param, value]) => [param.name, value]), ...addedPairs()];
  }

  return {
    show,
    onChange,
    addPair,
    pairs,
    declared: () => declared,
    file: () => file,
    answered: (name, data) => answers.set(name, data),
  };
})();
