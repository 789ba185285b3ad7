// Stands in for WeChat's JS-SDK: keeps what a page asks of it. What WeChat's client would say to
// that, a test says: wx.accept(), wx.refuse(), and wx.answer('success') and the like.
(function () {
  'use strict';
  var told = { config: null, addCard: null };
  var listeners = {};
  var answers = {};

  // Data alone, as it is handed to the client.
  function data(options) { return JSON.parse(JSON.stringify(options)); }

  window.wx = {
    config: function (options) { told.config = data(options); },
    ready: function (callback) { listeners.ready = callback; },
    error: function (callback) { listeners.error = callback; },
    addCard: function (options) {
      told.addCard = data(options);
      answers = options;
    },

    told: function () { return told; },
    accept: function () { listeners.ready(); },
    // As the real one does, it says 'ready' in any case.
    refuse: function () {
      listeners.error({ errMsg: 'config:invalid signature' });
      listeners.ready();
    },
    answer: function (name) { answers[name]({ errMsg: 'addCard:ok' }); }
  };
}());
