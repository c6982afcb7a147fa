// Ids of clusters, probers, vantages, services and nodes. They become parts of store keys, file names and DNS labels, so
// only what is safe in all three is accepted.
import { err, ok } from '../../base/result.ts';
import { textValue } from './text-value.ts';

const ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

export const ID_RULE = {
  reason: 'expected 1 to 63 lower-case letters, digits and dashes, with no dash at the ends',
  remedy: 'Write an id such as web-1',
} as const;

export const idText = textValue({ kind: 'id', expected: 'an id of lower-case letters, digits and dashes' }, (text) =>
  isId(text) ? ok(text) : err(ID_RULE),
);
