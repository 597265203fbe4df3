// One thing: the stack of an image or a container with what is wasted in it, a layer with its users and largest files, or a tree of files.
import {get, part} from './api.js';
import {ago, counted, element, short, size} from './dom.js';
import {hue, shade} from './model.js';

const FILES = 200;

export class Detail {
  #place = document.getElementById('detail');
  #link;
  #close;
  #turn = 0;

  /** @param link makes the address of another thing; close is called to leave */
  constructor(link, close) {
    this.#link = link;
    this.#close = close;
    addEventListener('keydown', event => {
      if (event.key === 'Escape' && !this.#place.hidden && !document.querySelector('dialog[open]')) {
        close();
      }
    });
  }

  hide() {
    this.#turn++;
    this.#place.hidden = true;
    document.body.classList.remove('detailed');
  }

  /** Shows a thing by its kind and ID; what comes too late is thrown away. */
  async show(kind, id, path, name) {
    const turn = ++this.#turn;
    this.#place.hidden = false;
    document.body.classList.add('detailed');
    const title = element('h2', {id: 'detail-title', tabindex: -1}, titleOf(kind, id, name));
    const body = element('div', {class: 'body'}, element('p', {role: 'status'}, 'Reading…'));
    this.#place.replaceChildren(
      element('div', {class: 'head'}, title,
        element('button', {type: 'button', class: 'close', 'aria-label': 'Close', click: () => this.#close()}, '×')),
      body);
    title.focus();
    try {
      const content = await this.#content(kind, id, path);
      if (turn === this.#turn) {
        body.replaceChildren(...content);
      }
    } catch (error) {
      if (turn === this.#turn) {
        body.replaceChildren(element('p', {role: 'alert', class: 'error'}, error.message));
      }
    }
  }

  #content(kind, id, path) {
    switch (kind) {
      case 'layer':
        return this.#layer(id);
      case 'image':
        return this.#stack('images', id);
      case 'container':
        return this.#stack('containers', id);
      default:
        return this.#files(kind, id, path);
    }
  }

  async #stack(collection, id) {
    const steps = await get(`${collection}/${encodeURIComponent(id)}/layers`);
    const largest = Math.max(1, ...steps.map(step => step.Size));
    const wasted = steps.reduce((sum, step) => sum + step.Wasted, 0);
    const total = Math.max(0, ...steps.map(step => step.TotalSize));
    return [
      facts([['ID', short(id)], ['Size', size(total)], ['Wasted', size(wasted)], ['Layers', steps.filter(step => step.DiffID).length]]),
      element('p', {}, element('a', {class: 'button', href: this.#link(`${collection}-files`, id, '/')}, 'Files')),
      element('h3', {}, 'Layers, the top first'),
      element('ol', {class: 'steps', reversed: true}, steps.toReversed().map(step => this.#step(step, largest))),
    ];
  }

  #step(step, largest) {
    const others = step.Shared > 0;
    const made = element('li', {class: step.EmptyLayer ? 'empty' : null},
      element('div', {class: 'stepline'},
        step.DiffID ? element('a', {href: this.#link('layer', step.DiffID)}, short(step.DiffID)) : element('span', {}, step.EmptyLayer ? 'no layer' : 'written here'),
        size(step.Size)),
      step.Size > 0 && bar(step.Size / largest, step.Wasted / largest, others ? step.DiffID : null),
      element('code', {}, step.CreatedBy || ''),
      step.Wasted > 0 && element('p', {class: 'note'}, element('span', {class: 'swatch wasted'}), 'wasted ', size(step.Wasted), ', hidden by ',
        step.HiddenBy.map(overlap => nameOf(overlap.Layer)).join(', ')),
      others && element('p', {class: 'note'}, `also in ${step.SharedWith.slice(0, 3).map(userName).join(', ')}`
        + (step.Shared > 3 ? ` and ${step.Shared - 3} others` : '')));
    return made;
  }

  async #layer(id) {
    const layer = await get(`layers/${encodeURIComponent(id)}`);
    const largest = Math.max(1, ...layer.LargestFiles.map(file => file.Size));
    return [
      facts([['Size', size(layer.Size)], ['On disk', size(layer.DiskUsage)],
        ['Compressed', layer.CompressedSize === null ? 'unknown' : size(layer.CompressedSize)], ['Files', layer.Files.toLocaleString('en')],
        ['Created', ago(layer.Created)], ['Last used', layer.LastUsed ? ago(layer.LastUsed) : 'never'], ['Users', layer.RefCount]]),
      element('h3', {}, 'Who has it'),
      element('ul', {class: 'users'}, layer.Users.map(user => element('li', {}, `${user.Type} `,
        element('a', {href: this.#link(user.Type, user.ID)}, userName(user)), user.CreatedBy && element('code', {}, user.CreatedBy)))),
      element('h3', {}, 'Largest files'),
      element('ol', {class: 'files'}, layer.LargestFiles.map(file => element('li', {},
        element('div', {class: 'stepline'}, element('span', {class: 'path'}, file.Path), size(file.Size)), bar(file.Size / largest, 0, id)))),
      ...(layer.Whiteouts.length ? [element('h3', {}, 'Takes away from the layers below'),
        element('ul', {}, layer.Whiteouts.slice(0, FILES).map(mark => element('li', {class: 'path'}, mark.Opaque ? `all in ${mark.Path}` : mark.Path)))] : []),
    ];
  }

  async #files(kind, id, path) {
    const collection = kind.replace('-files', '');
    const list = element('ol', {class: 'files'});
    const more = element('button', {type: 'button'}, 'More');
    let next = `${collection}/${encodeURIComponent(id)}/files?path=${path}&depth=1&sort=-size&limit=${FILES}`;
    let largest = 0;
    const read = async () => {
      const answer = await part(next);
      const files = answer.items.filter(file => encoded(file) !== path.replace(/(.)\/$/, '$1'));
      largest ||= Math.max(1, ...files.map(file => file.Size));
      list.append(...files.map(file => this.#file(kind, id, file, largest)));
      next = answer.next;
      more.hidden = !next;
    };
    more.addEventListener('click', () => read().catch(error => more.replaceWith(element('p', {role: 'alert', class: 'error'}, error.message))));
    await read();
    return [
      element('nav', {'aria-label': 'Path', class: 'crumbs'}, element('a', {href: this.#link(collection.slice(0, -1), id)}, 'Layers'),
        crumbs(path).map(([name, to]) => element('a', {href: this.#link(kind, id, to)}, name))),
      list.childElementCount ? list : element('p', {}, 'Nothing is in it.'),
      more,
    ];
  }

  #file(kind, id, file, largest) {
    const name = file.Path.slice(file.Path.lastIndexOf('/') + 1);
    const isDirectory = file.Type === 'directory';
    return element('li', {},
      element('div', {class: 'stepline'},
        isDirectory ? element('a', {class: 'path', href: this.#link(kind, id, encoded(file))}, `${name}/`)
          : element('span', {class: 'path'}, file.Target === undefined ? name : `${name} → ${file.Target}`),
        size(file.Size)),
      bar(file.Size / largest, 0, file.Layer.startsWith('sha256:') ? file.Layer : null),
      element('p', {class: 'note'}, isDirectory ? `${counted(file.Files, 'file')}, ` : '', `${file.Mode.toString(8)} ${file.Uid}:${file.Gid}, from `,
        file.Layer.startsWith('sha256:') ? element('a', {href: this.#link('layer', file.Layer)}, short(file.Layer)) : nameOf(file.Layer)));
  }
}

/** The path byte for byte, as the parameter takes it. */
const encoded = file => file.EncodedPath ?? file.Path.split('/').map(encodeURIComponent).join('/');

function crumbs(path) {
  const names = path.split('/').filter(name => name);
  return [['/', '/'], ...names.map((name, index) => [decode(name), `/${names.slice(0, index + 1).join('/')}`])];
}

function decode(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const userName = user => user.Names?.[0] ?? short(user.ID);
const nameOf = layer => (layer === 'container' ? 'the container' : layer === 'init' ? 'the engine' : short(layer));

function titleOf(kind, id, name) {
  const what = {layer: 'Layer', image: 'Image', container: 'Container', 'images-files': 'Files of', 'containers-files': 'Files of'}[kind];
  return `${what} ${name ?? short(id)}`;
}

function facts(pairs) {
  return element('dl', {class: 'facts'}, pairs.map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value))));
}

/** A bar of its share of the largest, the end of it hatched as far as it is wasted. */
function bar(share, wasted, shared) {
  const whole = element('span', {class: `bar ${shared ? 'shared' : 'own'}`}, wasted > 0 && element('span', {class: 'wasted'}));
  whole.style.width = `${Math.max(0.5, share * 100)}%`;
  if (shared) {
    whole.style.setProperty('--hue', hue(shared));
    whole.style.setProperty('--shade', shade(shared));
  }
  if (wasted > 0) {
    whole.firstChild.style.width = `${Math.min(100, wasted / share * 100)}%`;
  }
  return element('span', {class: 'track', 'aria-hidden': 'true'}, whole);
}
