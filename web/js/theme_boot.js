// Runs before the first paint, so that a chosen theme does not flash. A classic script on purpose.
try {
  const theme = JSON.parse(localStorage.getItem('penstock.settings') ?? '{}').theme;
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's preference holds.
}
