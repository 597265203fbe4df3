// What the API tells, as one thing: images, containers, volumes, and the tree of their stacks.
import {get, optional} from './api.js';
import {short} from './dom.js';

const {hierarchy, partition} = globalThis.d3;

/** Everything that the page shows at first, by five requests at once. */
export async function load() {
  const [images, containers, layers, volumes] = await Promise.all([
    get('images/json?shared-size=1&layers=1'),
    get('containers/json?all=1&size=1'),
    optional('layers'),
    optional('system/df?type=volume'),
  ]);
  const known = new Map((layers ?? []).map(layer => [layer.DiffID, layer]));
  return {
    images: images.map(image => ({
      kind: 'image',
      key: `image:${image.Id}`,
      id: image.Id,
      name: imageName(image),
      names: image.RepoTags ?? [],
      created: image.Created * 1000,
      size: image.Size,
      shared: image.SharedSize,
      containers: image.Containers,
      layers: layers ? image.Layers ?? [] : [],
    })),
    containers: containers.map(container => ({
      kind: 'container',
      key: `container:${container.Id}`,
      id: container.Id,
      name: (container.Names?.[0] ?? short(container.Id)).replace(/^\//, ''),
      names: container.Names,
      created: container.Created * 1000,
      size: container.SizeRw ?? 0,
      rootSize: container.SizeRootFs ?? 0,
      image: container.ImageID,
      imageName: container.Image,
      running: container.State === 'running' || container.State === 'paused',
      status: container.Status,
    })),
    volumes: (volumes?.Volumes ?? []).map(volume => ({
      kind: 'volume',
      key: `volume:${volume.Name}`,
      id: volume.Name,
      name: volume.Name,
      names: [volume.Name],
      created: volume.CreatedAt,
      size: Math.max(0, volume.UsageData?.Size ?? 0),
      users: volume.UsageData?.RefCount ?? 0,
    })),
    layers: known,
    showsLayers: layers !== null,
  };
}

function imageName(image) {
  const name = image.RepoTags?.[0] ?? image.RepoDigests?.[0];
  return name ?? `<none> ${short(image.Id)}`;
}

/** The first command that is known to have made a layer. */
export const madeBy = layer => layer?.Users?.find(user => user.CreatedBy)?.CreatedBy ?? '';

/** A colour for each DiffID, the same everywhere and every time: a hue, and how much lighter or darker than others. */
export const hue = diffId => parseInt(diffId.slice(-4), 16) % 360;
export const shade = diffId => `${(parseInt(diffId.slice(-6, -4), 16) % 5 - 2) * 4}%`;

/**
 * The stacks as a tree: what begins with the same layers hangs on the same branch, so that a shared layer is one node. Leaves are images and
 * containers, the rows. x0 and x1 say which rows a node spans, in pixels; data.start and data.end which bytes of their stacks it is.
 */
export function stacks({images, containers, layers}, heights) {
  const root = {children: new Map(), rows: [], start: 0, end: 0, bytes: 0};
  const byImage = Map.groupBy(containers, container => container.image);
  for (const image of images) {
    let node = root;
    for (const diffId of image.layers) {
      node = branch(node, diffId, layers.get(diffId));
    }
    if (!image.layers.length && image.size) {
      node = block(root, image.id, image.size);
    }
    node.rows.push(image, ...(byImage.get(image.id) ?? []));
    byImage.delete(image.id);
  }
  for (const [image, orphans] of byImage) {
    const below = block(root, image, Math.max(0, orphans[0].rootSize - orphans[0].size));
    below.rows.push(...orphans);
  }
  const tree = hierarchy(root, node => [
    ...(node.rows ?? []).map(row => ({row, start: node.end, end: node.end + (row.kind === 'container' ? row.size : 0)})),
    ...(node.children?.values() ?? []),
  ]).sum(node => node.row ? heights[node.row.kind] : 0);
  tree.eachAfter(node => {
    const {start, end, row} = node.data;
    node.weight = (row ? 0 : end - start) + (node.children ?? []).reduce((sum, child) => sum + child.weight, 0);
  });
  tree.sort((a, b) => Boolean(b.data.row) - Boolean(a.data.row) || (a.data.row ? 0 : b.weight - a.weight));
  return partition().size([tree.value, 1])(tree);
}

function branch(below, diffId, layer) {
  let node = below.children.get(diffId);
  if (!node) {
    const start = below.end;
    node = {diffId, layer, children: new Map(), rows: [], start, end: start + (layer?.Size ?? 0)};
    below.children.set(diffId, node);
  }
  return node;
}

/** Layers that this listener does not tell apart, or whose image is gone. */
function block(root, id, length) {
  const key = `block:${id}`;
  const node = root.children.get(key) ?? {block: id, children: new Map(), rows: [], start: 0, end: length};
  root.children.set(key, node);
  return node;
}
