// The page's parts, and what the declarations say.
const page = (() => {
  'use strict';
  const find = (id) => document.getElementById(id);
  const { interfaces, words } = JSON.parse(find('tool').dataset.tool);

  // An element; attributes that are false or undefined are left out.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false && value !== undefined) { element.setAttribute(name, value === true ? '' : value); }
    }
    element.append(...children);
    return element;
  }

  return {
    find,
    make,
    words,
    interfaces: new Map(interfaces.map((declared) => [declared.name, declared])),
    // Where the gateway is, as this browser reaches it.
    base: new URL('.', find('openapi').href).href,
    pause: (ms) => new Promise((over) => { setTimeout(over, ms); }),
  };
})();
