// The valid file of the config fixtures, changed in one place or more: tests say what differs and nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Config } from '../../src/config/config.ts';
import { formatProblems } from '../../src/config/format-problems.ts';
import { type ParseOptions, parseConfig } from '../../src/config/parse-config.ts';
import { configInput } from './config-input.ts';

/** Each change must find its text, or the test would prove nothing. */
export function configText(...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = readFileSync(new URL('../unit/config/valid.yaml', import.meta.url), 'utf8');
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `the valid file does not hold ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

/** The Config of a text that must be accepted. */
export function acceptedConfig(text: string, options: Partial<ParseOptions> = {}): Config {
  const parsed = parseConfig(text, { ...configInput('oneup.yaml'), ...options });
  assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
  return parsed.value.config;
}

/** The messages of a text that must be refused. */
export function refusal(text: string, options: Partial<ParseOptions> = {}): string {
  const parsed = parseConfig(text, { ...configInput('oneup.yaml'), ...options });
  assert.ok(!parsed.ok, 'the text was accepted');
  return formatProblems(parsed.error);
}
