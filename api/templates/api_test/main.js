// What happens on the page.
(() => {
  'use strict';
  const { find, make, words } = page;
  const USUAL = 'async_send_tpl';
  // When what is shown is signed anew (s): the gateway takes it for 300.
  const FRESH = 240;
  const isWide = window.matchMedia('(min-width: 760px)');
  const links = Array.from(document.querySelectorAll('nav a'));
  let last;
  let shownAt = 0;

  const current = () => caller.sign(form.declared().name, form.pairs(), form.file());

  function preview() {
    const request = current();
    shownAt = Number(request.now);
    find('req_time').value = request.now;
    find('needs-caller').hidden = caller.isKnown();
    find('signature').hidden = !caller.isKnown();
    showSigned(request.pieces);
    find('authcode').textContent = request.authcode;
    find('curl').textContent = signing.curl(request.url, request.pairs, request.file);
    return request;
  }

  function showSigned(pieces) {
    const isShown = find('show-secret').checked;
    find('secret').type = isShown ? 'text' : 'password';
    const piece = ([text, isSecret]) => (isSecret ? make('mark', {}, isShown ? text : '••••••') : text);
    find('signed').replaceChildren(...pieces.map(piece));
  }

  function choose() {
    const name = window.location.hash.slice(1);
    const declared = page.interfaces.get(name) ?? page.interfaces.get(USUAL);
    for (const link of links) {
      if (link.hash === `#${declared.name}`) {
        link.setAttribute('aria-current', 'true');
      } else {
        link.removeAttribute('aria-current');
      }
    }
    form.show(declared);
    preview();
  }

  async function send(request) {
    const before = last?.request === request ? last : undefined;
    const buttons = [find('send'), find('again')];
    for (const button of buttons) { button.disabled = true; }
    find('told').textContent = '…';
    try {
      const answer = await caller.send(request);
      last = { request, answer };
      show(request, answer, before?.answer);
    } catch (error) {
      find('told').replaceChildren(make('span', { class: 'bad' }, words.noAnswer + error.message));
      find('answer').hidden = last?.request !== request;
    }
    for (const button of buttons) { button.disabled = false; }
  }

  function show(request, { status, text, took, envelope }, before) {
    const isGood = envelope.retcode === 200 || envelope.retcode === 202;
    const retcode = make('span', { class: isGood ? 'good' : 'bad' }, `retcode ${envelope.retcode}`);
    find('told').replaceChildren(make('code', {}, request.name), ` · HTTP ${status} · `, retcode, ` · ${took} ms`);
    find('laid-out').textContent = json.laidOut(text);
    find('raw').textContent = text;
    find('answer').hidden = false;
    find('told').parentElement.scrollIntoView({ block: isWide.matches ? 'nearest' : 'start' });
    const note = noteOf(request, text, envelope, before);
    find('note').textContent = note;
    find('note').hidden = !note;
    if (envelope.retcode === 200) { form.answered(request.name, envelope.data); }
    if (text !== before?.text) { job.follow(request, envelope); }
  }

  function noteOf(request, text, { retcode, data }, before) {
    const notes = [];
    if (retcode === 200 && data?.errcode) { notes.push(words.wechatRefused + data.errcode); }
    const { effect } = page.interfaces.get(request.name);
    if (before && effect) { notes.push(text === before.text ? words.sameAnswer : words.otherAnswer); }
    return notes.join('\n');
  }

  function search() {
    const wanted = find('search').value.trim().toLowerCase();
    let found = false;
    for (const section of document.querySelectorAll('nav section')) {
      for (const item of section.querySelectorAll('li')) {
        item.hidden = !item.textContent.toLowerCase().includes(wanted);
      }
      section.hidden = !section.querySelector('li:not([hidden])');
      found ||= !section.hidden;
    }
    find('nothing').hidden = found;
  }

  // By way of a selection, since browsers offer their clipboard to pages that came by https alone.
  function copy(button) {
    window.getSelection().selectAllChildren(find(button.dataset.copy));
    if (!document.execCommand('copy')) { return; }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  }

  find('request').addEventListener('submit', (event) => {
    event.preventDefault();
    if (caller.isThere()) { send(preview()); }
  });
  find('again').addEventListener('click', () => send(last.request));
  find('add').addEventListener('click', () => form.addPair(preview));
  find('search').addEventListener('input', search);
  find('language').addEventListener('click', (event) => {
    event.currentTarget.hash = window.location.hash;
  });
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copy(button));
  }
  form.onChange(() => {
    caller.keep();
    preview();
  });
  window.addEventListener('hashchange', () => {
    if (!isWide.matches) { find('list').open = false; }
    choose();
    find('request').scrollIntoView();
  });
  setInterval(() => {
    if (Date.now() / 1000 - shownAt > FRESH) { preview(); }
  }, 10000);
  if (!isWide.matches) { find('list').open = false; }
  caller.recall();
  choose();
})();
