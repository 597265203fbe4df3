// The stacks: a row for each image and, thinner, each container; beside them their layers, drawn to size. What several rows stand on is one
// block along all of them. Rows are plain elements; of the blocks only those in sight are drawn.
import {bytes, counted, element, short, size} from './dom.js';
import {hue, madeBy, shade, stacks} from './model.js';

const {axisTop, scaleLinear, select} = globalThis.d3;

const WIDE = {image: 30, container: 22};
const NARROW = {image: 46, container: 34};
const MARGIN = 400;
const LEAST_WIDTH = 1;
const LEAST_CONTAINER = 4;
const LABEL_WIDTH = 56;
const PAGE = 15;
/** The end of a long name tells more than its beginning: so much of it is always there. */
const TAIL = 16;

export class Stacks {
  #picks;
  #open;
  #narrow = matchMedia('(max-width: 45rem)');
  #place = element('div', {class: 'stacks'});
  #rows = [];
  #tree = null;
  #byKey = new Map();
  #going = new Set();
  #waste = new Map();
  #onSight;
  #data = null;
  #longest = 1;
  #current = 0;
  #frame = 0;
  #timer = 0;

  /** @param onSight told which images are in sight, once the page rests */
  constructor(picks, open, onSight) {
    this.#picks = picks;
    this.#open = open;
    this.#onSight = onSight;
    this.#place.addEventListener('keydown', event => this.#key(event));
    this.#place.addEventListener('click', event => this.#click(event));
    this.#place.addEventListener('pointerover', event => this.#light(event.target.closest?.('[data-layer]')?.dataset.layer));
    this.#place.addEventListener('pointerleave', () => this.#light(null));
    addEventListener('scroll', () => this.#draw(), {passive: true});
    new ResizeObserver(() => this.#draw()).observe(this.#place);
    this.#narrow.addEventListener('change', () => this.#data && this.show(this.#data));
    picks.addEventListener('change', () => this.#rows.forEach(row => this.#mark(row)));
  }

  get place() {
    return this.#place;
  }

  /** Draws this; the row that has the focus keeps it. */
  show(data) {
    this.#data = data;
    const focused = document.activeElement?.closest?.('.stacks .row')?.dataset.key;
    const heights = this.#narrow.matches ? NARROW : WIDE;
    this.#tree = stacks(data, heights);
    this.#rows = this.#tree.leaves().filter(leaf => leaf.data.row);
    this.#longest = this.#rows.reduce((longest, leaf) => Math.max(longest, leaf.data.end), 1);
    this.#byKey = new Map(this.#rows.map((leaf, index) => [leaf.data.row.key, index]));
    this.#current = Math.max(0, this.#byKey.get(focused) ?? 0);
    const grid = element('div', {role: 'grid', 'aria-label': 'Images and containers', 'aria-multiselectable': 'true',
      'aria-rowcount': this.#rows.length, class: 'rows'}, this.#rows.map((leaf, index) => this.#row(leaf, index)));
    grid.style.setProperty('--image-height', `${heights.image}px`);
    grid.style.setProperty('--container-height', `${heights.container}px`);
    this.#place.replaceChildren(
      element('div', {class: 'axis', 'aria-hidden': 'true'}, svg('svg')),
      grid);
    const drawing = svg('svg');
    drawing.setAttribute('aria-hidden', 'true');
    drawing.classList.add('blocks');
    grid.append(drawing);
    select(drawing).append('defs').append('pattern').attr('id', 'hatch').attr('width', 6).attr('height', 6)
      .attr('patternUnits', 'userSpaceOnUse').attr('patternTransform', 'rotate(45)')
      .append('rect').attr('width', 2.5).attr('height', 6);
    for (const name of ['blocks', 'waste', 'labels']) {
      select(drawing).append('g').attr('class', name);
    }
    this.#rows.forEach(row => this.#mark(row));
    if (focused) {
      this.#focus(this.#current);
    }
    this.#drawNow();
  }

  /** Marks the layers that would go. */
  going(diffIds) {
    this.#going = diffIds;
    this.#draw();
  }

  /** What is wasted in an image, by the layers that it lies in. */
  wasted(id, byLayer) {
    this.#waste.set(id, byLayer);
    this.#draw();
  }

  knowsWaste(id) {
    return this.#waste.has(id);
  }

  #row(leaf, index) {
    const thing = leaf.data.row;
    const tick = element('input', {type: 'checkbox', tabindex: -1, 'aria-label': `Pick ${thing.name}`});
    leaf.element = element('div', {role: 'row', class: `row ${thing.kind}`, tabindex: index === this.#current ? 0 : -1,
      'aria-rowindex': index + 1, 'data-key': thing.key},
      element('span', {role: 'gridcell', class: 'tick'}, tick),
      element('span', {role: 'gridcell', class: 'name', title: describe(thing)},
        element('span', {class: 'begin'}, thing.name.slice(0, -TAIL)), element('span', {}, thing.name.slice(-TAIL))),
      element('span', {role: 'gridcell', class: 'badges'},
        thing.unused && element('span', {class: 'badge'}, 'unused'),
        thing.running && element('span', {class: 'badge running'}, 'running')),
      element('span', {role: 'gridcell', class: 'size'}, size(thing.size)));
    leaf.tick = tick;
    return leaf.element;
  }

  #mark(leaf) {
    const picked = this.#picks.has(leaf.data.row.key);
    if (leaf.tick.checked !== picked || !leaf.element.hasAttribute('aria-selected')) {
      leaf.tick.checked = picked;
      leaf.element.setAttribute('aria-selected', picked);
    }
  }

  #click(event) {
    const block = event.target.closest('[data-layer]');
    const row = event.target.closest('.row');
    if (block) {
      this.#open('layer', block.dataset.layer);
    } else if (row) {
      const index = this.#byKey.get(row.dataset.key);
      const thing = this.#rows[index].data.row;
      this.#focus(index);
      if (event.target.closest('.tick')) {
        this.#picks.toggle(thing);
      } else {
        this.#open(thing.kind, thing.id);
      }
    }
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !event.target.classList.contains('row')) {
      return;
    }
    const thing = this.#rows[this.#current]?.data.row;
    const last = this.#rows.length - 1;
    const to = {
      ArrowDown: this.#current + 1, ArrowUp: this.#current - 1, Home: 0, End: last,
      PageDown: this.#current + PAGE, PageUp: this.#current - PAGE,
    }[event.key];
    if (to !== undefined) {
      this.#focus(Math.min(last, Math.max(0, to)));
    } else if (event.key === ' ') {
      this.#picks.toggle(thing);
    } else if (event.key === 'Enter') {
      this.#open(thing.kind, thing.id);
    } else {
      return;
    }
    event.preventDefault();
  }

