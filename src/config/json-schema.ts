// The schema of the file as JSON Schema, for editors and for the reference. It describes what people write, before
// defaults and placeholders; what only oneup can judge (durations, names, cross-checks) is text there.
import * as z from 'zod';
import type { Json } from '../base/json.ts';
import { configSchema } from './schema/config-schema.ts';

/** Draft 7, because that is what editors of YAML understand. */
export function configJsonSchema(): Json {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
  return { title: 'oneup configuration', ...(schema as { readonly [key: string]: Json }) };
}
