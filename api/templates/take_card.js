(function () {
  'use strict';
  var page = document.getElementById('card');
  var card = JSON.parse(page.getAttribute('data-card'));
  var asked = false;
  var refused = false;

  // One state at a time: what belongs to it is shown, all else hidden.
  function show(state) {
    var parts = page.querySelectorAll('[data-when]');
    for (var i = 0; i < parts.length; i += 1) {
      parts[i].hidden = parts[i].getAttribute('data-when') !== state;
    }
  }

  function ask() {
    asked = true;
    window.wx.addCard({
      cardList: [{ cardId: card.cardId, cardExt: card.cardExt }],
      success: function () {
        show('taken');
        if (card.successUri) { window.location.assign(card.successUri); }
      },
      cancel: function () { show('ready'); },
      fail: function () { show('failed'); }
    });
  }

  // WeChat takes no signature twice, so a second wish needs a new page.
  document.getElementById('take').onclick = function () {
    if (asked) { window.location.reload(); } else { ask(); }
  };
  document.getElementById('again').onclick = function () { window.location.replace(card.again); };

  if (!window.wx) { return; }
  if (/MicroMessenger/i.test(window.navigator.userAgent)) { show('opening'); }
  window.wx.error(function () {
    refused = true;
    show('failed');
  });
  // The SDK calls this after a refusal, too.
  window.wx.ready(function () {
    if (refused) { return; }
    show('ready');
    ask();
  });
  window.wx.config({
    debug: false,
    appId: card.appId,
    timestamp: card.timestamp,
    nonceStr: card.nonceStr,
    signature: card.signature,
    jsApiList: ['addCard']
  });
}());
