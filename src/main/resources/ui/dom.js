// Elements made from data: text stays text, whatever a name contains.

/** An element; attributes that are functions listen, null and false leave them out, children may be strings. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else if (value === true) {
      made.setAttribute(name, '');
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat(2).filter(child => child !== null && child !== undefined && child !== false));
  return made;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as the docker CLI prints them: powers of 1000, three digits. */
export function bytes(count) {
  let value = Math.abs(count);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${count < 0 ? '-' : ''}${Number(value.toPrecision(3))}${UNITS[unit]}`;
}

/** The same as an element that also has the exact figure. */
export function size(count) {
  return element('data', {value: count, title: `${count.toLocaleString('en')} bytes`}, bytes(count));
}

/** The digits of an ID that people read. */
export const short = id => id.replace(/^sha256:/, '').slice(0, 12);

/** How long ago, in the largest unit that fits. */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - new Date(time)) / 1000);
  for (const [unit, length] of [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]]) {
    const count = Math.floor(seconds / length);
    if (count > 0) {
      return `${count} ${unit}${count > 1 ? 's' : ''} ago`;
    }
  }
  return 'just now';
}

/** "1 image", "2 images". */
export const counted = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
