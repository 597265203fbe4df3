// The page: what is shown is in the address (#view/kind/id/path), so that back, forward and bookmarks work.
import {optional} from './api.js';
import {bytes, counted, element, size} from './dom.js';
import {Detail} from './detail.js';
import {Log} from './log.js';
import {load} from './model.js';
import {Picks} from './picks.js';
import {Stacks} from './stacks.js';
import {Table} from './table.js';

const REST = 2000;

const things = document.getElementById('things');
const filter = document.getElementById('filter');
const picks = new Picks();
const open = (kind, id, path) => (location.hash = address(kind, id, path));
const stacks = new Stacks(picks, open, measureWaste);
const table = new Table(picks, open);
const log = new Log();
const detail = new Detail(address, close);
const views = {stacks, table, events: log};

let data = null;
let opener = null;

const view = () => {
  const name = location.hash.slice(1).split('/')[0];
  return name in views ? name : 'stacks';
};

function address(kind, id, path) {
  return `#${[view(), kind, encodeURIComponent(id), ...(path ? [encodeURIComponent(path)] : [])].join('/')}`;
}

function close() {
  location.hash = view();
  const row = document.querySelector(`[data-key="${CSS.escape(opener ?? '')}"]`);
  (row?.matches('tr') ? row.querySelector('button, input') : row)?.focus();
}

function route() {
  const [, kind, id, path] = location.hash.slice(1).split('/').map(decodeURIComponent);
  for (const link of document.querySelectorAll('nav[aria-label=View] a')) {
    const current = link.hash === `#${view()}`;
    link.setAttribute('aria-current', current ? 'page' : 'false');
  }
  document.getElementById('legend').hidden = view() !== 'stacks';
  if (things.firstChild !== views[view()].place) {
    things.replaceChildren(views[view()].place);
    draw();
  }
  if (kind && id) {
    if (kind === 'image' || kind === 'container') {
      opener = `${kind}:${id}`;
    }
    const named = [...data?.images ?? [], ...data?.containers ?? []].find(thing => thing.id === id);
    detail.show(kind, id, path ?? '/', named?.name);
  } else {
    detail.hide();
  }
}

function draw() {
  if (!data) {
    return;
  }
  const text = filter.value.trim().toLowerCase();
  const matches = thing => [thing.name, ...thing.names].some(name => name.toLowerCase().includes(text)) || thing.id.includes(text);
  let shown = data;
  if (text) {
    const containers = data.containers.filter(thing => matches(thing));
    const wanted = new Set(containers.map(thing => thing.image));
    const images = data.images.filter(thing => wanted.has(thing.id) || matches(thing));
    const kept = new Set(images.filter(matches).map(thing => thing.id));
    shown = {...data, images, volumes: data.volumes.filter(matches),
      containers: data.containers.filter(thing => kept.has(thing.image) || containers.includes(thing))};
  }
  document.getElementById('found').textContent = text ? `${counted(shown.images.length, 'image')}, ${counted(shown.containers.length, 'container')}` : '';
  const current = views[view()];
  if (current.show) {
    if (!data.images.length && !data.containers.length && !data.volumes.length) {
      current.place.replaceChildren(element('p', {class: 'hint'}, 'Nothing is here yet: docker pull or docker load brings images.'));
    } else {
      current.show(shown);
    }
  }
}

function figures(reclaimable) {
  const sum = (list, of) => list.reduce((total, thing) => total + of(thing), 0);
  const layers = [...data.layers.values()];
  const onDisk = sum(layers, layer => layer.Size);
  const counts = sum(data.images, image => image.size);
  const rows = [
    ['images', 'Images', counted(data.images.length, 'image'), null],
    ['layers', 'Layers', data.showsLayers ? size(onDisk) : '–', counted(layers.length, 'layer')],
    ['sharing', 'Saved by sharing', data.showsLayers ? size(Math.max(0, counts - onDisk)) : '–', `images sum to ${bytes(counts)}`],
    ['containers', 'Written by containers', size(sum(data.containers, container => container.size)),
      `${data.containers.filter(container => container.running).length} of ${data.containers.length} running`],
    ['volumes', 'Volumes', size(sum(data.volumes, volume => volume.size)), counted(data.volumes.length, 'volume')],
    ['reclaimable', 'Could be freed', reclaimable === null ? '–' : size(reclaimable), 'what nobody uses'],
  ];
  document.getElementById('figures').replaceChildren(...rows.map(([name, term, value, note]) => element('div', {'data-figure': name},
    element('dt', {}, term), element('dd', {}, value), note && element('dd', {class: 'note'}, note))));
}

/** What nobody uses; the images and containers of it are marked. */
async function unused() {
  const of = data;
  const plan = await optional('system/reclaim');
  if (of !== data) {
    return;
  }
  const ids = new Set((plan?.Items ?? []).filter(item => !item.Stays).map(item => item.ID.replace(/^sha256:/, '')));
  for (const thing of [...data.images, ...data.containers, ...data.volumes]) {
    thing.unused = ids.has(thing.id.replace(/^sha256:/, ''));
  }
  figures(plan ? plan.Reclaimable : null);
  draw();
}

async function reload() {
  try {
    data = await load();
    picks.keep([...data.images, ...data.containers, ...data.volumes]);
    figures(null);
    draw();
    performance.mark('drawn');
    await unused();
  } catch (error) {
    state(`The engine does not answer: ${error.message}`);
  }
}

const state = text => (document.getElementById('state').textContent = text);

/** Reads again after a change, but not more often than every few seconds. */
const changed = (() => {
  let timer = 0;
  let running = false;
  const later = () => {
    timer ||= setTimeout(async () => {
      timer = 0;
      if (running) {
        later();
        return;
      }
      running = true;
      await reload();
      running = false;
    }, REST);
  };
  return later;
})();

/** What images in sight waste, one after the other: images do not change, so each is asked for once. */
async function measureWaste(images) {
  const turn = (measureWaste.turn = (measureWaste.turn ?? 0) + 1);
  for (const image of images) {
    if (turn !== measureWaste.turn || document.hidden) {
      return;
    }
    if (!stacks.knowsWaste(image.id) && image.layers.length) {
      const steps = await optional(`images/${encodeURIComponent(image.id)}/layers`).catch(() => null);
      stacks.wasted(image.id, new Map((steps ?? []).filter(step => step.Wasted > 0).map(step => [step.DiffID, step.Wasted])));
    }
  }
}

picks.addEventListener('plan', ({detail: plan}) => {
  const going = new Set();
  if (plan) {
    const ids = new Set(plan.Items.filter(item => item.Kind === 'image' && !item.Stays).map(item => item.ID.replace(/^sha256:/, '')));
    data.images.filter(image => ids.has(image.id.replace(/^sha256:/, ''))).forEach(image => image.layers.forEach(layer => going.add(layer)));
    plan.Kept.filter(stays => stays.Kind === 'layer').forEach(stays => going.delete(stays.ID.startsWith('sha256:') ? stays.ID : `sha256:${stays.ID}`));
  }
  stacks.going(going);
});
picks.addEventListener('done', ({detail: done}) => {
  state(`Freed ${bytes(done.SpaceReclaimed)}`);
  reload();
});
filter.addEventListener('input', draw);
addEventListener('hashchange', route);
addEventListener('keydown', event => {
  if (event.key === '/' && !event.target.closest('input, dialog')) {
    event.preventDefault();
    filter.focus();
  }
});

route();
await reload();
route();
log.follow(changed, state);
