// What the server tells after a log-in at a provider, once: it sends the browser back to the page with a cookie that no link can make.

const NAME = '__Host-penstock-told';

/** `{signedIn: true}` or `{error: sentence}`; null: nothing. */
export function takeTold() {
  const found = document.cookie.split(/;\s*/).find((one) => one.startsWith(`${NAME}=`));
  if (!found) return null;
  document.cookie = `${NAME}=; Path=/; Secure; Max-Age=0`;
  return readTold(found.slice(NAME.length + 1));
}

/** `text`: base64url of JSON in UTF-8. Pure. */
export function readTold(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const told = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (told?.signed_in === true) return { signedIn: true };
    return typeof told?.error === 'string' && told.error !== '' ? { error: told.error } : null;
  } catch {
    return null;
  }
}
