// The serial that a server answers for a zone, asked by dig as an administrator does.
import assert from 'node:assert/strict';
import { runProgram } from '../servers/database-process.ts';

export function askSerial(port: number, zone: string): number {
  const text = runProgram('dig', ['+short', '+tcp', '-p', String(port), '@127.0.0.1', zone, 'SOA']);
  const serial = Number(text.split(' ')[2]);
  assert.ok(Number.isInteger(serial), text);
  return serial;
}
