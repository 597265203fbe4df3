// The same as tables, for whoever prefers them: sorted by a click on a heading.
import {ago, counted, element, size} from './dom.js';

const COLUMNS = {
  image: [
    ['Image', thing => thing.name, thing => thing.name],
    ['Size', thing => thing.size, thing => size(thing.size)],
    ['Shared', thing => thing.shared, thing => size(Math.max(0, thing.shared))],
    ['Its own', thing => thing.size - Math.max(0, thing.shared), thing => size(thing.size - Math.max(0, thing.shared))],
    ['Layers', thing => thing.layers.length, thing => thing.layers.length],
    ['Containers', thing => thing.containers, thing => Math.max(0, thing.containers)],
    ['Created', thing => thing.created, thing => ago(thing.created)],
  ],
  container: [
    ['Container', thing => thing.name, thing => thing.name],
    ['Written', thing => thing.size, thing => size(thing.size)],
    ['With its image', thing => thing.rootSize, thing => size(thing.rootSize)],
    ['Image', thing => thing.imageName, thing => thing.imageName],
    ['Status', thing => thing.status, thing => thing.status],
  ],
  volume: [
    ['Volume', thing => thing.name, thing => thing.name],
    ['Size', thing => thing.size, thing => size(thing.size)],
    ['Containers', thing => thing.users, thing => thing.users],
  ],
};

export class Table {
  #picks;
  #open;
  #place = element('div', {class: 'tables'});
  #sort = {image: [1, true], container: [1, true], volume: [1, true]};
  #data = null;

  constructor(picks, open) {
    this.#picks = picks;
    this.#open = open;
    picks.addEventListener('change', () => this.#place.querySelectorAll('tr[data-key]').forEach(row => {
      const picked = picks.has(row.dataset.key);
      row.classList.toggle('picked', picked);
      row.querySelector('input').checked = picked;
    }));
  }

  get place() {
    return this.#place;
  }

  show(data) {
    this.#data = data;
    this.#place.replaceChildren(...[['image', data.images], ['container', data.containers], ['volume', data.volumes]]
      .filter(([, things]) => things.length)
      .map(([kind, things]) => this.#table(kind, things)));
  }

  #table(kind, things) {
    const [by, down] = this.#sort[kind];
    const value = COLUMNS[kind][by][1];
    const sorted = things.toSorted((a, b) => compare(value(a), value(b)) * (down ? -1 : 1));
    return element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table of ${kind}s`},
      element('table', {class: kind},
        element('caption', {}, counted(things.length, kind)),
        element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, element('span', {class: 'unseen'}, 'Picked')),
          COLUMNS[kind].map(([title], index) => element('th', {scope: 'col', 'aria-sort': index === by ? (down ? 'descending' : 'ascending') : null},
            element('button', {type: 'button', click: event => this.#sortBy(kind, index, event.target)}, title))))),
        element('tbody', {}, sorted.map(thing => this.#row(kind, thing)))));
  }

  #sortBy(kind, index) {
    const [by, down] = this.#sort[kind];
    this.#sort[kind] = [index, index === by ? !down : index !== 0];
    this.show(this.#data);
    this.#place.querySelectorAll(`table.${kind} th button`)[index].focus();
  }

  #row(kind, thing) {
    const picked = this.#picks.has(thing.key);
    return element('tr', {'data-key': thing.key, class: picked ? 'picked' : null},
      element('td', {}, element('input', {type: 'checkbox', checked: picked, 'aria-label': `Pick ${thing.name}`, change: () => this.#picks.toggle(thing)})),
      COLUMNS[kind].map(([, , text], index) => index === 0
        ? element('th', {scope: 'row'}, kind === 'volume' ? text(thing)
          : element('button', {type: 'button', class: 'link', click: () => this.#open(kind, thing.id)}, text(thing)),
          thing.unused && [' ', element('span', {class: 'badge'}, 'unused')])
        : element('td', {}, text(thing))));
  }
}

const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a - b);
