// Server-Sent Events out of a fetch body: EventSource cannot send an Authorization header. Pure but for the callback.

/** Feed decoded text in any cut; `onEvent({ event, data })` is called once per complete event, `onId(id)` with what to resume from once that event
 *  was handed on (an event without data has an id too). Comments are skipped. */
export function createEventParser(onEvent, { maxLength = 4 << 20, onId = () => {} } = {}) {
  let rest = '';
  let event = '';
  let data = [];
  let id = null;
  const line = (text) => {
    if (text === '') {
      if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n') });
      if (id !== null) onId(id);
      event = '';
      data = [];
      id = null;
      return;
    }
    if (text.startsWith(':')) return;
    const cut = text.indexOf(':');
    const name = cut < 0 ? text : text.slice(0, cut);
    const value = cut < 0 ? '' : text.slice(cut + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
  };
  return function feed(text) {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      line(rest.slice(start, rest[end - 1] === '\r' ? end - 1 : end));
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > maxLength) rest = '';
  };
}
