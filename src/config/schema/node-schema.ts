// How people write a node: four known keys, and any attribute that a placeholder shall use. A key that looks like a
// mistyped known one is refused, or "adress" would quietly become an attribute.
import * as z from 'zod';
import { closestWord } from '../closest-word.ts';
import { addressText } from './address-text.ts';
import { idText } from './id-text.ts';
import { wordText } from './word-text.ts';

const NODE_KEYS: readonly string[] = ['id', 'address', 'priority', 'vantage'];

const ATTRIBUTES_MAX = 32;
const PRIORITY_BOUND = 1_000_000;

export const nodeSchema = z
  .object({
    id: idText.meta({ description: 'id, unique in the service' }),
    address: addressText.meta({
      description: 'address that goes into DNS; the same family as clients use',
    }),
    priority: z.int().min(-PRIORITY_BOUND).max(PRIORITY_BOUND).optional().meta({
      description: 'lower is preferred; 0 or less is never chosen [position in the list, from 1]',
    }),
    vantage: idText.optional().meta({
      description: 'where the node is, named as the probers name their places; candidates are chosen by it [unknown]',
    }),
  })
  .catchall(wordText.meta({ description: 'any other key is an attribute of one word, used as `{node.<key>}`' }))
  .superRefine((node, context) => {
    const attributes = Object.keys(node).filter((key) => !NODE_KEYS.includes(key));
    for (const key of attributes) {
      const near = closestWord(key, NODE_KEYS);
      const isWord = /^[A-Za-z]\w*$/.test(key);
      if (isWord && near === null) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: isWord ? `unknown key "${key}"` : `"${key}" is not usable as an attribute name`,
        params: {
          point: 'key',
          remedy: isWord ? `Did you mean ${near}? An attribute needs a name less like it` : 'Use letters, digits and _',
        },
      });
    }
    if (attributes.length > ATTRIBUTES_MAX) {
      context.addIssue({ code: 'custom', message: `expected at most ${ATTRIBUTES_MAX} attributes` });
    }
  })
  .meta({ id: 'Node', description: 'A place where the service can run' });

export type NodeWritten = z.output<typeof nodeSchema>;
