// plotly.js, fetched when the first chart needs it, and its look taken from the page's own colours.

import { visibleText } from '../core/text.js';

let loading = null;

export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/vendor/plotly-basic.min.js';
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error('The chart library did not start.')));
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error('The chart library could not be loaded from the server.'));
    };
    document.head.append(script);
  });
  return loading;
}

/** Plotly reads its texts as markup (<b>, <a href>): names that strangers gave must stay text. */
export const asPlotText = (text) => visibleText(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    text: get('--text'), muted: get('--muted'), grid: get('--border'), surface: get('--surface'), rest: get('--muted'),
    font: get('--font'), series: Array.from({ length: 10 }, (_, index) => get(`--series-${index}`)),
  };
}

export function layoutOf(colors, { height, range, xticks, tickvals, ticktext, coarse }) {
  const axis = { gridcolor: colors.grid, linecolor: colors.grid, zeroline: false, tickfont: { size: 11, color: colors.muted }, automargin: false };
  return {
    height, autosize: true, margin: { l: Math.max(62, ...ticktext.map((text) => 18 + text.length * 6)), r: 10, t: 8, b: 24 }, showlegend: false, paper_bgcolor: 'transparent', plot_bgcolor: 'transparent',
    font: { family: colors.font, size: 12, color: colors.text }, hovermode: false, dragmode: coarse ? false : 'zoom',
    xaxis: { ...axis, type: 'date', range, tickmode: 'array', ...xticks, fixedrange: coarse },
    yaxis: { ...axis, fixedrange: true, tickmode: 'array', tickvals, ticktext, range: tickvals.length > 1 ? [tickvals[0], tickvals.at(-1)] : undefined },
  };
}

export const PLOT_CONFIG = { displayModeBar: false, responsive: true, doubleClick: false, showTips: false };
