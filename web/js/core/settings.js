// Tastes of this device (not part of a link): theme, time zone, wrapped facets, ranges of time used lately, the way to sign in. Kept in localStorage.

const KEY = 'penstock.settings';
const DEFAULTS = { theme: 'auto', zone: 'local', facets: true, recent: [], way: 'token' };
const listeners = new Set();

function load() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { ...DEFAULTS };
  }
}

const settings = load();

export const setting = (name) => settings[name];
export const zone = () => settings.zone;

export function changeSetting(name, value) {
  settings[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Then it holds for this page only.
  }
  listeners.forEach((listener) => listener(name, value));
}

export const onSetting = (listener) => listeners.add(listener);