  #focus(index) {
    const old = this.#rows[this.#current];
    if (old) {
      old.element.tabIndex = -1;
    }
    this.#current = index;
    const row = this.#rows[index];
    if (row) {
      row.element.tabIndex = 0;
      row.element.focus();
    }
  }

  #light(diffId) {
    for (const block of this.#place.querySelectorAll('.blocks rect.block')) {
      block.classList.toggle('lit', Boolean(diffId) && block.dataset.layer === diffId);
    }
  }

  #draw() {
    if (!this.#frame && this.#tree && this.#place.isConnected) {
      this.#frame = requestAnimationFrame(() => this.#drawNow());
    }
  }

  #drawNow() {
    this.#frame = 0;
    const drawing = this.#place.querySelector('svg.blocks');
    if (!drawing || !this.#place.isConnected) {
      return;
    }
    const grid = drawing.parentElement;
    const seen = grid.getBoundingClientRect();
    const labels = this.#narrow.matches ? grid.querySelector('.name') : grid.querySelector('.size');
    const offset = (labels ? labels.getBoundingClientRect().right - seen.left : 0) + 8;
    const width = Math.max(40, seen.width - offset - 8);
    const [top, bottom] = [-seen.top - MARGIN, innerHeight - seen.top + MARGIN];
    const x = scaleLinear([0, this.#longest], [0, width]);
    drawing.setAttribute('width', width);
    drawing.setAttribute('height', this.#tree.x1);
    drawing.style.left = `${offset}px`;
    this.#axis(x, offset, width);

    const blocks = [];
    const waste = [];
    const visit = node => {
      if (node.x1 < top || node.x0 > bottom) {
        return;
      }
      if (node.depth > 0 && (node.data.row?.kind !== 'image')) {
        blocks.push(node);
      }
      if (node.data.row?.kind === 'image') {
        waste.push(...this.#wasteOf(node));
      }
      node.children?.forEach(visit);
    };
    visit(this.#tree);

    const layers = select(drawing);
    layers.select('g.blocks').selectAll('rect').data(blocks, key).join(enter => enter.append('rect').call(made => made.append('title')))
      .attr('class', node => this.#classOf(node))
      .attr('data-layer', node => node.data.diffId ?? null)
      .attr('x', node => x(node.data.start))
      .attr('y', node => node.x0 + 1)
      .attr('width', node => Math.max(node.data.row ? LEAST_CONTAINER : LEAST_WIDTH, x(node.data.end) - x(node.data.start) - 1))
      .attr('height', node => Math.max(1, node.x1 - node.x0 - 2))
      .style('--hue', node => node.data.diffId ? hue(node.data.diffId) : null)
      .style('--shade', node => node.data.diffId ? shade(node.data.diffId) : null)
      .select('title').text(describeBlock);
    layers.select('g.waste').selectAll('rect').data(waste, part => part.key).join('rect')
      .attr('x', part => x(part.start))
      .attr('y', part => part.y + 1)
      .attr('width', part => Math.max(LEAST_WIDTH, x(part.end) - x(part.start) - 1))
      .attr('height', part => part.height - 2);
    const shownTop = Math.max(0, -seen.top);
    const shownBottom = innerHeight - seen.top;
    layers.select('g.labels').selectAll('text')
      .data(blocks.filter(node => node.data.diffId && x(node.data.end) - x(node.data.start) > LABEL_WIDTH), key).join('text')
      .attr('x', node => x(node.data.start) + 6)
      .attr('y', node => (Math.max(node.x0, Math.min(shownTop, node.x1 - 24)) + Math.min(node.x1, Math.max(shownBottom, node.x0 + 24))) / 2)
      .text(node => bytes(node.data.end - node.data.start));
    this.#rest(top, bottom);
  }

  #rest(top, bottom) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onSight(this.#rows
      .filter(leaf => leaf.x1 > top + MARGIN && leaf.x0 < bottom - MARGIN && leaf.data.row.kind === 'image')
      .map(leaf => leaf.data.row)), 300);
  }

  /** In a row of its own, at the end of each layer, what of it layers above hide. */
  #wasteOf(leaf) {
    const byLayer = this.#waste.get(leaf.data.row.id);
    if (!byLayer?.size) {
      return [];
    }
    return leaf.ancestors().filter(node => byLayer.get(node.data.diffId)).map(node => ({
      key: `${leaf.data.row.id} ${node.data.end}`, start: node.data.end - byLayer.get(node.data.diffId), end: node.data.end,
      y: leaf.x0, height: leaf.x1 - leaf.x0,
    }));
  }

  #classOf(node) {
    const {row, layer, diffId} = node.data;
    if (row) {
      return `block container${row.running ? ' running' : ''}`;
    }
    const shared = layer && (layer.Users ?? []).filter(user => user.Type === 'image').length > 1;
    return `block ${diffId ? (shared ? 'shared' : 'own') : 'unknown'}${this.#going.has(diffId) ? ' going' : ''}`;
  }

  #axis(x, offset, width) {
    const axis = select(this.#place).select('.axis svg').attr('width', width + 60).attr('height', 24).style('margin-left', `${offset - 8}px`);
    axis.selectAll('g').data([null]).join('g').attr('transform', 'translate(8,22)')
      .call(axisTop(x).ticks(Math.max(2, width / 110)).tickFormat(bytes).tickSizeOuter(0));
  }
}

const svg = name => document.createElementNS('http://www.w3.org/2000/svg', name);
const key = node => node.data.row?.key ?? node.ancestors().map(up => up.data.diffId ?? up.data.block ?? '').join();

function describe(thing) {
  return thing.kind === 'image'
    ? `${thing.name}, ${bytes(thing.size)}, of it shared with other images ${bytes(Math.max(0, thing.shared))}`
    : `${thing.name}, container of ${thing.imageName}, ${thing.status}, has written ${bytes(thing.size)}`;
}

function describeBlock(node) {
  const {row, diffId, layer, start, end} = node.data;
  if (row) {
    return describe(row);
  }
  return diffId
    ? `Layer ${short(diffId)}, ${bytes(end - start)}, ${counted(layer?.RefCount ?? 0, 'user')}\n${madeBy(layer)}`
    : `Layers that are not shown here, ${bytes(end - start)}`;
}
