// What the audit log tells, as text. Pure.

/** What an entry's detail tells, as text; it is JSON, or nothing. */
export function detailText(detail) {
  if (detail === null || detail === undefined || detail === '') return '';
  if (typeof detail !== 'object') return String(detail);
  return Object.entries(detail).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(' · ');
}
