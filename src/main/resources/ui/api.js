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

/** One document. */
export const get = async (path, options) => (await ask(path, options)).json();

/** Has something done. */
export const post = path => get(path, {method: 'POST'});

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
export async function part(path) {
  const response = await ask(path);
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '');
  return {items: await response.json(), next: next ? next[1] : null};
}

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
