// Light, dark, or as the system has it. Listeners of 'penstock-theme' draw again what took colours from the page.

import { changeSetting, setting } from '../core/settings.js';

const system = matchMedia('(prefers-color-scheme: dark)');

export const isDark = () => document.documentElement.dataset.theme === 'dark';

export function applyTheme() {
  const chosen = setting('theme');
  document.documentElement.dataset.theme = chosen === 'auto' ? (system.matches ? 'dark' : 'light') : chosen;
  window.dispatchEvent(new Event('penstock-theme'));
}

export function toggleTheme() {
  changeSetting('theme', isDark() ? 'light' : 'dark');
  applyTheme();
}

system.addEventListener('change', applyTheme);
