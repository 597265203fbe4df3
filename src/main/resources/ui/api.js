// The engine's API, beside which the page lies: paths are relative, so that a proxy may put both anywhere.

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const response = await fetch(path, {headers: {Accept: 'application/json'}, ...options});
  if (!response.ok) {
    const {message} = await response.json().catch(() => ({}));
    throw new ApiError(response.status, message ?? response.statusText);
  }
  return response;
}

const ATTEMPTS = 3;
const PAUSE = 250;

/**
 * Asks for something that may be asked for twice. A container that starts changes the host's network, and a browser on that host then gives up
 * what it is reading.
 */
async function patiently(question) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      if (error instanceof ApiError || attempt === ATTEMPTS) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, attempt * PAUSE));
    }
  }
}

/** One document. */
export const get = path => patiently(async () => (await ask(path)).json());

/** Has something done, once. */
export const post = async path => (await ask(path, {method: 'POST'})).json();

/** One document, or null where this listener does not show it. */
export async function optional(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) {
      return null;
    }
    throw error;
  }
}

/** A part of a list, and where the next one is. */
export const part = path => patiently(async () => {
  const response = await ask(path);
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '');
  return {items: await response.json(), next: next ? next[1] : null};
});

/** Everything that happens from now on, one event after the other, until the connection ends. */
export async function* events(signal) {
  const response = await ask('events', {signal});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    text += value;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      if (line.trim()) {
        yield JSON.parse(line);
      }
    }
  }
}
