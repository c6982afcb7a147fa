// How people write a node: four known keys, and any attribute that a placeholder shall use. A key that looks like a
// mistyped known one is refused, or "adress" would quietly become an attribute.
import * as z from 'zod';
import { closestWord } from '../closest-word.ts';
import { addressText } from './address-text.ts';
import { idText } from './id-text.ts';
import { nameText } from './name-text.ts';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

const NODE_KEYS: readonly string[] = ['id', 'address', 'target', 'alias', 'priority', 'vantage', 'agent', 'weight'];

const ATTRIBUTES_MAX = 32;
/** A node of less than a hundredth of another is better left out. */
const WEIGHT_MAX = 100;
const PRIORITY_BOUND = 1_000_000;

const aliasSchema = strictKeys({
  hostedZoneId: z
    .string()
    .regex(/^[A-Z0-9]{1,32}$/, { error: () => 'expected the id of a hosted zone, such as Z2FDTNDATAQYW2' })
    .meta({ description: 'hosted zone of the target; that of its service where AWS names it' }),
  dnsName: nameText.meta({ description: 'name of the target', examples: ['d111111abcdef8.cloudfront.net'] }),
  types: z
    .array(z.enum(['A', 'AAAA']))
    .min(1)
    .max(2)
    .default(['A'])
    .meta({ description: 'record types for which the target has addresses' }),
}).meta({ id: 'AliasTarget', description: 'A target that Route 53 answers for the name (provider `route53`)' });

export const nodeSchema = z
  .object({
    id: idText.meta({ description: 'id, unique in the service' }),
    address: addressText.optional().meta({
      description: 'address that goes into DNS; the same family as clients use. A node has this, `target` or `alias`',
    }),
    target: nameText.optional().meta({
      description:
        'name that is published as a CNAME in place of an address, such as that of a load balancer; then every node has one, and `{address}` is this name',
    }),
    alias: aliasSchema.optional().meta({
      description: 'target of Route 53 that is published as an alias in place of an address; `{address}` is its name',
    }),
    priority: z.int().min(-PRIORITY_BOUND).max(PRIORITY_BOUND).optional().meta({
      description: 'lower is preferred; 0 or less is never chosen [position in the list, from 1]',
    }),
    vantage: idText.optional().meta({
      description: 'where the node is, named as the probers name their places; candidates are chosen by it [unknown]',
    }),
    weight: z.int().min(1).max(WEIGHT_MAX).optional().meta({
      description:
        'active-active: share of the answers against the other nodes; needs a record of provider `builtin` or of kind `route53` [1]',
    }),
    agent: idText.optional().meta({
      description: 'name of the agent of this node, where the service has `agent` [its id]',
    }),
  })
  .catchall(wordText.meta({ description: 'any other key is an attribute of one word, used as `{node.<key>}`' }))
  .superRefine((node, context) => {
    const published = ['address', 'target', 'alias'].filter((key) => key in node);
    const [, second] = published;
    if (published.length === 0) {
      const params = { remedy: 'Add address, target or alias' };
      const message = 'a node needs something that goes into DNS';
      context.addIssue({ code: 'custom', path: ['address'], message, params });
      // What is there instead may be the mistyped key, and is named by the message above.
      return;
    }
    if (second !== undefined) {
      const message = `a node publishes ${published.join(' or ')}, not both`;
      const params = { remedy: 'Keep one; another host for checks can be an attribute such as {node.internal}' };
      context.addIssue({ code: 'custom', path: [second], message, params });
    }
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
