// The command of an action that runs one; an action of another kind ends the test.
import assert from 'node:assert/strict';
import type { Command } from '../../src/config/command-config.ts';
import type { ActionConfig } from '../../src/config/config.ts';

export function commandOf(action: ActionConfig | null | undefined): Command {
  assert.ok(action?.driver === 'exec' || action?.driver === 'ssh', 'the action runs no command');
  return action.command;
}
