// Small line icons, drawn on a 16×16 grid.

import { svg } from './dom.js';

const PATHS = {
  overview: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z',
  logs: 'M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5',
  metrics: 'M2 2v12h12M4.5 10.5l3-4 2.5 2.5 4-5.5',
  system: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3.5 3.5',
  clock: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 4.8v3.4l2.3 1.4',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.7-4M12.2 1.5v3h-3',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M3.2 12.8l.9-.9M11.9 4.1l.9-.9',
  moon: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z',
  auto: 'M8 14a6 6 0 1 0 0-12v12zM8 2a6 6 0 0 1 0 12',
  more: 'M3 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1zM8 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1zM13 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1z',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  plus: 'M8 3v10M3 8h10', minus: 'M3 8h10',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  link: 'M6.5 9.5l3-3M7 4.5l1.3-1.3a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.3 1.3a3 3 0 0 1-4.3-4.3l1.3-1.3',
  context: 'M2.5 3h11M2.5 13h11M2.5 6.5h11v3h-11z',
  download: 'M8 2v8.5M4.5 7.5L8 11l3.5-3.5M2.5 13.5h11',
  down: 'M8 2.5v10M3.8 8.5L8 12.7l4.2-4.2', chevron: 'M5.5 3l5 5-5 5', caret: 'M4 6l4 4 4-4',
  filter: 'M2 3h12l-4.6 5.4V13l-2.8-1.4V8.4z',
  play: 'M4.5 2.8v10.4l8.5-5.2z', stop: 'M4 4h8v8h-8z',
  zoomOut: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3.5 3.5M5 7h4',
  left: 'M10.5 3l-5 5 5 5', right: 'M5.5 3l5 5-5 5',
  wrap: 'M2.5 3.5h11M2.5 8h8.5a2.3 2.3 0 0 1 0 4.6H8.5M10 10.8l-1.8 1.8 1.8 1.8M2.5 12.5h3',
  order: 'M4.5 2.5v11M2 11l2.5 2.5L7 11M9 4h5M9 8h4M9 12h3',
  server: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01M8 5h3M8 11h3',
  help: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6.2 6.3a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.2h.01',
  warning: 'M8 2.2l6.3 11.1H1.7zM8 6.5v3M8 11.4h.01',
  signOut: 'M6.5 2.5h-4v11h4M6.5 8h7M10.8 5.2L13.6 8l-2.8 2.8',
  user: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14a5.5 5.5 0 0 1 11 0', key: 'M5.5 13a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM7.3 8.7L13.5 2.5M11 5l2 2',
  admin: 'M8 1.8l5.2 2v4c0 3.2-2.1 5.3-5.2 6.4-3.1-1.1-5.2-3.2-5.2-6.4v-4zM5.8 8l1.6 1.6 3-3.2', edit: 'M2.5 13.5l.6-2.8 7.8-7.8 2.2 2.2-7.8 7.8zM9.6 4.2l2.2 2.2', trash: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4',
  check: 'M3 8.5l3.2 3.2L13 4.8',
};

export function icon(name) {
  return svg('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: PATHS[name] }));
}

export function logo() {
  return svg('svg', { viewBox: '0 0 24 24', class: 'logo', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { class: 'logo-gate', d: 'M4 3h3v12H4zM17 3h3v12h-3zM7 5h10v2.4H7z' }),
    svg('path', { class: 'logo-water', d: 'M9 9.5h1.8V15H9zM13.2 9.5H15V15h-1.8zM3 17.5c1.5-1.3 3-1.3 4.5 0s3 1.3 4.5 0 3-1.3 4.5 0 3 1.3 4.5 0V20c-1.5 1.3-3 1.3-4.5 0s-3-1.3-4.5 0-3 1.3-4.5 0-3-1.3-4.5 0z' }));
}
