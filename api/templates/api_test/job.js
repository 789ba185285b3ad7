// A job on its way to the end, and what became of its callback.
const job = (() => {
  'use strict';
  const { find, make, words, pause } = page;
  const FINAL = ['succeeded', 'failed', 'cancelled'];
  // How long the gateway is asked to wait for news (s), and how long is waited here between looks at a
  // callback, for which it does not wait: first and longest (ms).
  const WAIT = '10';
  const [FIRST, LONGEST] = [1000, 15000];
  // Answers that say nothing of the job, one after another, before it is given up.
  const PATIENCE = 5;
  let followed = 0;

  function step(began, mood, text, details) {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const item = make('li', { class: mood }, `+${seconds} s  ${text}`);
    if (details) { item.append(make('pre', {}, details)); }
    find('timeline').append(item);
  }

  const moodOf = (state) => (state === 'succeeded' ? 'good' : state === 'failed' ? 'bad' : undefined);

  function showState(began, status) {
    const details = [status.error?.message];
    if (FINAL.includes(status.state) && status.result) {
      details.push(json.laidOut(JSON.stringify(status.result)));
    }
    const text = `${words[status.state]} · ${words.attempts} ${status.attempts}`;
    step(began, moodOf(status.state), text, details.filter(Boolean).join('\n'));
  }

  function showCallback(began, { state, attempts, last_status: last }) {
    const mood = { delivered: 'good', exhausted: 'bad' }[state];
    const parts = [`${words.callback}: ${words[state]}`];
    if (attempts > 0) { parts.push(`${words.attempts} ${attempts}`); }
    if (last) { parts.push(`${words.lastStatus} ${last}`); }
    step(began, mood, parts.join(' · '));
  }

  // Shows what is new in a status.
  function showNews(began, status, before) {
    if (!before || before.state !== status.state || before.attempts !== status.attempts) {
      showState(began, status);
    }
    const callback = JSON.stringify(status.callback);
    const wasOver = before && FINAL.includes(before.state);
    if (FINAL.includes(status.state) && !(wasOver && JSON.stringify(before.callback) === callback)) {
      showCallback(began, status.callback);
    }
  }

  const isOver = (status) => FINAL.includes(status.state) && status.callback.state !== 'pending';

  async function ask(name, params) {
    try {
      const { status, envelope } = await caller.send(caller.sign(name, params));
      return { ...envelope, isPassing: status === 503 || status === 429 };
    } catch (error) {
      return { msg: error.message, isPassing: true };
    }
  }

  async function watch(id, began, isMine) {
    let [known, failures, rest] = [undefined, 0, FIRST];
    while (isMine()) {
      const wait = known && !FINAL.includes(known.state) ? [['wait', WAIT], ['known_state', known.state]] : [];
      const asked = performance.now();
      const answer = await ask('get_job_status', [['job_id', String(id)], ...wait]);
      if (!isMine()) { return; }
      const hasNews = answer.retcode === 200 && answer.data.state !== known?.state;
      if (answer.retcode === 200) {
        showNews(began, answer.data, known);
        [known, failures] = [answer.data, 0];
        if (isOver(known)) { return find('job').scrollIntoView({ block: 'nearest' }); }
      } else {
        failures += 1;
        if (!answer.isPassing || failures === PATIENCE) { return step(began, 'bad', words.notFollowed + answer.msg); }
      }
      // A gateway with no room for one more who waits answers at once.
      const isHurried = !hasNews && performance.now() - asked < FIRST;
      if (isHurried || failures > 0 || FINAL.includes(known.state)) {
        await pause(rest);
        rest = Math.min(rest * 1.5, LONGEST);
      }
    }
  }

  const numberIn = (data) => (typeof data === 'number' ? data : data?.job_id);

  // Asks the interface that tells of this one's jobs, by the parameters that both have.
  async function numberToldBy(name, pairs, began) {
    const names = page.interfaces.get(name).params.map((param) => param.name);
    const answer = await ask(name, pairs.filter(([known]) => names.includes(known)));
    const number = numberIn(answer.data);
    if (!number && answer.retcode === 200) { step(began, 'good', words.succeeded, String(answer.data)); }
    if (!number && answer.retcode !== 200) { step(began, 'bad', words.notFollowed + answer.msg); }
    return number;
  }

  // Follows the job of a request, in place of the one before.
  async function follow(request, { retcode, data }) {
    followed += 1;
    const mine = followed;
    const { toldBy } = page.interfaces.get(request.name);
    const isPromised = retcode === 202 || retcode === 200 && toldBy;
    const isNumbered = Boolean(numberIn(data));
    find('job').hidden = !isPromised || !isNumbered && (!toldBy || toldBy === 'get_job_status');
    find('job-id').textContent = isNumbered ? numberIn(data) : '';
    find('timeline').replaceChildren();
    if (find('job').hidden) { return; }
    const began = performance.now();
    step(began, undefined, words.accepted);
    find('job').scrollIntoView({ block: 'nearest' });
    const id = isNumbered ? numberIn(data) : await numberToldBy(toldBy, request.pairs, began);
    if (!id || mine !== followed) { return; }
    find('job-id').textContent = id;
    await watch(id, began, () => mine === followed);
  }

  return { follow };
})();
