// How a place in the configuration is written in messages: dots between keys, brackets around list positions.
import type { ConfigPath } from './config-problem.ts';

/** `['nodes', 1, 'address']` becomes `nodes[1].address`. Keys that are not plain words are quoted. */
export function pathText(path: ConfigPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${/^[\w-]+$/.test(part) ? part : JSON.stringify(part)}`;
  }
  return text;
}
