// What happens in the engine, as it does.
import {events} from './api.js';
import {element, short} from './dom.js';

const KEPT = 200;
const AGAIN = 3000;
const CHANGES = new Set(['image', 'container', 'volume']);
const QUIET = /^(exec_|health_status|top|attach|resize)/;

export class Log {
  #list = element('ol', {class: 'events', role: 'log', 'aria-label': 'Events', reversed: true});
  #place = element('div', {}, element('p', {class: 'hint'}, 'What happens from now on, the latest first.'), this.#list);

  get place() {
    return this.#place;
  }

  /**
   * Listens as long as the page is to be seen, and again after a cut. A page that is not lets go of its connection: browsers have six to a
   * server, and a seventh page would wait.
   */
  async follow(changed, state) {
    for (;;) {
      const cut = new AbortController();
      const away = () => cut.abort();
      const hidden = () => document.hidden && away();
      addEventListener('pagehide', away);
      document.addEventListener('visibilitychange', hidden);
      try {
        state('live');
        for await (const event of events(cut.signal)) {
          this.#add(event);
          if (CHANGES.has(event.Type) && !QUIET.test(event.Action)) {
            changed();
          }
        }
      } catch {
        // told of below
      }
      removeEventListener('pagehide', away);
      document.removeEventListener('visibilitychange', hidden);
      state('not live');
      await (cut.signal.aborted ? seen() : new Promise(resolve => setTimeout(resolve, AGAIN)));
      changed();
    }
  }

  #add({Type: type, Action: action, Actor: actor, time}) {
    const at = new Date(time * 1000);
    this.#list.prepend(element('li', {}, element('time', {datetime: at.toISOString()}, at.toLocaleTimeString()),
      element('b', {}, ` ${type} ${action} `), element('span', {class: 'path'}, actor.Attributes?.name ?? short(actor.ID ?? ''))));
    while (this.#list.childElementCount > KEPT) {
      this.#list.lastChild.remove();
    }
  }
}

/** Waits until the page is to be seen again. */
const seen = () => new Promise(resolve => {
  const look = () => {
    if (!document.hidden) {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('pageshow', look);
      resolve();
    }
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pageshow', look);
});
