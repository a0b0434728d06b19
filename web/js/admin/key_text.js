// What keys, their trial and the end of a deployment are told as. Pure.

import { groups } from '../core/units.js';

/** What is sealed, and with what, as rows of [what, text]. Pure. */
export function factsOf({ cipher, sealed, outer_keys: outer, from, rotation_unfinished: unfinished, store }) {
  const facts = [['New data is sealed with', cipher === 'none' ? 'nothing (option seal.cipher)' : cipher]];
  if (!sealed) return facts;
  facts.push(['Outer key', `${outer[0]}, from ${from}`]);
  if (unfinished) facts.push(['Rotation', `not finished: ${outer.slice(1).join(', ')} is still there too. Replace the key once more to finish it.`]);
  if (store === null) return [...facts, ['Data keys', 'the database is away']];
  facts.push(['Data keys', `${groups(store.keys)}, ${groups(store.replaced_keys)} of them replaced for new data`]);
  facts.push(['Chunks', `${groups(store.sealed_chunks)} sealed, ${groups(store.plain_chunks)} not`]);
  facts.push(['Sealed anew in the background', store.chunks_to_reseal === 0 ? 'all done' : `${groups(store.chunks_to_reseal)} chunks to go`]);
  if (store.chunks_without_key > 0) facts.push(['Without a key', `${groups(store.chunks_without_key)} chunks, which nobody can read`]);
  return facts;
}

/** How the last trial of the keys ended, as a sentence. Pure. */
export function checkText({ state, good_keys: good, problem }) {
  if (state === 'never') return 'The keys were not tried since the server started.';
  if (state === 'running') return 'The keys are being tried…';
  return state === 'passed' ? `Every key opens: ${groups(good)} of the database, and those of the data folder.` : `Not all is well: ${problem}`;
}

/** What became of a deployment that was deleted, as a sentence. Pure. */
export function receiptText({ deployment, keys_destroyed: keys, left_tables_at: removed, gone, backups }) {
  if (removed === null) return `${deployment} is being deleted: what waits is delivered first.`;
  const held = backups.length > 0 ? ` ${backups.length === 1 ? '1 backup still holds' : `${groups(backups.length)} backups still hold`} it.` : '';
  return `${deployment} is deleted, and ${groups(keys)} keys with it.${gone ? '' : ' The journal still lets go of its last records.'}${held}`;
}
