// Runs before the first paint, so that no wrong theme flashes. A classic script on purpose.
(() => {
  let theme = 'auto';
  try {
    theme = JSON.parse(localStorage.getItem('penstock.settings') ?? '{}').theme ?? 'auto';
  } catch {
    // Without storage the system's preference holds.
  }
  if (theme !== 'dark' && theme !== 'light') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
})();
