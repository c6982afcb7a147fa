// The door for the file of an agent, apart from that of the cluster's configuration: an agent loads none of what that one needs.
import { dirname, resolve } from 'node:path';
import { err, type Result } from '../base/result.ts';
import { type AgentFile, parseAgentFile } from './agent-file.ts';
import type { ConfigProblem } from './config-problem.ts';
import { readBounded, SECRET_FILE_MAX_OCTETS, unreadable } from './read-file.ts';

/** A screenful; what is longer was named by mistake. */
const AGENT_FILE_MAX_OCTETS = 1_048_576;

/** Reads and parses the file of an agent. Blocks while it reads; safe to repeat. */
export function loadAgentFile(fileName: string): Result<AgentFile, readonly ConfigProblem[]> {
  const file = readBounded(resolve(fileName), AGENT_FILE_MAX_OCTETS);
  if (!file.ok) return err([unreadable(fileName, file.error)]);
  return parseAgentFile(file.value.text, {
    fileName,
    baseDir: dirname(resolve(fileName)),
    env: process.env,
    readFile: (path) => readBounded(path, SECRET_FILE_MAX_OCTETS),
  });
}
