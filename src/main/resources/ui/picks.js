// What is picked, and what deleting it would free: the plan of /system/reclaim, asked for anew with each pick.
import {get, post} from './api.js';
import {bytes, counted, element, short, size} from './dom.js';

const ASK_AFTER = 120;
const SHOWN = 200;
const mayDelete = !('readOnly' in document.documentElement.dataset);

/** Emits "change" when other things are picked, "plan" when it is known what goes, "done" when it is gone. */
export class Picks extends EventTarget {
  #things = new Map();
  #bar = document.getElementById('plan');
  #dialog = document.getElementById('confirm');
  #plan = null;
  #timer = 0;
  #asked = 0;
  #opened = false;

  has(key) {
    return this.#things.has(key);
  }

  toggle(thing) {
    if (!this.#things.delete(thing.key)) {
      this.#things.set(thing.key, thing);
    }
    this.#changed();
  }

  clear() {
    this.#things.clear();
    this.#changed();
  }

  /** Drops what is not there any more, and asks again. */
  keep(things) {
    const there = new Map(things.map(thing => [thing.key, thing]));
    for (const key of this.#things.keys()) {
      if (there.has(key)) {
        this.#things.set(key, there.get(key));
      } else {
        this.#things.delete(key);
      }
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
    clearTimeout(this.#timer);
    this.#asked++;
    if (this.#things.size === 0) {
      this.#plan = null;
      this.#bar.hidden = true;
      this.#bar.replaceChildren();
      this.#tell();
    } else {
      this.#timer = setTimeout(() => this.#ask(this.#asked), ASK_AFTER);
    }
  }

  async #ask(turn) {
    const query = new URLSearchParams();
    for (const thing of this.#things.values()) {
      for (const name of thing.kind === 'image' && thing.names.length > 1 ? thing.names : [thing.id.replace(/^sha256:/, '')]) {
        query.append(thing.kind, name);
      }
    }
    try {
      const plan = await get(`system/reclaim?${query}`);
      if (turn === this.#asked) {
        this.#plan = plan;
        this.#show();
        this.#tell();
      }
    } catch (error) {
      if (turn === this.#asked) {
        this.#bar.hidden = false;
        this.#bar.replaceChildren(this.#line(element('strong', {class: 'error'}, error.message)));
      }
    }
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('plan', {detail: this.#plan}));
  }

  #line(...parts) {
    return element('div', {class: 'line'}, parts, element('button', {type: 'button', click: () => this.clear()}, 'Pick nothing'));
  }

  #show() {
    const {Items: items, Kept: kept, Reclaimable: reclaimable} = this.#plan;
    const refused = kept.filter(stays => stays.Reason);
    this.#bar.hidden = false;
    this.#bar.replaceChildren(
      this.#line(
        element('p', {role: 'status', id: 'frees'}, `${counted(this.#things.size, 'thing')} picked. Deleting frees `,
          element('strong', {}, size(reclaimable)), refused.length ? `; ${refused.length} cannot go` : ''),
        mayDelete && items.length > 0 && element('button', {type: 'button', class: 'danger', id: 'delete', click: () => this.#confirm()}, 'Delete…')),
      element('details', {open: this.#opened, toggle: event => (this.#opened = event.target.open)},
        element('summary', {}, `What goes (${items.length}), what stays (${kept.length})`),
        element('div', {class: 'lists'}, going(items), staying(kept))));
  }

  #confirm() {
    const {Items: items, Reclaimable: reclaimable} = this.#plan;
    const error = element('p', {role: 'alert', class: 'error'});
    this.#dialog.replaceChildren(
      element('h2', {id: 'confirm-title'}, `Delete ${counted(items.length, 'thing')}, freeing ${bytes(reclaimable)}?`),
      going(items),
      error,
      element('div', {class: 'line'},
        element('button', {type: 'button', autofocus: true, click: () => this.#dialog.close()}, 'Keep'),
        element('button', {type: 'button', class: 'danger', id: 'delete-now', click: event => this.#delete(event.target, error)}, 'Delete')));
    this.#dialog.showModal();
  }

  async #delete(button, error) {
    button.disabled = true;
    try {
      const done = await post(`system/reclaim/${this.#plan.Plan}`);
      this.#dialog.close();
      this.#things.clear();
      this.#changed();
      this.dispatchEvent(new CustomEvent('done', {detail: done}));
    } catch (refused) {
      error.textContent = refused.message;
      this.#changed();
    }
  }
}

function going(items) {
  return element('ul', {class: 'going', 'aria-label': 'Goes'}, items.slice(0, SHOWN).map(item => element('li', {},
    `${item.Stays ? 'name of an image' : item.Kind} `, element('b', {}, name(item)), ' ', size(item.Size))), more(items));
}

function staying(kept) {
  return element('ul', {'aria-label': 'Stays'}, kept.slice(0, SHOWN).map(stays => element('li', {},
    `${stays.Kind} `, element('b', {}, name(stays)), ' ', stays.Size === undefined ? '' : size(stays.Size), ' stays: ',
    stays.Reason ?? `needed by ${(stays.HeldBy ?? []).slice(0, 3).map(name).join(', ')}${(stays.HeldBy ?? []).length > 3 ? ' and others' : ''}`)), more(kept));
}

const name = thing => thing.Names?.length ? thing.Names.join(', ') : short(thing.ID);
const more = list => list.length > SHOWN && element('li', {}, `and ${list.length - SHOWN} more`);
