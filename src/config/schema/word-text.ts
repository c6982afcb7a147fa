// A word that stays as it was written though YAML would read it as a number or as true: `[sleep, 010]`, `PORT: 8080`.
// yaml-tree keeps the written form of such places; the JSON schema of editors must allow it too.
import * as z from 'zod';

export const wordText = z
  .string({ error: () => 'expected a word' })
  .meta({ title: 'word', type: ['string', 'number', 'boolean'] });
